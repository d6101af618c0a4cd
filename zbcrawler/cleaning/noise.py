"""Finds the noise in a body: single elements by the rule table, then what only its place betrays."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zbcrawler.cleaning.related import take_related
from zbcrawler.cleaning.rules import PAYWALL_SENTENCES, RULES, Rule
from zbcrawler.cleaning.text import letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.html import HtmlElement

_BY_TAG = {tag: rule for rule in RULES for tag in rule.tags}
_BY_ID = {name: rule for rule in RULES for name in rule.ids}
_BY_CLASS = {name: rule for rule in RULES for name in rule.classes}
_BY_PREFIX = tuple((prefix, rule) for rule in RULES for prefix in rule.id_prefixes)
_BY_LINK = tuple((piece, rule) for rule in RULES for piece in rule.links)
_BY_SOURCE = tuple((piece, rule) for rule in RULES for piece in rule.sources)

_PAYWALL = next(rule for rule in RULES if rule.name == "paywall")
_LONGEST_SENTENCE = max(map(len, PAYWALL_SENTENCES))
# Every heading and sentence that is looked for holds one of these.
_SUSPECT = re.compile("阅读|订户专享")

# An icon whose alt text is all that marks it (misspelt on the site).
_ICON_ALT = "expend icon"
_WIDGET = next(rule for rule in RULES if rule.name == "widget")

_SEEN = frozenset({"img", "picture", "iframe", "video", "video-js", "audio", "embed", "table", "hr"})


class Noise(dict):
    """The elements of a body to drop: ``{element: rule}``."""

    def __init__(self, roots: Iterable[HtmlElement]) -> None:
        super().__init__()
        for root in roots:
            suspects = []
            for element in root.iter():
                if isinstance(element.tag, str):
                    if rule := rule_for(element):
                        self[element] = rule
                    if element.text and _SUSPECT.search(element.text):
                        suspects.append((element, None))
                if element.tail and element is not root and _SUSPECT.search(element.tail):
                    suspects.append((element.getparent(), element))
            self._take_boxes(root)
            for owner, before in suspects:
                self._take_paywall(root, owner)
                take_related(self, root, owner, before)

    # -- a box whose only content is noise and its labels ------------------------------------

    def _take_boxes(self, root: HtmlElement) -> None:
        for element, rule in list(self.items()):
            if rule.labels or (rule is _WIDGET and element.tag == "img"):
                links = "/keywords/" if rule is _WIDGET else None
                box = element.getparent()
                while box is not None and box is not root and self._is_box(box, rule.labels, links):
                    self[box] = rule
                    box = box.getparent()

    def _is_box(self, box: HtmlElement, labels: frozenset[str], links: str | None) -> bool:
        pieces = {letters(text) for text in self.words(box, links)} - {""}
        return pieces <= labels and not self.shows(box)

    # -- the paywall's own words ----------------------------------------------------------------

    def _take_paywall(self, root: HtmlElement, owner: HtmlElement) -> None:
        while owner is not root:
            said = letters(owner.text_content())
            if said in PAYWALL_SENTENCES:
                self[owner] = _PAYWALL
            elif len(said) > _LONGEST_SENTENCE:
                return
            owner = owner.getparent()

    # -- looking into an element --------------------------------------------------------------

    def is_blank(self, element: HtmlElement) -> bool:
        """Whether a reader sees nothing of ``element``."""
        return not self.shows(element) and not self.says(element)

    def says(self, element: HtmlElement, links: str | None = None) -> bool:
        """Whether ``element`` has words, outside noise and outside links to ``links``."""
        return any(letters(text) for text in self.words(element, links))

    def words(self, element: HtmlElement, links: str | None = None) -> Iterator[str]:
        """The pieces of text in ``element``, outside noise and outside links to ``links``."""
        if element in self or not isinstance(element.tag, str) or _is_link(element, links):
            return
        if element.text:
            yield element.text
        for child in element:
            yield from self.words(child, links)
            if child.tail:
                yield child.tail

    def shows(self, element: HtmlElement, links: str | None = None) -> bool:
        """Whether ``element`` shows something besides text, outside noise and links."""
        if element in self or not isinstance(element.tag, str) or _is_link(element, links):
            return False
        return element.tag in _SEEN or any(self.shows(child, links) for child in element)

    def holds(self, element: HtmlElement | None, root: HtmlElement) -> bool:
        """Whether ``element`` is noise, or lies in some, up to ``root``."""
        while element is not None:
            if element in self:
                return True
            if element is root:
                return False
            element = element.getparent()
        return False


def rule_for(element: HtmlElement) -> Rule | None:
    """The rule that drops this very element, None if none does."""
    tag = element.tag
    if rule := _BY_TAG.get(tag):
        return rule
    attributes = element.attrib
    if not attributes:
        return None
    if name := attributes.get("id"):
        if rule := _BY_ID.get(name):
            return rule
        for prefix, rule in _BY_PREFIX:
            if name.startswith(prefix):
                return rule
    if names := attributes.get("class"):
        for name in names.split():
            if rule := _BY_CLASS.get(name):
                return rule
    if tag == "a":
        return _containing(_BY_LINK, attributes.get("href"))
    if tag in {"img", "iframe"}:
        if attributes.get("alt") == _ICON_ALT:
            return _WIDGET
        return _containing(_BY_SOURCE, attributes.get("src")) or _containing(_BY_SOURCE, attributes.get("data-src"))
    return None


def _containing(table: tuple[tuple[str, Rule], ...], value: str | None) -> Rule | None:
    if value:
        for piece, rule in table:
            if piece in value:
                return rule
    return None


def _is_link(element: HtmlElement, piece: str | None) -> bool:
    href = element.get("href") if piece is not None and element.tag == "a" else None
    return bool(href) and piece in href
