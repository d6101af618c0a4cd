"""Find the noise in a body: single elements by the rules, then noise that only its surroundings show.

Related stories are the heading 延伸阅读, 推荐阅读 or 相关阅读, and the links under it. The words alone prove nothing:
they may be part of a sentence, or stand above a paragraph. A heading is a line of its own. A heading is dropped with
its links if only links follow, or nothing. Adverts and empty paragraphs may stand between (site-layouts 3.4 and 7a).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from lxml.etree import XPath, tostring
from lxml.html import HtmlElement, builder

from zbcrawler.cleaning.noise import Noise, is_link
from zbcrawler.cleaning.noise_rules import BY_NAME, BY_SENTENCE, BY_TAG, RELATED_HEADINGS, Rule, rule_for
from zbcrawler.common.markup import drop_refused
from zbcrawler.common.text import letters

_KEYWORD_LINK = "/keywords/"

# Every heading and every sentence of the rules has one of these in one piece.
_CLUES = ("阅", "订户专享", "面簿", "热词", "关键词")

_INLINE = frozenset("a b strong i em u span font sub sup".split())
_CONTAINERS = frozenset("div section article main aside html body td blockquote figure".split())
_WRAPPERS = frozenset("div section article main center".split())
# Elements that a post keeps: a heading at the end of one does not belong to what follows the element.
_KEPT = frozenset("blockquote ul ol li table caption thead tbody tfoot tr td th figcaption pre".split())


def find_noise(roots: Iterable[HtmlElement], known: Mapping[HtmlElement, Rule]) -> Noise:
    """Return the noise in a body.

    :param known: elements that are noise, whatever the rules say
    :raises BodyError: if the body takes more steps than any real body
    """
    noise = Noise(known)
    for root in roots:
        for element in noise.elements_of(root):
            # Most elements have a harmless name and no attribute at all.
            if (element.tag in BY_TAG or element.keys()) and (rule := rule_for(element)):
                noise[element] = rule
        _add_boxes(noise, root)
        # Backwards: for a heading above another heading, the lower heading and its links are noise already.
        for owner, before in reversed(_texts_with_clues(root)):
            _add_sentence(noise, root, owner, before)
            _add_keywords(noise, root, owner)
            _add_related(noise, root, owner, before)
    return noise


def _add_boxes(noise: Noise, root: HtmlElement) -> None:
    """Add to the noise each box that holds nothing but noise and its labels."""
    for element, rule in list(noise.items()):
        if rule.picture_classes and element.tag == "img" and element.getparent().tag == "a":
            noise[element.getparent()] = rule  # with any text of the campaign beside its picture
        is_widget = rule is BY_NAME["widget"]
        if rule.labels or (is_widget and element.tag == "img"):
            box = element.getparent()
            while box not in (None, root) and _is_box(noise, box, rule, _KEYWORD_LINK if is_widget else None):
                noise[box] = rule
                box = box.getparent()


def _is_box(noise: Noise, box: HtmlElement, rule: Rule, links: str | None) -> bool:
    """Whether a box holds nothing but noise, links to ``links`` and the labels of a rule."""
    labels = rule.labels.split()
    only_labels = all(words in labels for text in noise.texts(box, links) if (words := letters(text)))
    return only_labels and not noise.has_media(box)


def _add_sentence(noise: Noise, root: HtmlElement, owner: HtmlElement, before: HtmlElement | None) -> None:
    """Add a sentence of the site's own to the noise; see :func:`_texts_with_clues` for ``owner`` and ``before``."""
    if rule := BY_SENTENCE.get(letters(_text_after(before, owner))):
        noise[_wrap_text(owner, before)] = rule  # the element around the text may hold more
    while owner is not root and (words := noise.short_letters(owner)) is not None:
        if rule := BY_SENTENCE.get(words):
            noise[owner] = rule
        owner = owner.getparent()


def _add_keywords(noise: Noise, root: HtmlElement, owner: HtmlElement) -> None:
    """Add to the noise a label such as 热词 with links to keywords and nothing else."""
    rule = BY_NAME["keywords"]
    while owner is not root and _is_box(noise, owner, rule, _KEYWORD_LINK):
        if any(is_link(link, _KEYWORD_LINK) for link in owner.iter("a")):
            noise[owner] = rule
        owner = owner.getparent()


def _wrap_text(owner: HtmlElement, before: HtmlElement | None) -> HtmlElement:
    """Put the text of ``owner``, or the text behind its child ``before``, into an element of its own."""
    frame: HtmlElement = builder.E.span(drop_refused(_text_after(before, owner)))
    if before is None:
        owner.text = None
        owner.insert(0, frame)
    else:
        before.tail = None
        before.addnext(frame)
    return frame


def _text_after(before: HtmlElement | None, owner: HtmlElement) -> str:
    return (owner.text if before is None else before.tail) or ""


def _texts_with_clues(root: HtmlElement) -> list[tuple[HtmlElement, HtmlElement | None]]:
    """Return each text that may be the site's own words, as its element and that element's child before the text."""
    content: str = tostring(root, method="text", encoding="unicode", with_tail=False)
    clues = [clue for clue in _CLUES if clue in content]
    found = [(text.getparent(), text.is_tail) for text in _texts_with(*clues)(root)] if clues else []
    return [(element.getparent(), element) if is_tail else (element, None) for element, is_tail in found]


@lru_cache
def _texts_with(*clues: str) -> Any:
    return XPath(f"descendant::text()[{' or '.join(f'contains(., {clue!r})' for clue in clues)}]")


def _add_related(noise: Noise, root: HtmlElement, owner: HtmlElement, before: HtmlElement | None) -> None:
    """Add a heading of related stories and its links to the noise, if the text belongs to such a heading."""
    if noise.holds(owner, root):
        return
    search = _RelatedSearch(noise, root)
    if letters(_text_after(before, owner)) in RELATED_HEADINGS:
        found = search.run(owner, before, before.getnext() if before is not None else next(iter(owner), None))
    elif (heading := _heading_in_pieces(noise, owner, root)) is not None:
        search.take_heading(heading)
        found = search.run(heading.getparent(), heading, heading.getnext())
    else:
        return
    if not found:
        return
    if before is None and owner not in search.taken:
        owner.text = None
    elif before is not None and before not in search.taken and letters(before.tail or "") in RELATED_HEADINGS:
        before.tail = None
    noise.update(dict.fromkeys(search.taken, BY_NAME["related"]))


def _heading_in_pieces(noise: Noise, element: HtmlElement, root: HtmlElement) -> HtmlElement | None:
    # <strong>延伸</strong><strong>阅读</strong>
    while element not in (None, root) and (words := noise.short_letters(element)) is not None:
        if words in RELATED_HEADINGS:
            return element
        element = element.getparent()
    return None


class _RelatedSearch:
    """The search for the links under one heading."""

    def __init__(self, noise: Noise, root: HtmlElement) -> None:
        self.noise = noise
        self.root = root
        self.taken: dict[HtmlElement, None] = {}  # a set that keeps its order
        self.links = 0
        self.is_block = False  # whether the heading is a block of its own, not part of a line

    def take_heading(self, element: HtmlElement) -> None:
        self.taken[element] = None
        self.is_block = self.is_block or element.tag not in _INLINE

    def run(self, owner: HtmlElement, before: HtmlElement | None, following: HtmlElement | None) -> bool:
        """Follow the text from ``following`` on, then around ``owner``; return whether ``taken`` is a related list.

        :param before: the element in front of the heading, or the heading itself if it is in ``taken``
        """
        begins_a_line = None  # not known until something is found in front of the heading
        while True:
            stopped = self._take_links(following)
            if stopped and not self.is_block and owner is not self.root and owner.tag not in _CONTAINERS:
                return False  # the paragraph goes on with words, so the heading is part of a sentence
            if stopped or owner is self.root:
                break
            if begins_a_line is None and self._has_words_before(owner, before):
                begins_a_line = self._begins_a_line(owner, before)
            if begins_a_line is None:
                # This element holds only the heading and the links so far.
                self.take_heading(owner)
                before = owner
            elif owner.tag in _KEPT:
                break
            else:  # the heading ends this element, so the links may stand behind the element
                self.is_block = self.is_block or owner.tag not in _INLINE
            if letters(owner.tail or ""):
                stopped = True
                break
            following, owner = owner.getnext(), owner.getparent()
        if not self.links and (stopped or owner is not self.root):
            return False
        if begins_a_line is None:
            begins_a_line = before is None or self._begins_a_line(owner, before)
        return begins_a_line

    def _take_links(self, element: HtmlElement | None) -> bool:
        """Take the siblings from ``element`` on that hold only links; return whether anything else follows them."""
        while element is not None:
            self.noise.spend_budget()
            is_link = False
            if element not in self.noise and isinstance(element.tag, str) and not self.noise.is_blank(element):
                if not self._is_only_links(element):
                    if element.tag in _WRAPPERS and len(element) and not letters(element.text or ""):
                        self._take_links(element[0])  # the wrapper may begin with the links
                    return True
                is_link = True
            ends = bool(letters(element.tail or ""))
            # Words behind an inline link make it part of a sentence.
            if is_link and not (ends and element.tag in _INLINE):
                self.taken[element] = None
                self.links += 1
            if ends:
                return True
            element = element.getnext()
        return False

    def _is_only_links(self, element: HtmlElement) -> bool:
        if self.noise.has_words(element, "") or self.noise.has_media(element, ""):
            return False
        links = [link for link in element.iter("a") if link.get("href")]
        # A link whose text is its own address stands in place of a player.
        return bool(links) and not any(link.text_content().strip() == link.get("href") for link in links)

    def _has_words_before(self, owner: HtmlElement, before: HtmlElement | None) -> bool:
        if before is None:
            return False
        if letters(owner.text or ""):
            return True
        for child in owner:
            self.noise.spend_budget()
            if child not in self.taken and not self.noise.is_blank(child):
                return True
            if child is before or letters(child.tail or ""):
                return child is not before
        return False

    def _begins_a_line(self, owner: HtmlElement, before: HtmlElement) -> bool:
        if self.is_block:
            return True
        previous = before
        if before in self.taken:
            previous = before.getprevious()
            if letters(_text_after(previous, owner)):
                return False
        return previous is None or previous.tag not in _INLINE or not self.noise.has_words(previous)
