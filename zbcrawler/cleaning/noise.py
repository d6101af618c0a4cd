"""The noise in a body, and what a reader sees of an element when the noise is dropped."""

from collections.abc import Iterator, Mapping

from lxml.html import HtmlElement, builder

from zbcrawler.cleaning.links import embed_address, picture_address
from zbcrawler.cleaning.noise_rules import LONGEST_SENTENCE, Rule
from zbcrawler.common.errors import BodyError
from zbcrawler.common.markup import drop_refused
from zbcrawler.common.text import letters

_PICTURES = frozenset("img amp-img picture".split())
_PLAYERS = frozenset("iframe amp-iframe video video-js audio embed".split())

# How often the search may visit elements again to judge their surroundings. Only a hostile page uses the budget up.
_BUDGET = 200_000
_BUDGET_PER_ELEMENT = 10


class Noise(dict[HtmlElement, Rule]):
    """The elements of a body to drop, each with its rule, and questions about the other elements."""

    def __init__(self, known: Mapping[HtmlElement, Rule]) -> None:
        super().__init__(known)
        # Kept, because lxml makes a new Python object for an element when no reference to the old object is left.
        self._elements: list[HtmlElement] = []
        self._short_letters: dict[HtmlElement, str | None] = {}
        self._budget = _BUDGET

    def elements_of(self, root: HtmlElement) -> list[HtmlElement]:
        """Return all elements of a body; the larger a body, the more visits it may take."""
        elements = list(root.iter())
        self._elements += elements
        self._budget += _BUDGET_PER_ELEMENT * len(elements)
        return elements

    def spend_budget(self, times: int = 1) -> None:
        """Count repeated visits to elements; raise BodyError if there were more than any real body needs."""
        self._budget -= times
        if self._budget < 0:
            raise BodyError("the body is too laborious to be a story's")

    def is_blank(self, element: HtmlElement) -> bool:
        """Whether a reader sees nothing of ``element``."""
        return not self.has_media(element) and not self.has_words(element)

    def has_words(self, element: HtmlElement) -> bool:
        """Whether ``element`` has words outside noise."""
        return any(map(letters, self.texts(element)))

    def texts(self, element: HtmlElement, links: str | None = None) -> Iterator[str]:
        """Yield the pieces of text in ``element``, in order, outside noise and outside links to ``links``."""
        waiting: list[HtmlElement | str] = [element]
        while waiting:
            item = waiting.pop()
            if isinstance(item, str):
                yield item
            elif self._is_readable(item, links):
                for child in item.iterchildren(reversed=True):
                    waiting += [child.tail, child] if child.tail else [child]
                if item.text:
                    yield item.text

    def has_media(self, element: HtmlElement) -> bool:
        """Whether ``element`` shows something besides text outside noise."""
        return next(self.media(element), None) is not None

    def media(self, element: HtmlElement, links: str | None = None) -> Iterator[HtmlElement]:
        """Yield what ``element`` shows besides text, likewise, in any order."""
        waiting = [element]
        while waiting:
            item = waiting.pop()
            if self._is_readable(item, links):
                if _is_media(item):
                    yield item
                waiting += item

    def short_letters(self, element: HtmlElement) -> str | None:
        """Return the letters of ``element``, None if it has more than any heading or sentence of the rules."""
        if element not in self._short_letters:
            found = ""
            for text in self.texts(element):
                found += letters(text)
                if len(found) > LONGEST_SENTENCE:
                    break
            self._short_letters[element] = found if len(found) <= LONGEST_SENTENCE else None
        return self._short_letters[element]

    def _is_readable(self, element: HtmlElement, links: str | None) -> bool:
        self.spend_budget(1 + len(element))
        return element not in self and isinstance(element.tag, str) and not is_link(element, links)


def is_link(element: HtmlElement, piece: str | None) -> bool:
    """Whether ``element`` is a link whose address holds ``piece``; None for no link at all."""
    return piece is not None and element.tag == "a" and bool(href := element.get("href")) and piece in href


def _is_media(element: HtmlElement) -> bool:
    # A picture or a player that names no file shows nothing.
    if element.tag in _PICTURES:
        return picture_address(element) is not None
    return element.tag == "hr" or (element.tag in _PLAYERS and embed_address(element) is not None)


def text_after(before: HtmlElement | None, owner: HtmlElement) -> str:
    """Return the text of ``owner``, or the text behind its child ``before``."""
    return (owner.text if before is None else before.tail) or ""


def wrap_text(owner: HtmlElement, before: HtmlElement | None) -> HtmlElement:
    """Put the text that :func:`text_after` returns into an element of its own."""
    frame: HtmlElement = builder.E.span(drop_refused(text_after(before, owner)))
    if before is None:
        owner.text = None
        owner.insert(0, frame)
    else:
        before.tail = None
        before.addnext(frame)
    return frame
