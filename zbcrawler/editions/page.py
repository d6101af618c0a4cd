"""A page of the site, parsed at most once, and only if someone asks for its tree."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlsplit

from lxml.html import HtmlElement
from scrapy.http import Response, TextResponse

from zbcrawler.common.errors import PageError
from zbcrawler.common.markup import parse_document
from zbcrawler.common.text import one_line
from zbcrawler.editions.scripts import news_article
from zbcrawler.editions.selectors import Requirement, all_of, names_of, requirements_of

T = TypeVar("T")


class Page:
    """A page as editions read it.

    :ivar address: address that answered, after redirects
    :ivar text: the decoded body
    """

    def __init__(self, address: str, text: str) -> None:
        self.address = address
        self.text = text
        self._computed: dict[Callable[[Page], Any], Any] = {}
        self._contained: dict[str, bool] = {}
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

    def computed(self, function: Callable[[Page], T]) -> T:
        """Return a function's result for this page; the function is called once."""
        if function not in self._computed:
            self._computed[function] = function(self)
        result: T = self._computed[function]
        return result

    @cached_property
    def tree(self) -> HtmlElement:
        """The root element. A page without any element is an empty ``html``."""
        return parse_document(self.text)

    def all(self, css: str) -> list[HtmlElement]:
        """Return the elements that a CSS selector finds, in document order; the tree is searched once."""
        if css not in self._found:
            self._found[css] = all_of(self.tree, css) if any(map(self._meets, requirements_of(css))) else []
        return self._found[css]

    def _meets(self, required: Requirement) -> bool:
        # Most selectors are another edition's, and searching the tree for each of them takes far longer.
        return all(map(self.contains, required.words)) and self._names >= required.names

    @cached_property
    def _names(self) -> set[str]:
        return names_of(self.tree) if self.json is None else set()

    def contains(self, word: str) -> bool:
        """Whether a word stands anywhere in the page's text; the text is searched once."""
        if word not in self._contained:
            self._contained[word] = word in self.text
        return self._contained[word]

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
        """The page as JSON, None if it is not JSON."""
        if self.text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
            return None
        try:
            return json.loads(self.text.lstrip("\ufeff"), strict=False)
        except (ValueError, RecursionError):
            return None


def _decoded(response: Response) -> str:
    # The site writes UTF-8, whatever charset the headers name, if any (site-layouts 1.4); its oldest pages are GBK.
    # Scrapy's guess from the bytes alone may be a charset of any language.
    try:
        return response.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = response.body.decode("utf-8-sig", "replace")
    foreign = sum(not character.isascii() for character in text)
    if text.count("\ufffd") * 2 < foreign:  # UTF-8 with broken bytes; of GBK, almost nothing would be readable
        return text
    try:
        return response.body.decode("gb18030")
    except UnicodeDecodeError:
        return response.text
