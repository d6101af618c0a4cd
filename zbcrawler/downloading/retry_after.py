"""Wait when the site asks for a pause, and send no more requests once a run must end."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta, timezone
from email.utils import parsedate_to_datetime
from time import monotonic

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from zbcrawler.common.clock import Clock
from zbcrawler.common.errors import NotAskedError
from zbcrawler.downloading.check_clock import time_of
from zbcrawler.downloading.robots_txt import is_for_robots
from zbcrawler.signals import CrawlerPart, receives, requests_must_end, site_asked_to_wait

logger = logging.getLogger(__name__)

LEARNS = "learns"
"""The key in the ``meta`` of requests for pages that teach how to read unreadable pages."""
# RFC 9110 (10.2.3) defines Retry-After for 503 and redirects; RFC 6585 adds 429.
_WAITS = frozenset({429, 503})
# A longer wait is taken for a mistake of the site, and shortened to this.
_LONGEST = timedelta(days=1)


class RetryAfterMiddleware(CrawlerPart):
    """Honour ``Retry-After``, which Scrapy does not (2.19), and refuse requests after ``requests_must_end``.

    A short wait delays all requests, Scrapy's retries included. A wait of more than ``RETRY_AFTER_LIMIT`` seconds ends
    the requests of the run, by ``site_asked_to_wait``.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.clock = Clock.from_settings(crawler.settings)
        self.limit = timedelta(seconds=crawler.settings.getfloat("RETRY_AFTER_LIMIT"))
        self.held_until = 0.0  # of the monotonic clock
        self.over = ""  # why the run sends no more requests
        self.may_learn = False  # requests with LEARNS are still sent

    @receives(requests_must_end)
    def requests_must_end(self, where: str, what: str, by_pages: bool) -> None:
        self.may_learn = by_pages and (self.may_learn or not self.over)
        self.over = self.over or what

    async def process_request(self, request: Request) -> None:
        """Hold a request until the wait is over.

        :raises NotAskedError: if the run sends no more requests; the request's errback receives the error
        """
        if is_for_robots(request):
            return
        # In small steps, so that a stopped run ends soon.
        while self.crawler.crawling and not self._refuses(request) and (left := self.held_until - monotonic()) > 0:
            await asyncio.sleep(min(left, 1))
        if self._refuses(request):
            raise NotAskedError(self.over)

    def process_response(self, request: Request, response: Response) -> Response:
        if response.status in _WAITS and (wait := self._asked_wait(response)):
            if wait > self.limit:
                self.signals.send(site_asked_to_wait, address=request.url, until=self.clock.now() + min(wait, _LONGEST))
            elif self.held_until < monotonic() + wait.total_seconds():
                logger.info("%s: answered %d, waits %d s", request.url, response.status, wait.total_seconds())
                self.held_until = monotonic() + wait.total_seconds()
        return response

    def _refuses(self, request: Request) -> bool:
        return bool(self.over) and not (self.may_learn and request.meta.get(LEARNS))

    def _asked_wait(self, response: Response) -> timedelta | None:
        written = (response.headers.get("Retry-After") or b"").decode("ascii", "replace").strip()
        if written.isdigit():
            return timedelta(seconds=int(written[:7]))
        try:
            until = parsedate_to_datetime(written)
        except (ValueError, OverflowError):
            return None
        # Without a zone the time is GMT, like every time in HTTP.
        until = until if until.tzinfo else until.replace(tzinfo=timezone.utc)
        # The site's clock wrote the time, so the wait is counted by it.
        return until - (time_of(response) or self.clock.now())
