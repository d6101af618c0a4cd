"""Find related stories in a body: a heading, and the links to other stories under it.

The heading is 延伸阅读, 推荐阅读 or 相关阅读. The words alone prove nothing:
they may be part of a sentence, or stand above a paragraph. A heading is a line of its own. A heading is dropped with
its links if only links follow, or nothing. Adverts and empty paragraphs may stand between (site-layouts 3.4 and 7a).
React's template puts the block among the paragraphs, with a picture for most links (site-layouts 4.2).
"""

from __future__ import annotations

from lxml.html import HtmlElement

from zbcrawler.cleaning.noise import INLINE, SENTENCE_ENDS, Noise, text_after, wrap_text
from zbcrawler.cleaning.noise_rules import BY_NAME, RELATED_HEADINGS
from zbcrawler.common.text import letters

_CONTAINERS = frozenset("div section article main aside html body td blockquote figure".split())
_WRAPPERS = frozenset("div section article main center".split())
# Elements that a post keeps: a heading at the end of one does not belong to what follows the element.
_KEPT = frozenset("blockquote ul ol li table caption thead tbody tfoot tr td th figcaption pre".split())


def add_related(noise: Noise, root: HtmlElement, owner: HtmlElement, before: HtmlElement | None) -> None:
    """Add a heading of related stories and its links to the noise, if the text belongs to such a heading."""
    if noise.holds(owner, root):
        return
    if letters(text_after(before, owner)) in RELATED_HEADINGS:
        heading = wrap_text(owner, before)
    elif (heading := _heading_in_pieces(noise, owner, root)) is None:
        return
    search = _RelatedSearch(noise, root)
    if search.run(heading):
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
        self.titles: set[str] = set()  # the letters of the titles of the links that were taken
        self.is_block = False  # whether the heading is a block of its own, not part of a line

    def take_heading(self, element: HtmlElement) -> None:
        self.taken[element] = None
        self.is_block = self.is_block or element.tag not in INLINE

    def run(self, heading: HtmlElement) -> bool:
        """Follow the text behind the heading, then around it; return whether ``taken`` is a related list."""
        self.take_heading(heading)
        owner, following = heading.getparent(), heading.getnext()
        begins_a_line = None  # not known until something is found in front of the heading
        while True:
            stopped = self._take_links(following)
            if stopped and not self.is_block and owner is not self.root and owner.tag not in _CONTAINERS:
                return False  # the paragraph goes on with words, so the heading is part of a sentence
            if stopped or owner is self.root:
                break
            if begins_a_line is None and self._has_words_before(heading):
                begins_a_line = self._begins_a_line(heading)
            if begins_a_line is None:
                # This element holds only the heading and the links so far.
                self.take_heading(owner)
                heading = owner
            elif owner.tag in _KEPT:
                break
            else:  # the heading ends this element, so the links may stand behind the element
                self.is_block = self.is_block or owner.tag not in INLINE
            if letters(owner.tail or ""):
                stopped = True
                break
            following, owner = owner.getnext(), owner.getparent()
        if not self.links and (stopped or owner is not self.root):
            return False
        return self._begins_a_line(heading) if begins_a_line is None else begins_a_line

    def _take_links(self, element: HtmlElement | None) -> bool:
        """Take the siblings from ``element`` on that hold only links; return whether anything else follows them."""
        while element is not None:
            self.noise.spend_budget()
            is_link = False
            if element not in self.noise and isinstance(element.tag, str) and not self.noise.is_blank(element):
                if not (self._is_only_links(element) or self._is_thumbnail(element)):
                    if element.tag in _WRAPPERS and len(element) and not letters(element.text or ""):
                        self._take_links(element[0])  # the wrapper may begin with the links
                    return True
                is_link = True
            ends = bool(letters(element.tail or ""))
            # Words behind an inline link make it part of a sentence.
            if is_link and not (ends and element.tag in INLINE):
                self.taken[element] = None
                self.titles |= _titles_in(element)
                self.links += 1
            if ends:
                return True
            element = element.getnext()
        return False

    def _is_only_links(self, element: HtmlElement, titles: frozenset[str] = frozenset()) -> bool:
        """Whether an element holds links, and besides them only repeats the titles of these, or of others."""
        outside = list(self.noise.texts(element, ""))
        words = [text for text in map(letters, outside) if text]
        pictures = list(self.noise.media(element, ""))
        links = [link for link in element.iter("a") if link.get("href")]
        # A sentence may consist of links, but no title has a full stop outside its link.
        if "".join(outside).rstrip().endswith(SENTENCE_ENDS):
            return False
        if words or pictures:
            titles = titles | self.titles | _titles_in(element)
            if not titles.issuperset([*words, *(letters(picture.get("alt") or "") for picture in pictures)]):
                return False
        # A link whose text is its own address stands in place of a player.
        return bool(links or titles) and not any(link.text_content().strip() == link.get("href") for link in links)

    def _is_thumbnail(self, element: HtmlElement) -> bool:
        """Whether an element is the picture of the link behind it, known by the title in its ``alt``."""
        following = element.getnext()
        while following is not None and self.noise.is_blank(following):
            following = following.getnext()
        if following is None or not self.noise.has_media(element) or not self._is_only_links(following):
            return False
        return self._is_only_links(element, _titles_in(following))

    def _has_words_before(self, heading: HtmlElement) -> bool:
        before = list(heading.itersiblings(preceding=True))
        self.noise.spend_budget(len(before))
        is_seen = any(letters(one.tail or "") or not self.noise.is_blank(one) for one in before)
        return is_seen or bool(letters(heading.getparent().text or ""))

    def _begins_a_line(self, heading: HtmlElement) -> bool:
        previous = heading.getprevious()
        if self.is_block:
            return True
        if letters(text_after(previous, heading.getparent())):
            return False
        return previous is None or previous.tag not in INLINE or not self.noise.has_words(previous)


def _titles_in(element: HtmlElement) -> frozenset[str]:
    """Return the letters of each link's words, and of the ``alt`` of each picture in a link."""
    links = [link for link in element.iter("a") if link.get("href")]
    words = [link.text_content() for link in links]
    words += [picture.get("alt") or "" for link in links for picture in link.iter("img")]
    return frozenset(filter(None, map(letters, words)))
