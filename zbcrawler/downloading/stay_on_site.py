"""Keep a run on the site, and report a redirect that leaves the site to the request's errback."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.utils.httpobj import urlparse_cached

from zbcrawler.common.errors import LeavesTheSiteError
from zbcrawler.downloading.failures import first_address
from zbcrawler.downloading.robots_txt import is_for_robots
from zbcrawler.downloading.spider_protocol import is_on_site
from zbcrawler.signals import CrawlerPart


class StayOnSiteMiddleware(CrawlerPart):
    """Refuse requests to hosts other than the site's; ``zbcrawler.downloading.spider_protocol`` says which those are.

    Scrapy's ``OffsiteMiddleware`` drops such a redirect without a callback, an errback or a signal, so the story's
    outcome would be lost. As in Scrapy, requests with ``allow_offsite`` in their meta pass (pictures, a web archive,
    ``scrapy probe``), and requests for robots.txt of their hosts; but redirects of both may only lead to such hosts.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.allowed: set[str] = set()

    def process_request(self, request: Request) -> None:
        """Refuse a request to another host.

        :raises LeavesTheSiteError: if the host is not the site's; the request's errback receives the error
        """
        host = urlparse_cached(request).netloc.lower()
        asked = first_address(request)
        is_offsite = request.meta.get("allow_offsite")
        if is_offsite and asked == request.url:
            self.allowed.add(host)
        if is_on_site(self.crawler, host) or ((is_offsite or is_for_robots(request)) and host in self.allowed):
            return
        raise LeavesTheSiteError(asked, request.url)
