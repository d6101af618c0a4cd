"""Asks the site nothing while it wants to be left alone, and nothing more once asking has no sense."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta, timezone
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest

from zbcrawler.common.clock import Clock
from zbcrawler.downloading.robots import is_for_robots
from zbcrawler.signals import asking_must_end, site_asked_to_wait

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from typing_extensions import Self

logger = logging.getLogger(__name__)

# RFC 9110 (10.2.3): Retry-After goes with 503 and redirects; RFC 6585 adds 429.
_WAITS = frozenset({429, 503})
# Nobody means a longer wait than this.
_LONGEST = timedelta(days=1)


class NotAskedError(IgnoreRequest):
    """A request was not sent, because the run asks for nothing more. Reaches the request's errback."""


class RetryAfterMiddleware:
    """Honours ``Retry-After``, which Scrapy does not (2.19), and refuses requests after ``asking_must_end``.

    A short wait holds all requests up, and Scrapy's retries go on after it; a wait of more than
    ``RETRY_AFTER_LIMIT`` seconds ends the asking, and is told by ``site_asked_to_wait``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.clock = Clock.from_settings(crawler.settings)
        self.limit = timedelta(seconds=crawler.settings.getfloat("RETRY_AFTER_LIMIT"))
        self.held_until = 0.0  # of the monotonic clock
        self.over = ""
        crawler.signals.connect(self.asking_must_end, signal=asking_must_end)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def asking_must_end(self, where: str, what: str) -> None:
        self.over = self.over or what

    async def process_request(self, request: Request) -> None:
        """:raises NotAskedError: if the run asks for nothing more"""
        if is_for_robots(request):
            return
        # In small steps: a run that is stopped must not wait on.
        while self.crawler.crawling and not self.over and (left := self.held_until - monotonic()) > 0:
            await asyncio.sleep(min(left, 1))
        if self.over:
            raise NotAskedError(self.over)

    def process_response(self, request: Request, response: Response) -> Response:
        if response.status in _WAITS and (wait := self._asked_wait(response)):
            if wait > self.limit:
                until = self.clock.now() + min(wait, _LONGEST)
                self.crawler.signals.send_catch_log(site_asked_to_wait, address=request.url, until=until)
            elif self.held_until < monotonic() + wait.total_seconds():
                logger.info("%s: answered %d, waits %d s", request.url, response.status, wait.total_seconds())
                self.held_until = monotonic() + wait.total_seconds()
        return response

    def _asked_wait(self, response: Response) -> timedelta | None:
        written = (response.headers.get("Retry-After") or b"").decode("ascii", "replace").strip()
        if written.isdigit():
            return timedelta(seconds=int(written[:7]))
        try:
            until = parsedate_to_datetime(written)
        except ValueError:
            return None
        # Without a zone it is GMT, as every time in HTTP.
        until = until if until.tzinfo else until.replace(tzinfo=timezone.utc)
        return until - self.clock.now()
