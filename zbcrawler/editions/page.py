"""A page of the site, parsed once, when its tree is first needed; functions for its elements and pictures.

A cache, or a site in trouble, may send another story's page: signs of this are the canonical link and ``og:url`` in the
head, the story's JSON-LD record, and the data of React, if any.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache, cached_property
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import cssselect
from cssselect.parser import Function
from cssselect.xpath import XPathExpr
from lxml.etree import XPath
from lxml.html import HtmlElement, builder
from scrapy.http import Response, TextResponse

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import OtherStoryError, PageError, PageTooHardError
from zbcrawler.common.markup import MOST_BYTES, MOST_TAGS, drop_refused, parse_document
from zbcrawler.common.text import one_line
from zbcrawler.editions.embedded_json import news_article, news_records

# Any: the stubs know only what all XPath expressions may return.
_CLASSES: Any = XPath("//@class", smart_strings=False)
_IDS: Any = XPath("//@id", smart_strings=False)
_TEXTS: Any = XPath("descendant::text()")

_IN_BRACKETS = re.compile(r"\[[^\[\]]*\]")
_NAME = re.compile(r"[.#]([A-Za-z_][\w-]*)(?![\w\\-])")
_WORD = re.compile(r"""=\s*['"]([\w-]+)['"]|(?:^|[\s>\[])([a-z]+-[a-z-]+)""")

_PARTS = re.compile(
    r"<!--(?:-?>|.*?(?:-->|\Z))|<(script|style|textarea|title|noscript|template)\b.*?(?:</\1\b|\Z)"
    r"|(?P<end></(?:body|html)\s*>)|(?P<text><(?:p|article)\b)",
    re.IGNORECASE | re.DOTALL,
)
# Most pages are read without a tree, so the text is searched: the characters of the longest head and the longest link,
# and how many signs of a kind are looked at.
_HEAD, _LONGEST_LINK, _MOST_SIGNS = 100_000, 2000, 10
_LINK = re.compile(
    r"""<(?:link|meta)(?=\s[^<>]*\b(?:rel|property|name)\s*=\s*["']?(?:canonical|og:url)\b)"""
    r"""[^<>]*?\s(?:href|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""",
    re.IGNORECASE,
)
_RECORD = re.compile(r"application/ld\+json[^<>]{0,200}>(.*?)(?:</script|\Z)", re.DOTALL)


class _Translator(cssselect.HTMLTranslator):
    """Makes a class alone a search of attributes, which is three times as fast; the selectors ``+`` and ``~`` fail."""

    def xpath_attrib_includes(self, xpath: XPathExpr, name: str, value: str | None) -> XPathExpr:
        if xpath.element != "*" or xpath.condition:
            return super().xpath_attrib_includes(xpath, name, value)
        word, alone = self.xpath_literal(value or ""), self.xpath_literal(f" {value} ")
        test = f"contains(., {word}) and contains(concat(' ', normalize-space(.), ' '), {alone})"
        xpath.element = f"*/{name}[{test}]/parent::*"
        return xpath

    def xpath_nth_of_type_function(self, xpath: XPathExpr, function: Function) -> XPathExpr:
        # Counting all siblings before each element takes the square of their number.
        if function.argument_types() != ["NUMBER"]:
            return super().xpath_nth_of_type_function(xpath, function)
        place, before = int(function.arguments[0].value or ""), f"preceding-sibling::{xpath.element}"
        return xpath.add_condition(f"not({before}[{place}])" + (f" and {before}[{place - 1}]" if place > 1 else ""))


@cache
def _compiled(css: str) -> Any:
    return XPath(_Translator().css_to_xpath(css))


@cache
def _requirements_of(css: str) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """Return the names and the words that each alternative of a CSS selector requires of a page."""
    return tuple(
        (frozenset(_NAME.findall(_IN_BRACKETS.sub("", one))), frozenset(map("".join, _WORD.findall(one))))
        for one in (selector.canonical() for selector in cssselect.parse(css))
    )


class Page:
    now: datetime | None = None  # when it was fetched (aware), if it is an entry of a listing

    def __init__(self, address: str, text: str) -> None:
        self.address = address  # the address that answered, after redirects
        self.text = text
        self._contained: dict[str, bool] = {}
        self._found: dict[str, list[HtmlElement]] = {}

    @classmethod
    def of(cls, response: Response) -> "Page":
        """Return the page of a response; raise PageError if the response is no text, or was cut off."""
        if not isinstance(response, TextResponse):
            kind = (response.headers.get(b"Content-Type") or b"data of an unnamed type").decode("latin-1")
            raise PageError(f"{response.url}: not a page but {kind}")
        if "partial" in response.flags:
            raise PageError(f"{response.url}: the answer broke off")
        if len(response.body) > MOST_BYTES:
            raise PageTooHardError(f"{response.url}: {len(response.body)} bytes are more than any page has")
        return cls(response.url, _decoded(response))

    @property
    def is_whole(self) -> bool:
        """Whether the page's end, ``</body>`` or ``</html>``, is behind its text; a cache may send half a page."""
        text = self.text
        end = max(text.rfind("</body>"), text.rfind("</html>"))
        # Either may hold the names of tags as data. Comments are short.
        script, comment = text.rfind("<script", 0, end), text.rfind("<!--", max(end - 2000, 0), end)
        is_data = text.find("</script", script, end) < 0 <= script or text.find("-->", comment, end) < 0 <= comment
        if end >= 0 and not is_data and not text[end + len("</body>") :].strip():
            return True
        # Uncommon: upper case, something behind the end, or a script that names tags.
        return [found.lastgroup for found in _PARTS.finditer(text) if found.lastgroup][-1:] == ["end"]

    def check_whole(self) -> None:
        if not self.is_whole:
            raise PageError(f"{self.address}: the page broke off, it has no </body> or </html>")

    @property
    def origin(self) -> str:
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

    @cached_property
    def tree(self) -> HtmlElement:
        """The root element; raises PageTooHardError if the page has more markup than any real page."""
        # A tag has three characters or more, so that the tags of most pages need not be counted.
        if len(self.text) > 3 * MOST_TAGS and (tags := self.text.count("<")) > MOST_TAGS:
            raise PageTooHardError(f"{self.address}: {tags} tags are more than any page has")
        return parse_document(self.text)

    def all(self, css: str) -> list[HtmlElement]:
        """Return the elements that a CSS selector finds, in document order; the tree is searched once."""
        if css not in self._found:
            # Most selectors are another edition's. This test is far faster than searching the tree for each of them.
            needed = _requirements_of(css)
            may_find = any(all(map(self.contains, words)) and self._names >= names for names, words in needed)
            self._found[css] = all_of(self.tree, css) if may_find else []
        return self._found[css]

    @cached_property
    def _names(self) -> set[str]:
        """All classes and ids; a page that is JSON has none."""
        return {*" ".join(_CLASSES(self.tree)).split(), *_IDS(self.tree)} if self.json is None else set()

    def contains(self, word: str) -> bool:
        """Whether a word stands anywhere in the page's text; the text is searched once."""
        if word not in self._contained:
            self._contained[word] = word in self.text
        return self._contained[word]

    def first(self, *selectors: str) -> HtmlElement | None:
        """Return the first element that the first successful selector finds."""
        return next((found[0] for css in selectors if (found := self.all(css))), None)

    def meta(self, name: str) -> str:
        """Return the content of ``<meta property=NAME>``, empty if there is none."""
        element = self.first(f'meta[property="{name}"]', f'meta[name="{name}"]')
        return one_line(element.get("content") or "") if element is not None else ""

    @cached_property
    def linked_data(self) -> dict[str, Any]:
        """The story's JSON-LD record, empty if the page has none."""
        return news_article(script.text or "" for script in self.all('script[type="application/ld+json"]'))

    @cached_property
    def json(self) -> Any:
        """The page as JSON, None if it is not JSON."""
        if self.text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
            return None
        try:
            return json.loads(self.text.lstrip("\ufeff"), strict=False)
        except (ValueError, RecursionError):
            return None


def all_of(tree: HtmlElement, css: str) -> list[HtmlElement]:
    """Return the elements that a CSS selector finds under ``tree``, in document order."""
    found: list[HtmlElement] = _compiled(css)(tree)
    return found


def first_of(tree: HtmlElement, css: str) -> HtmlElement | None:
    """Return the first element that a CSS selector finds under ``tree``."""
    return next(iter(all_of(tree, css)), None)


def text_of(element: HtmlElement | None) -> str:
    """Return all text of an element as one line, a blank for a line break; empty if there is no element."""
    if element is None:
        return ""
    if next(element.iter("br"), None) is None:
        return one_line(element.text_content())
    return one_line(
        "".join(f" {text}" if text.is_tail and text.getparent().tag == "br" else text for text in _TEXTS(element))
    )


def figure(address: str, caption: object = None) -> HtmlElement:
    """Return a picture whose address, and perhaps caption, come from data instead of from markup."""
    element: HtmlElement = builder.E.figure(builder.E.img(src=drop_refused(address)))
    if isinstance(caption, str) and (words := drop_refused(caption).strip()):
        element.append(builder.E.figcaption(words))
    return element


def framed(picture: HtmlElement, caption: str) -> HtmlElement:
    """Return a copy of an ``img`` in a figure, with the caption that the page shows beside it."""
    copy = figure(picture.get("src") or "", caption)
    for name in ("data-src", "srcset", "title", "alt"):
        if value := picture.get(name):
            copy[0].set(name, drop_refused(value))
    return copy


def _decoded(response: Response) -> str:
    # The site writes UTF-8, whatever charset the headers name (site-layouts 1.4). Its oldest pages are GBK. Scrapy's
    # guess from the bytes may be a charset of any language.
    try:
        return response.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = response.body.decode("utf-8-sig", "replace")
    foreign = sum(not character.isascii() for character in text)
    if text.count("\ufffd") * 2 < foreign:  # UTF-8 with broken bytes; GBK would be almost unreadable
        return text
    try:
        return response.body.decode("gb18030")
    except UnicodeDecodeError:
        return response.text


def check_own_address(page: Page, address: StoryAddress, links: Iterable[object] = ()) -> None:
    """Raise OtherStoryError if a page says that it is another story's.

    Of signs that contradict each other, one that names the story is believed. ``links`` are from the edition's own
    data, as is the text, so these count alone if they name any story.
    """
    own_end = address.path[address.path.rindex("/") :]
    for signs in (links, _signs(page)):
        other = None
        for link in signs:  # the first that names the story ends the search
            if isinstance(link, str) and link.endswith(own_end):
                return
            named = _story_in(link, page.address)
            if named and named.is_same_story(address):
                return
            other = other or named
        if other:
            raise OtherStoryError(page.address, other.url)


def _story_in(link: object, base: str) -> StoryAddress | None:
    if not isinstance(link, str) or "/story" not in (link := link[:_LONGEST_LINK].lower()):
        return None
    return StoryAddress.parse(html.unescape(link), frozenset({urlsplit(base).netloc.lower()}))


def _signs(page: Page) -> Iterator[object]:
    body = page.text.find("<body", 0, _HEAD)
    for found in islice(_LINK.finditer(page.text, 0, body if body >= 0 else _HEAD), _MOST_SIGNS):
        yield found[1] or found[2] or found[3] or ""
    for found in islice(_RECORD.finditer(page.text), _MOST_SIGNS):
        # Most records have no address, and are not parsed. Several are those of a list, such as recommended stories.
        if "/story" in found[1] and len(records := list(news_records(found[1]))) == 1:
            main = records[0].get("mainEntityOfPage")
            for record in (records[0], main if isinstance(main, dict) else {"url": main}):
                yield from (record.get("url"), record.get("@id"))
