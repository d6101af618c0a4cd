"""Compare this machine's clock with the site's: a wrong clock would give posts, notes and retries wrong times."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached

from zbcrawler.common.clock import Clock
from zbcrawler.common.errors import NotAskedError
from zbcrawler.common.times import shown
from zbcrawler.downloading.robots_txt import is_for_robots
from zbcrawler.downloading.spider_protocol import is_on_site
from zbcrawler.signals import CrawlerPart, clock_is_wrong

# Less does no harm: a story's time comes from its page, and waiting times are longer.
_TOLERANCE = timedelta(hours=1)


class CheckClockMiddleware(CrawlerPart):
    """Compare the clock with the ``Date`` of the site's first answer that has one (RFC 9110, 6.6.1).

    If they differ by more than an hour, the run reads no answer, sends no more requests and writes nothing. This
    middleware is next to the download, so no other one sees the answer before. Not compared: a clock that ``CLOCK``
    sets, and answers of other hosts (a web archive, a picture store) or to ``scrapy probe``. That the clock is ahead is
    not believed of robots.txt or of a redirect: caches keep them for days, and not all say for how long.
    """

    def __init__(self, crawler: Crawler) -> None:
        """Prepare to compare.

        :raises NotConfigured: if ``CLOCK`` is set
        """
        super().__init__(crawler)
        self.clock = Clock.from_settings(crawler.settings)
        if self.clock.moment:
            raise NotConfigured
        self.is_right = False
        self.fault = ""  # what is wrong with the clock

    def process_response(self, request: Request, response: Response) -> Response:
        """Let an answer pass if the clock is right or cannot be compared.

        :raises NotAskedError: if the clock is wrong; the request's errback receives the error
        """
        is_live = not request.meta.get("allow_offsite") and "cached" not in response.flags
        if is_live and not (self.is_right or self.fault) and is_on_site(self.crawler, urlparse_cached(response).netloc):
            self._compare(request, response)
        if self.fault:
            raise NotAskedError(self.fault)
        return response

    def _compare(self, request: Request, response: Response) -> None:
        there, here = time_of(response), self.clock.now()
        if there is None:
            return
        if abs(here - there) <= _TOLERANCE:
            self.is_right = True
            return
        if here > there and (is_for_robots(request) or 300 <= response.status < 400):
            return  # perhaps an old copy; the next answer decides
        self.fault = (
            f"this machine's clock shows {shown(here)}, but {response.url} says that it is {shown(there)};"
            " set the clock right; nothing was written"
        )
        self.signals.send(clock_is_wrong)
        self.signals.end_requests("clock", self.fault)


def time_of(response: Response) -> datetime | None:
    """Return the time (aware) at which an answer was sent; None if it gives none, or none that can be read."""
    date, age = ((response.headers.get(name) or b"").decode("ascii", "replace").strip() for name in ("Date", "Age"))
    try:
        moment = parsedate_to_datetime(date)
        # A cache passes the date of the first answer on, and says how many seconds ago that was.
        return moment + timedelta(seconds=int(age[:9] if age.isdigit() else 0)) if moment.tzinfo else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
