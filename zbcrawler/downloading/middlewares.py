"""What lies between spiders and the site; ``DOWNLOADER_MIDDLEWARES`` in the settings says in which order."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import monotonic

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response, TextResponse
from scrapy.utils.httpobj import urlparse_cached

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.arguments import raw_folder, whole_number
from zbcrawler.common.clock import Clock
from zbcrawler.common.errors import LeavesTheSiteError, NotAskedError
from zbcrawler.downloading.protocol import is_on_site, spider_of
from zbcrawler.signals import CrawlerPart, site_asked_to_wait

logger = logging.getLogger(__name__)

_FORBIDS_ALL = b"User-agent: *\nDisallow: /\n"
# RFC 9110 (10.2.3): Retry-After goes with 503 and redirects; RFC 6585 adds 429.
_WAITS = frozenset({429, 503})
# No site means a longer wait than this.
_LONGEST = timedelta(days=1)


class StayOnSiteMiddleware(CrawlerPart):
    """Refuse requests to hosts other than the site's.

    Scrapy's ``OffsiteMiddleware`` drops such a redirect without a callback, an errback or a signal, so the story's
    outcome would be lost. As with Scrapy's, requests with ``allow_offsite`` in their meta pass, and so does robots.txt
    of their hosts.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.allowed: set[str] = set()

    def process_request(self, request: Request) -> None:
        """Refuse a request to another host.

        :raises LeavesTheSiteError: which reaches the request's errback
        """
        host = urlparse_cached(request).netloc.lower()
        if request.meta.get("allow_offsite"):
            self.allowed.add(host)
        elif is_for_robots(request) and host in self.allowed:
            return  # a refused robots.txt would count as a permission
        elif not is_on_site(self.crawler, host):
            raise LeavesTheSiteError(request.url)


class RobotsAnswerMiddleware(CrawlerPart):
    """Read the answer to a request for robots.txt as RFC 9309 (2.3.1) does: 4xx allows all, 5xx allows nothing.

    Scrapy takes an error page for rules, and a missing answer for a permission. This middleware is nearer to the spider
    than Scrapy's retries, so it sees only the last answer.
    """

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
            self.signals.end_asking("robots.txt", what)
            return TextResponse(request.url, body=b"")
        # A redirect to another host is no reason to give up the site.
        return TextResponse(request.url, body=_FORBIDS_ALL)


class RetryAfterMiddleware(CrawlerPart):
    """Honour ``Retry-After``, which Scrapy does not (2.19), and refuse requests after ``asking_must_end``.

    A short wait holds up all requests, and Scrapy's retries go on after it. A wait of more than ``RETRY_AFTER_LIMIT``
    seconds ends the asking, by ``site_asked_to_wait``.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.clock = Clock.from_settings(crawler.settings)
        self.limit = timedelta(seconds=crawler.settings.getfloat("RETRY_AFTER_LIMIT"))
        self.held_until = 0.0  # of the monotonic clock
        self.over = ""  # why the run asks for nothing more

    def asking_must_end(self, where: str, what: str) -> None:
        self.over = self.over or what

    async def process_request(self, request: Request) -> None:
        """Hold a request until the wait is over.

        :raises NotAskedError: if the run asks for nothing more; it reaches the request's errback
        """
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
                self.signals.send(site_asked_to_wait, address=request.url, until=self.clock.now() + min(wait, _LONGEST))
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
        # Without a zone the time is GMT, as every time in HTTP.
        until = until if until.tzinfo else until.replace(tzinfo=timezone.utc)
        return until - self.clock.now()


class KeepRawMiddleware(CrawlerPart):
    """Keep the complete pages of stories that answered with 200; see :mod:`zbcrawler.downloading.warc`.

    This middleware is next to the download, where a page is still compressed. A page that cannot be kept is not read
    either: the run ends, and a later run fetches the page.
    """

    def __init__(self, crawler: Crawler) -> None:
        """Prepare the folder.

        :raises NotConfigured: if ``KEEP_RAW`` is off, or the run writes nothing
        """
        folder = raw_folder(crawler.settings)
        if folder is None or crawler.settings.getbool("DRY_RUN"):
            raise NotConfigured
        # Imported here, because most runs keep no pages.
        from zbcrawler.downloading.warc import RawFolder  # noqa: PLC0415

        super().__init__(crawler)
        self.clock = Clock.from_settings(crawler.settings)
        largest = whole_number(crawler.settings, "RAW_MEGABYTES", 1) * 1_000_000
        self.folder = RawFolder(Path(folder), spider_of(crawler).name, largest)

    def spider_closed(self) -> None:
        self.folder.close()

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep a story page.

        :raises NotAskedError: if the page cannot be kept
        """
        story = request.cb_kwargs.get("address")
        if not is_on_site(self.crawler, urlparse_cached(response).netloc):  # a web archive, which keeps the page itself
            return response
        if not isinstance(story, StoryAddress) or response.status != 200 or response.flags:
            return response
        # Dates the page, now and when it is read again from the WARC file.
        now = request.meta["fetched"] = self.clock.now().replace(microsecond=0)
        is_the_storys = StoryAddress.parse(response.url, spider_of(self.crawler).own_hosts) == story
        try:
            self.folder.keep(request, response, now, "" if is_the_storys else story.url)
        except OSError as error:
            what = f"cannot be written: {error}"
            self.signals.end_asking(f"KEEP_RAW {self.folder.folder}", what)
            raise NotAskedError(what) from error
        return response


def is_for_robots(request: Request) -> bool:
    """Return whether a request is Scrapy's own for robots.txt."""
    return urlparse_cached(request).path == "/robots.txt" and bool(request.meta.get("dont_obey_robotstxt"))
