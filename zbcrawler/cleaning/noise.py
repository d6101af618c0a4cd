"""Finds the noise in a body: single elements by the rule table, then what only its place betrays."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from lxml.etree import XPath
from lxml.html import builder

from zbcrawler.cleaning.links import embed_address, picture_address
from zbcrawler.cleaning.related import take_related
from zbcrawler.cleaning.rules import RULES, Rule
from zbcrawler.common.errors import BodyError
from zbcrawler.common.text import drop_unprintable, letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lxml.html import HtmlElement

_BY_TAG = {tag: rule for rule in RULES for tag in rule.tags}
_BY_ID = {name: rule for rule in RULES for name in rule.ids}
_BY_CLASS = {name: rule for rule in RULES for name in rule.classes}
_BY_PICTURE_CLASS = {name: rule for rule in RULES for name in rule.picture_classes}
_BY_PREFIX = tuple((prefix, rule) for rule in RULES for prefix in rule.id_prefixes)
_BY_LINK = tuple((piece, rule) for rule in RULES for piece in rule.links)
_BY_SOURCE = tuple((piece, rule) for rule in RULES for piece in rule.sources)

_BY_SENTENCE = {sentence: rule for rule in RULES for sentence in rule.sentences}
# No heading or sentence that is looked for is longer (in letters).
_LONGEST = max(map(len, _BY_SENTENCE))
_KEYWORDS = next(rule for rule in RULES if rule.name == "keywords")
_KEYWORD_LINK = "/keywords/"

# An icon whose alt text is all that marks it (misspelt on the site).
_ICON_ALT = "expend icon"
_WIDGET = next(rule for rule in RULES if rule.name == "widget")

# Every heading and every sentence that is looked for has one of these in one piece.
_MARKS = ("阅", "订户专享", "面簿", "热词", "关键词")

_PICTURES = frozenset("img amp-img picture".split())
_PLAYERS = frozenset("iframe amp-iframe video video-js audio embed".split())
_SEEN = _PICTURES | _PLAYERS | {"hr"}

# How often elements may be looked at once more, for their surroundings: far more often than any story
# needs. Only a page made to be hard comes to the end of it.
_LOOKS = 200_000
_LOOKS_PER_ELEMENT = 10


class Noise(dict):
    """The elements of a body to drop: ``{element: rule}``."""

    def __init__(self, roots: Iterable[HtmlElement], known: Mapping[HtmlElement, Rule]) -> None:
        """Find the noise.

        :param known: what is noise whatever the rules say
        """
        super().__init__(known)
        # Kept, because lxml makes an element's Python object anew whenever nobody holds it.
        self._elements: list[HtmlElement] = []
        self._short: dict[HtmlElement, str | None] = {}
        self._looks = _LOOKS
        for root in roots:
            self._read(root)

    def _read(self, root: HtmlElement) -> None:
        elements = list(root.iter())
        self._elements += elements
        self._looks += _LOOKS_PER_ELEMENT * len(elements)
        for element in elements:
            # Most are of a harmless name and have no attribute at all.
            if (element.tag in _BY_TAG or element.keys()) and (rule := rule_for(element)):
                self[element] = rule
        self._take_boxes(root)
        # Backwards, so that a heading above another one finds nothing left under it.
        for owner, before in reversed(_suspects(root)):
            self._take_sentence(root, owner, before)
            self._take_keywords(root, owner)
            take_related(self, root, owner, before)

    # -- a box whose only content is noise and its labels ------------------------------------

    def _take_boxes(self, root: HtmlElement) -> None:
        for element, rule in list(self.items()):
            if rule.picture_classes and element.tag == "img" and element.getparent().tag == "a":
                self[element.getparent()] = rule  # whatever the campaign writes beside its picture
            if rule.labels or (rule is _WIDGET and element.tag == "img"):
                links = _KEYWORD_LINK if rule is _WIDGET else None
                box = element.getparent()
                while box is not None and box is not root and self._is_box(box, rule.labels, links):
                    self[box] = rule
                    box = box.getparent()

    def _is_box(self, box: HtmlElement, labels: frozenset[str], links: str | None) -> bool:
        only_labels = all(said in labels for text in self.words(box, links) if (said := letters(text)))
        return only_labels and not self.shows(box)

    # -- the site's own words -------------------------------------------------------------------

    def _take_sentence(self, root: HtmlElement, owner: HtmlElement, before: HtmlElement | None) -> None:
        if rule := _BY_SENTENCE.get(letters((owner.text if before is None else before.tail) or "")):
            self[_framed(owner, before)] = rule  # its own element, if any, may hold more
        while owner is not root and (said := self.short(owner)) is not None:
            if rule := _BY_SENTENCE.get(said):
                self[owner] = rule
            owner = owner.getparent()

    def _take_keywords(self, root: HtmlElement, owner: HtmlElement) -> None:
        """A label such as 热词 with links to keywords and nothing else."""
        while owner is not root and self._is_box(owner, _KEYWORDS.labels, _KEYWORD_LINK):
            if any(_is_link(link, _KEYWORD_LINK) for link in owner.iter("a")):
                self[owner] = _KEYWORDS
            owner = owner.getparent()

    # -- looking into an element --------------------------------------------------------------

    def is_blank(self, element: HtmlElement) -> bool:
        """Whether a reader sees nothing of ``element``."""
        return not self.shows(element) and not self.says(element)

    def says(self, element: HtmlElement, links: str | None = None) -> bool:
        """Whether ``element`` has words, outside noise and outside links to ``links``."""
        return any(letters(text) for text in self.words(element, links))

    def words(self, element: HtmlElement, links: str | None = None) -> Iterator[str]:
        """Yield the pieces of text in ``element``, in order, outside noise and outside links to ``links``."""
        waiting: list[HtmlElement | str] = [element]
        while waiting:
            item = waiting.pop()
            if isinstance(item, str):
                yield item
            elif self._counts(item, links):
                for child in item.iterchildren(reversed=True):
                    waiting += [child.tail, child] if child.tail else [child]
                if item.text:
                    yield item.text

    def shows(self, element: HtmlElement, links: str | None = None) -> bool:
        """Whether ``element`` shows something besides text, outside noise and links."""
        waiting = [element]
        while waiting:
            item = waiting.pop()
            if self._counts(item, links):
                if item.tag in _SEEN and not _is_empty(item):
                    return True
                waiting += item
        return False

    def short(self, element: HtmlElement) -> str | None:
        """Return the letters of ``element``, None if there are more than any heading or sentence has."""
        if element not in self._short:
            said = ""
            for text in self.words(element):
                said += letters(text)
                if len(said) > _LONGEST:
                    break
            self._short[element] = said if len(said) <= _LONGEST else None
        return self._short[element]

    def spend_budget(self, times: int = 1) -> None:
        """To be called wherever elements are looked at once more.

        :raises BodyError: if that has become too often for any real body
        """
        self._looks -= times
        if self._looks < 0:
            raise BodyError("the body is too laborious to be a story's")

    def _counts(self, element: HtmlElement, links: str | None) -> bool:
        self.spend_budget(1 + len(element))
        return element not in self and isinstance(element.tag, str) and not _is_link(element, links)

    def holds(self, element: HtmlElement | None, root: HtmlElement) -> bool:
        """Whether ``element`` is noise, or lies in some, up to ``root``."""
        while element is not None:
            self.spend_budget()
            if element in self:
                return True
            if element is root:
                return False
            element = element.getparent()
        return False


def _is_empty(element: HtmlElement) -> bool:
    """Whether nothing comes of a picture or a player, because it does not say of which file."""
    if element.tag in _PICTURES:
        return picture_address(element) is None
    return element.tag in _PLAYERS and embed_address(element) is None


def rule_for(element: HtmlElement) -> Rule | None:
    """Return the rule that drops this very element, None if none does."""
    tag = element.tag
    if rule := _BY_TAG.get(tag):
        return rule
    if name := element.get("id"):
        if rule := _BY_ID.get(name):
            return rule
        for prefix, rule in _BY_PREFIX:
            if name.startswith(prefix):
                return rule
    if names := element.get("class"):
        for name in names.split():
            if rule := _BY_CLASS.get(name):
                return rule
    if tag == "a":
        return _containing(_BY_LINK, element.get("href"))
    if tag in {"img", "iframe"}:
        return _rule_for_source(element)
    return None


def _rule_for_source(element: HtmlElement) -> Rule | None:
    if element.get("alt") == _ICON_ALT:
        return _WIDGET
    if names := element.get("class"):
        for name in names.split():
            if rule := _BY_PICTURE_CLASS.get(name):
                return rule
    return _containing(_BY_SOURCE, element.get("src")) or _containing(_BY_SOURCE, element.get("data-src"))


def _framed(owner: HtmlElement, before: HtmlElement | None) -> HtmlElement:
    """Return the text of ``owner``, or that behind its child ``before``, in an element of its own."""
    frame = builder.E.span()
    if before is None:
        text, owner.text = owner.text, None
        owner.insert(0, frame)
    else:
        text, before.tail = before.tail, None
        before.addnext(frame)
    frame.text = drop_unprintable(text)  # lxml refuses control characters
    return frame


def _suspects(root: HtmlElement) -> list[tuple[HtmlElement, HtmlElement | None]]:
    """The texts that may be the site's own words: the element that each stands in, and its child before the text."""
    said = root.text_content()
    marks = [mark for mark in _MARKS if mark in said]
    beside = [(text.getparent(), text.is_tail) for text in _texts_with(*marks)(root)] if marks else ()
    return [(element.getparent(), element) if is_tail else (element, None) for element, is_tail in beside]


@lru_cache
def _texts_with(*marks: str) -> XPath:
    return XPath(f"descendant::text()[{' or '.join(f'contains(., {mark!r})' for mark in marks)}]")


def _containing(table: tuple[tuple[str, Rule], ...], value: str | None) -> Rule | None:
    if value:
        for piece, rule in table:
            if piece in value:
                return rule
    return None


def _is_link(element: HtmlElement, piece: str | None) -> bool:
    href = element.get("href") if piece is not None and element.tag == "a" else None
    return bool(href) and piece in href
