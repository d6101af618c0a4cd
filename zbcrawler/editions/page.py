"""A page of the site, parsed at most once, and only if someone asks for its tree."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from scrapy.http import TextResponse

from zbcrawler.common.errors import PageError
from zbcrawler.common.markup import parse_document
from zbcrawler.common.text import one_line
from zbcrawler.editions.scripts import news_article
from zbcrawler.editions.selectors import Needs, all_of, names_of, needs_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.html import HtmlElement
    from scrapy.http import Response

T = TypeVar("T")


class Page:
    """What editions read.

    :ivar address: address that answered, after redirects
    :ivar text: the decoded body
    """

    def __init__(self, address: str, text: str) -> None:
        self.address = address
        self.text = text
        self._told: dict[Callable[[Page], Any], Any] = {}
        self._said: dict[str, bool] = {}
        self._found: dict[str, list[HtmlElement]] = {}

    @classmethod
    def of(cls, response: Response) -> Page:
        """Return the page of a Scrapy response.

        :raises PageError: if the response is no text, or broke off
        """
        if not isinstance(response, TextResponse):
            kind = (response.headers.get(b"Content-Type") or b"data of an unnamed type").decode("latin-1")
            raise PageError(f"{response.url}: not a page but {kind}")
        if "partial" in response.flags:
            raise PageError(f"{response.url}: the answer broke off")
        return cls(response.url, _decoded(response))

    @property
    def origin(self) -> str:
        """``scheme://host[:port]`` that answered."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

    def once(self, ask: Callable[[Page], T]) -> T:
        """Return what a function says of this page; it is asked once."""
        if ask not in self._told:
            self._told[ask] = ask(self)
        return self._told[ask]

    @cached_property
    def tree(self) -> HtmlElement:
        """The root element. A page without any element is an empty ``html``."""
        return parse_document(self.text)

    def all(self, css: str) -> list[HtmlElement]:
        """Return the elements that a CSS selector finds, in document order; it is looked for once."""
        if css not in self._found:
            self._found[css] = all_of(self.tree, css) if any(map(self._meets, needs_of(css))) else []
        return self._found[css]

    def _meets(self, needs: Needs) -> bool:
        # Most selectors are another edition's; to look for each of them takes far longer.
        return all(map(self.says, needs.words)) and self._names >= needs.names

    @cached_property
    def _names(self) -> set[str]:
        return names_of(self.tree) if self.json is None else set()

    def says(self, word: str) -> bool:
        """Whether a word stands anywhere in the page's text; it is looked for once."""
        if word not in self._said:
            self._said[word] = word in self.text
        return self._said[word]

    def first(self, *selectors: str) -> HtmlElement | None:
        """Return the first element that the first successful of several CSS selectors finds."""
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
        """The page as JSON, None if it is none."""
        if self.text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
            return None
        try:
            return json.loads(self.text.lstrip("\ufeff"), strict=False)
        except (ValueError, RecursionError):
            return None


def _decoded(response: Response) -> str:
    # The site writes UTF-8 whatever it says, or says nothing (site-layouts 1.4); its oldest pages are GBK. What Scrapy
    # guesses from the bytes alone can be any language's.
    try:
        return response.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = response.body.decode("utf-8-sig", "replace")
    foreign = sum(not character.isascii() for character in text)
    if text.count("\ufffd") * 2 < foreign:  # UTF-8 with broken bytes; of GBK, almost nothing can be read so
        return text
    try:
        return response.body.decode("gb18030")
    except UnicodeDecodeError:
        return response.text
