"""Stops a run when robots.txt is not to be had: it might forbid what would be asked next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest
from scrapy.http import TextResponse
from scrapy.utils.httpobj import urlparse_cached

from zbcrawler.downloading.protocol import is_on_site
from zbcrawler.signals import asking_must_end

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from typing_extensions import Self

_FORBIDS_ALL = b"User-agent: *\nDisallow: /\n"


class RobotsAnswerMiddleware:
    """Reads the answer to a request for robots.txt as RFC 9309 (2.3.1) does: 4xx allows all, 5xx allows nothing.

    Scrapy takes the page of an error for rules, and no answer for a permission. It stands before Scrapy's retries,
    so that it sees only what they came to.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        if not is_for_robots(request) or response.status < 400:
            return response
        if response.status >= 500:
            return self._forbid(request, f"{request.url}: answered {response.status}")
        return TextResponse(request.url, body=b"")

    def process_exception(self, request: Request, exception: Exception) -> Response | None:
        # Refused by another part of the run, or redirected without end, which RFC 9309 lets pass.
        if not is_for_robots(request) or isinstance(exception, IgnoreRequest):
            return None
        return self._forbid(request, f"{request.url}: no answer: {exception}")

    def _forbid(self, request: Request, what: str) -> Response:
        if is_on_site(self.crawler, urlparse_cached(request).netloc):
            self.crawler.signals.send_catch_log(asking_must_end, where="robots.txt", what=what)
            return TextResponse(request.url, body=b"")
        # Another host, where a redirect led, is no reason to give up the site.
        return TextResponse(request.url, body=_FORBIDS_ALL)


def is_for_robots(request: Request) -> bool:
    """Whether a request is Scrapy's own for robots.txt."""
    return urlparse_cached(request).path == "/robots.txt" and bool(request.meta.get("dont_obey_robotstxt"))
