"""What a React page shows between the headline and the text: the paywall's marker, a standfirst, the lead pictures.

The facts are from site-layouts, sections 4.2 and 8: the words and their order are known, the elements around them are
not. So everything here goes by words and places.
"""

import re
from functools import cached_property
from html import unescape
from itertools import pairwise
from typing import Any

from lxml.etree import XPath
from lxml.html import HtmlElement, builder

from zbcrawler.cleaning.noise_rules import BY_NAME
from zbcrawler.common.markup import drop_refused, parse_fragment
from zbcrawler.common.text import letters, one_line
from zbcrawler.editions.page import Page, all_of, first_of, framed, text_of

BODY = ".articleBody"
LEAD = "article button.w-full img, article .my-\\[16px\\].text-\\[14px\\] > img"

_MARKER = ("订户", "赠阅文章")
_SENTENCE_END = re.compile(r"[。！？…!?][”’」』）]?$")
# The site's own words: the announcement of 赠阅文章, the times, the byline, the sizes of the font.
_OWN_WORDS = re.compile(
    r"早报(?:(?!早报).)*(?:赠阅|VIP会员)|订户专享|^(?:发布|更新|文|作者|记者)\s*[/／：:]|^小\s*标准"
)
_TAG = re.compile(r"<[^<>]*>")
_FARTHEST = 50_000  # characters between the headline and the text; a real page has a few thousand

_SILENT = frozenset(BY_NAME["code"].tags.split())
_WORDS: Any = XPath(
    "descendant::text()[not(ancestor::svg or ancestor::script or ancestor::style)]", smart_strings=False
)
_CAPTIONS = frozenset({"div", "figcaption", "span"})


class PageTop:
    """The part of a page between the headline and the text, parsed by itself: most pages need no tree of the rest."""

    def __init__(self, page: Page) -> None:
        start = page.text.find("<article")
        headline = max(start, page.text.find("</h1", start, start + _FARTHEST))
        body = page.text.find(BODY[1:], headline, headline + _FARTHEST)
        end = page.text.find(">", body) + 1 if body >= 0 else headline + _FARTHEST
        self._top = page.text[start:end] if start >= 0 else ""
        written = self._top[headline - start :].partition(">")[2]  # without the headline
        self.words = letters(unescape(_TAG.sub("", written)))

    @cached_property
    def _tree(self) -> HtmlElement:
        return parse_fragment(self._top) if self.words or "<img" in self._top else builder.E.body()

    @cached_property
    def _body(self) -> HtmlElement | None:
        return first_of(self._tree, BODY)

    @property
    def is_cut(self) -> bool:
        """Whether the marker of a story that the paywall cuts stands here."""
        if not all(word in self.words for word in _MARKER):
            return False
        shown = [words for piece in self._pieces if (words := letters(_words_of(piece)))]
        return "".join(_MARKER) in shown or _MARKER in pairwise(shown)

    @cached_property
    def standfirst(self) -> list[HtmlElement]:
        """The story's own sentences here; not the headline again, not captions, not the site's words."""
        if self._body is None:
            return []
        pictures = all_of(self._tree, LEAD)
        known = {letters(words) for one in pictures for words in (one.get("alt") or "", self._beside(one))}
        known.add(letters(text_of(first_of(self._tree, "article h1"))))
        found = []
        for piece in self._pieces:
            words = _words_of(piece)
            if _SENTENCE_END.search(words) and not _OWN_WORDS.search(words) and letters(words) not in known:
                found.append(builder.E.p(drop_refused(words)) if isinstance(piece, str) else piece)
        return found

    def pictures(self) -> list[HtmlElement]:
        """Return the pictures above the text in figures, with the captions that the page shows."""
        shown = {letters(words): words for words in map(_words_of, self._pieces)}
        frames = []
        for picture in all_of(self._tree, LEAD) if self._body is not None else ():
            # The caption has the words of `alt`, wherever the picture has one; a standfirst may stand between them.
            alt = letters(picture.get("alt") or "")
            caption = (alt and shown.get(alt)) or self._beside(picture)
            frames.append(framed(picture, caption))
            if alt == letters(caption):
                frames[-1][0].attrib.pop("alt", None)  # the data in the page's script has no `alt` either
        return frames

    def _beside(self, picture: HtmlElement) -> str:
        """Return the words in the element behind a picture, or behind the button around it."""
        holder = picture
        while (beside := holder.getnext()) is None and holder.getparent().tag in {"button", "picture"}:
            holder = holder.getparent()
        tags = _CAPTIONS | {"p"} if holder is picture else _CAPTIONS
        if beside is None or beside.tag not in tags or self._holds_body(beside):
            return ""
        words = text_of(beside)
        return "" if _OWN_WORDS.search(words) else words

    def _holds_body(self, element: HtmlElement) -> bool:
        return self._body is not None and (element is self._body or element in self._body.iterancestors())

    @cached_property
    def _pieces(self) -> list[str | HtmlElement]:
        """What stands here, in order: loose texts, and elements with words of their own."""
        element = first_of(self._tree, "article h1")
        if element is None:
            return []
        pieces: list[str | HtmlElement] = []
        while element.tag != "article":
            if letters(element.tail or ""):
                pieces.append(element.tail)
            if (following := element.getnext()) is None:
                element = element.getparent()
                continue
            element = following
            while element is not self._body and (self._holds_body(element) or _is_wrapper(element)):
                if letters(element.text or ""):
                    pieces.append(element.text)
                element = element[0]
            # Where the text's class is unknown, the first paragraph may be the text's.
            if element is self._body or (self._body is None and element.tag == "p"):
                return pieces
            if isinstance(element.tag, str) and element.tag not in _SILENT:
                pieces.append(element)
        return [] if self._body is not None else pieces


def _is_wrapper(element: HtmlElement) -> bool:
    """Whether an element has other elements and no words of its own."""
    is_silent = not len(element) or element.tag in _SILENT
    return not is_silent and not any(map(letters, (element.text or "", *(child.tail or "" for child in element))))


def _words_of(piece: str | HtmlElement) -> str:
    return one_line(piece if isinstance(piece, str) else "".join(_WORDS(piece)))
