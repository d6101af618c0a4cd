"""Find related stories: the heading 延伸阅读, 推荐阅读 or 相关阅读, and the links under it.

The words alone prove nothing: they may stand in a sentence, or above a paragraph. A heading is a line
of its own. It is dropped with its links if only links follow it, or nothing at all. Adverts and
empty paragraphs may stand between (site-layouts 3.4 and 7a).
"""

from __future__ import annotations

from lxml.html import HtmlElement

from zbcrawler.cleaning.noise import Noise
from zbcrawler.cleaning.rules import RELATED_HEADINGS, rule_named
from zbcrawler.common.text import letters

_RELATED = rule_named("related")
_INLINE = frozenset("a b strong i em u span font sub sup".split())
_CONTAINERS = frozenset("div section article main aside html body td blockquote figure".split())
_WRAPPERS = frozenset("div section article main center".split())
# Elements that a post keeps: a heading at the end of one does not belong to what follows the element.
_KEPT = frozenset("blockquote ul ol li table caption thead tbody tfoot tr td th figcaption pre".split())


def take_related(noise: Noise, root: HtmlElement, owner: HtmlElement, before: HtmlElement | None) -> None:
    """Add a heading and its links to ``noise``, if a text of ``root`` is such a heading.

    :param owner: the element around the text
    :param before: the child of ``owner`` before the text, None for its first text
    """
    if noise.holds(owner, root):
        return
    search = _Search(noise, root)
    text = owner.text if before is None else before.tail
    if letters(text or "") in RELATED_HEADINGS:
        following = before.getnext() if before is not None else owner[0] if len(owner) else None
        found = search.run(owner, before, following)
    else:
        heading = _heading_in_pieces(noise, owner, root)
        if heading is None:
            return
        search.take_heading(heading)
        found = search.run(heading.getparent(), heading, heading.getnext())
    if not found:
        return
    if before is None and owner not in search.taken:
        owner.text = None
    elif before is not None and before not in search.taken and letters(before.tail or "") in RELATED_HEADINGS:
        before.tail = None
    noise.update(dict.fromkeys(search.taken, _RELATED))


def _heading_in_pieces(noise: Noise, element: HtmlElement, root: HtmlElement) -> HtmlElement | None:
    # <strong>延伸</strong><strong>阅读</strong>
    while element is not None and element is not root and (words := noise.short_letters(element)) is not None:
        if words in RELATED_HEADINGS:
            return element
        element = element.getparent()
    return None


class _Search:
    def __init__(self, noise: Noise, root: HtmlElement) -> None:
        self.noise = noise
        self.root = root
        self.taken: dict[HtmlElement, None] = {}  # a set that keeps its order
        self.links = 0
        self.is_block = False  # whether the heading is a block, so no part of a sentence or a line

    def take_heading(self, element: HtmlElement) -> None:
        self.taken[element] = None
        self.is_block = self.is_block or element.tag not in _INLINE

    def run(self, owner: HtmlElement, before: HtmlElement | None, following: HtmlElement | None) -> bool:
        """Follow the text from ``following`` on, outwards from ``owner``; return whether ``taken`` is a related list.

        :param before: the element in front of the heading, or the heading itself if it is in ``taken``
        """
        begins_a_line = None  # not known until something is found in front of the heading
        while True:
            stopped = self._take_links(following)
            if stopped and not self.is_block and owner is not self.root and owner.tag not in _CONTAINERS:
                return False  # its own paragraph goes on with more than links: a sentence
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
                        self._take_links(element[0])  # the links may be the first thing in it
                    return True
                is_link = True
            if letters(element.tail or ""):
                if is_link and element.tag not in _INLINE:
                    self._take(element)  # words behind an inline link make it part of a sentence
                return True
            if is_link:
                self._take(element)
            element = element.getnext()
        return False

    def _take(self, element: HtmlElement) -> None:
        self.taken[element] = None
        self.links += 1

    def _is_only_links(self, element: HtmlElement) -> bool:
        if self.noise.has_words(element, "") or self.noise.has_media(element, ""):
            return False
        links = [link for link in element.iter("a") if link.get("href")]
        # A link with its own address as text stands for a player.
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
            if child is before:
                return False
            if letters(child.tail or ""):
                return True
        return False

    def _begins_a_line(self, owner: HtmlElement, before: HtmlElement) -> bool:
        if self.is_block:
            return True
        if before in self.taken:
            previous = before.getprevious()
            between = owner.text if previous is None else previous.tail
            if letters(between or ""):
                return False
        else:
            previous = before
        return previous is None or previous.tag not in _INLINE or not self.noise.has_words(previous)
