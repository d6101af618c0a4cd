"""Keeps a run on the site, and tells the spider what it did not follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest
from scrapy.utils.httpobj import urlparse_cached

from zbcrawler.downloading.protocol import is_on_site

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from typing_extensions import Self


class LeavesTheSiteError(IgnoreRequest):
    """A redirect leads to another host. Reaches the request's errback."""

    def __init__(self, address: str) -> None:
        super().__init__(f"{address} is not on the site")
        self.address = address


class StayOnSiteMiddleware:
    """Refuses requests to other hosts than the site's.

    Stands in for Scrapy's ``OffsiteMiddleware``, which drops such a redirect without a callback, an
    errback or a signal, so that nobody would learn of the story's fate. Requests with
    ``allow_offsite`` in their meta pass, as they do there, and so does the robots.txt of their hosts.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.allowed: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """:raises LeavesTheSiteError: if the request is for another host"""
        parts = urlparse_cached(request)
        host = parts.netloc.lower()
        if request.meta.get("allow_offsite"):
            self.allowed.add(host)
        elif parts.path == "/robots.txt" and request.meta.get("dont_obey_robotstxt") and host in self.allowed:
            return  # Scrapy's own request; refused, it would count as if it allowed all
        elif not is_on_site(self.crawler, host):
            raise LeavesTheSiteError(request.url)
