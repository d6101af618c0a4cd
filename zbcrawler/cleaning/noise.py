"""The noise in a body, and what a reader sees of an element when the noise is dropped."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lxml.html import HtmlElement, builder

from zbcrawler.cleaning.links import embed_address, picture_address
from zbcrawler.cleaning.noise_rules import LONGEST_SENTENCE, Rule
from zbcrawler.common.errors import BodyError
from zbcrawler.common.markup import drop_refused
from zbcrawler.common.text import letters

PICTURES = ("img", "amp-img", "picture")
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
        return not any(letters(one) if isinstance(one, str) else _is_media(one) for one in self._pieces(element))

    def texts(self, element: HtmlElement, links: str | None = None) -> Iterator[str]:
        """Yield the pieces of text in ``element``, in order, outside noise and outside links to ``links``."""
        return (piece for piece in self._pieces(element, links) if isinstance(piece, str))

    def media(self, element: HtmlElement, links: str | None = None) -> Iterator[HtmlElement]:
        """Yield what ``element`` shows besides text, likewise."""
        return (piece for piece in self._pieces(element, links) if not isinstance(piece, str) and _is_media(piece))

    def has_media(self, element: HtmlElement) -> bool:
        return next(self.media(element), None) is not None

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

    def _pieces(self, element: HtmlElement, links: str | None = None) -> Iterator[HtmlElement | str]:
        waiting: list[HtmlElement | str] = [element]
        while waiting:
            piece = waiting.pop()
            if not isinstance(piece, str):
                self.spend_budget(1 + len(piece))
                if piece in self or not isinstance(piece.tag, str) or is_link(piece, links):
                    continue
                for child in piece.iterchildren(reversed=True):
                    waiting += [child.tail, child] if child.tail else [child]
                if piece.text:
                    waiting.append(piece.text)
            yield piece


def is_link(element: HtmlElement, piece: str | None) -> bool:
    """Whether ``element`` is a link whose address holds ``piece``; None for no link at all."""
    return piece is not None and element.tag == "a" and bool(href := element.get("href")) and piece in href


def _is_media(element: HtmlElement) -> bool:
    # A picture or a player that names no file shows nothing.
    if element.tag in PICTURES:
        return picture_address(element) is not None
    return element.tag == "hr" or (element.tag in _PLAYERS and embed_address(element) is not None)


class LooseText(NamedTuple):
    """A text that stands directly in an element: at its beginning, or behind its child ``before``."""

    owner: HtmlElement
    before: HtmlElement | None

    @property
    def text(self) -> str:
        return (self.owner.text if self.before is None else self.before.tail) or ""

    def wrap(self) -> HtmlElement:
        frame: HtmlElement = builder.E.span(drop_refused(self.text))
        if self.before is None:
            self.owner.text = None
            self.owner.insert(0, frame)
        else:
            self.before.tail = None
            self.before.addnext(frame)
        return frame
