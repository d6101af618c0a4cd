"""Keep a run on the site, obey robots.txt and ``Retry-After``, compare the clocks, and keep pages as they were sent."""

import asyncio
import sqlite3
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response, TextResponse
from scrapy.utils.httpobj import urlparse_cached

from zbcrawler.archive.disk import learnt_editions
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.arguments import raw_folder
from zbcrawler.common.errors import LeavesTheSiteError, NotAskedError
from zbcrawler.common.times import shown
from zbcrawler.downloading.failures import first_address
from zbcrawler.downloading.spider_protocol import CrawlerPart, is_on_site
from zbcrawler.signals import must_write_nothing, site_asked_to_wait

LEARNS = "learns"  # the key in the ``meta`` of requests for pages that teach how to read unreadable pages
_FORBIDS_ALL = b"User-agent: *\nDisallow: /\n"
# RFC 9309 (2.5) asks for 500 KiB at least. Scrapy reads all lines, and a large file would take minutes.
_MOST_BYTES = 512 * 1024
_WAITS = frozenset({429, 503})  # RFC 9110 (10.2.3) defines Retry-After for 503 and redirects; RFC 6585 adds 429
_LONGEST = timedelta(days=1)  # a longer wait is taken for a mistake of the site, and shortened to this
# Of two clocks. Less does no harm: a story's time comes from its page, and waiting times are longer.
_TOLERANCE = timedelta(hours=1)


class StayOnSiteMiddleware(CrawlerPart):
    """Refuse requests to hosts other than the site's.

    Scrapy's ``OffsiteMiddleware`` drops such a redirect without a callback, an errback or a signal, so the story's
    outcome would be lost. As in Scrapy, requests with ``allow_offsite`` in their meta pass (pictures, a web archive,
    ``scrapy probe``), and requests for robots.txt of their hosts; but redirects of both may only lead to such hosts.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.allowed: set[str] = set()

    def process_request(self, request: Request) -> None:
        """Raise LeavesTheSiteError, for the request's errback, if the host is not the site's."""
        host, asked = urlparse_cached(request).netloc.lower(), first_address(request)
        is_offsite = request.meta.get("allow_offsite")
        if is_offsite and asked == request.url:
            self.allowed.add(host)
        is_allowed = host in self.allowed and (is_offsite or _is_for_robots(request))
        if not (is_allowed or is_on_site(self.crawler, host)):
            raise LeavesTheSiteError(asked, request.url)


class RobotsAnswerMiddleware(CrawlerPart):
    """Read the answer to a request for robots.txt as RFC 9309 (2.3.1) does: 4xx allows all, 5xx allows nothing.

    Neither does a redirect that is not followed, or a 304, which nobody asked for: the run ends, because robots.txt
    might forbid the next request. Scrapy reads an error page as rules, and a missing answer as permission. This
    middleware is nearer to the spider than Scrapy's retries, so it sees only the last answer.
    """

    def process_response(self, request: Request, response: Response) -> Response:
        if not _is_for_robots(request):
            return response
        if 200 <= response.status < 300:
            # Half a rule could forbid more than the whole one.
            whole = len(response.body) <= _MOST_BYTES
            return response if whole else response.replace(body=response.body[:_MOST_BYTES].rpartition(b"\n")[0])
        if 400 <= response.status < 500:
            return TextResponse(request.url, body=b"")
        return self._forbid(request, f"{request.url}: answered {response.status}")

    def process_exception(self, request: Request, exception: Exception) -> Response | None:
        if not _is_for_robots(request):
            return None
        if isinstance(exception, LeavesTheSiteError):
            return self._forbid(request, str(exception))
        # Another part of the run refused the request, or it redirects endlessly, which RFC 9309 takes as permission.
        if isinstance(exception, IgnoreRequest):
            return None
        return self._forbid(request, f"{request.url}: no answer: {exception}")

    def _forbid(self, request: Request, what: str) -> Response:
        if is_on_site(self.crawler, urlsplit(first_address(request)).netloc):
            self.signals.end_requests("robots.txt", what)
            return TextResponse(request.url, body=b"")
        # If the file is missing on another host, only that host is forbidden.
        return TextResponse(request.url, body=_FORBIDS_ALL)


class RetryAfterMiddleware(CrawlerPart):
    """Honour ``Retry-After``, which Scrapy does not (2.19), and refuse requests after ``requests_must_end``.

    A short wait delays all requests, Scrapy's retries included. A wait of more than ``RETRY_AFTER_LIMIT`` seconds ends
    the requests of the run, by ``site_asked_to_wait``.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.limit = timedelta(seconds=crawler.settings.getfloat("RETRY_AFTER_LIMIT"))
        self.held_until = 0.0  # of the monotonic clock
        self.over = ""  # why the run sends no more requests
        self.may_learn = False  # requests with LEARNS are still sent

    def requests_must_end(self, where: str, what: str, by_pages: bool) -> None:
        self.may_learn = by_pages and (self.may_learn or not self.over)
        self.over = self.over or what

    async def process_request(self, request: Request) -> None:
        """Hold a request until the wait is over; raise NotAskedError, for its errback, if the run sends no more."""
        if _is_for_robots(request):
            return
        while self.crawler.crawling and not self._refuses(request) and (left := self.held_until - monotonic()) > 0:
            await asyncio.sleep(min(left, 1))  # so that a stopped run ends soon
        if self._refuses(request):
            raise NotAskedError(self.over)

    def process_response(self, request: Request, response: Response) -> Response:
        if response.status in _WAITS and (wait := self._asked_wait(response)):
            if wait > self.limit:
                self.signals.send(site_asked_to_wait, address=request.url, until=self.clock.now() + min(wait, _LONGEST))
            elif self.held_until < monotonic() + wait.total_seconds():
                self.logger.info("%s: answered %d, waits %d s", request.url, response.status, wait.total_seconds())
                self.held_until = monotonic() + wait.total_seconds()
        return response

    def _refuses(self, request: Request) -> bool:
        return bool(self.over) and not (self.may_learn and request.meta.get(LEARNS))

    def _asked_wait(self, response: Response) -> timedelta | None:
        written = _header(response, "Retry-After")
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


class CheckClockMiddleware(CrawlerPart):
    """Compare the clock with the ``Date`` of the site's first answer that has one (RFC 9110, 6.6.1).

    A wrong clock would give posts, notes and retries wrong times. If the clocks differ by more than an hour, the run
    reads no answer, sends no more requests and writes nothing. Not compared: a clock that ``CLOCK`` sets, and answers
    of other hosts (a web archive, a picture store) or to ``scrapy probe``. That the clock is ahead is not believed of
    robots.txt or of a redirect: caches keep them for days, and not all say for how long.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        if self.clock.moment:
            raise NotConfigured
        self.is_right = False
        self.fault = ""  # what is wrong with the clock

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the answer; raise NotAskedError, for the request's errback, if the clock is wrong."""
        is_live = not request.meta.get("allow_offsite") and "cached" not in response.flags
        if is_live and not (self.is_right or self.fault) and is_on_site(self.crawler, urlparse_cached(response).netloc):
            self._compare(request, response)
        if self.fault:
            raise NotAskedError(self.fault)
        return response

    def _compare(self, request: Request, response: Response) -> None:
        there, here = time_of(response), self.clock.now()
        self.is_right = there is not None and abs(here - there) <= _TOLERANCE
        is_old_copy = there and here > there and (_is_for_robots(request) or 300 <= response.status < 400)
        if there and not (self.is_right or is_old_copy):
            times = f"this machine's clock shows {shown(here)}, but {response.url} says that it is {shown(there)}"
            self.fault = f"{times}; set the clock right; nothing was written"
            self.signals.send(must_write_nothing, what="")
            self.signals.end_requests("clock", self.fault)


class KeepRawMiddleware(CrawlerPart):
    """Keep the pages of stories; a page that cannot be kept is not read: the run ends, and a later run fetches it."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        folder = raw_folder(crawler.settings)
        if self.archive.dry_run or not (folder or learnt_editions(self.archive.root)):
            raise NotConfigured
        # Imported here, because most runs keep no pages.
        from zbcrawler.downloading.warc import RawFolder  # noqa: PLC0415

        largest = crawler.settings.getint("RAW_MEGABYTES") * 1_000_000
        # From the private folder, the posts of learnt editions can be written again.
        self.folder = RawFolder(Path(folder or self.archive.private_folder("raw")), self.spider.name, largest)

    def spider_closed(self) -> None:
        self.folder.close()

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep a story page; raise NotAskedError if it cannot be kept."""
        story = request.cb_kwargs.get("address")
        is_live = is_on_site(self.crawler, urlparse_cached(response).netloc)  # a web archive keeps the page itself
        if not story or not is_live or response.status != 200 or response.flags:
            return response
        # The page's date, for this run and for an import of the WARC file.
        now = request.meta["fetched"] = self.clock.now().replace(microsecond=0)
        is_same_address = StoryAddress.parse(response.url, self.spider.own_hosts) == story
        try:
            self.folder.keep(request, response, now, "" if is_same_address else story.url)
        except (OSError, sqlite3.Error) as error:
            what = f"cannot be written: {error}"
            self.signals.end_requests(f"KEEP_RAW {self.folder.folder}", what)
            raise NotAskedError(what) from error
        return response


def _is_for_robots(request: Request) -> bool:
    """Return whether a request is Scrapy's own request for robots.txt."""
    return bool(request.meta.get("dont_obey_robotstxt")) and urlsplit(first_address(request)).path == "/robots.txt"


def time_of(response: Response) -> datetime | None:
    """Return the time (aware) at which an answer was sent; None if it gives none, or none that can be read."""
    age = _header(response, "Age")
    try:
        moment = parsedate_to_datetime(_header(response, "Date"))
        # A cache passes the date of the first answer on, and says how many seconds ago that was.
        return moment + timedelta(seconds=int(age[:9] if age.isdigit() else 0)) if moment.tzinfo else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _header(response: Response, name: str) -> str:
    return (response.headers.get(name) or b"").decode("ascii", "replace").strip()
