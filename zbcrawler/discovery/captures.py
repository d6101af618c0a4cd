"""Fetch single stories from the pages of a web archive."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from zbcrawler.archive.versions import missing_field, words
from zbcrawler.cleaning import clean
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import BodyError, PageError
from zbcrawler.common.outcomes import Outcome
from zbcrawler.common.text import one_line
from zbcrawler.discovery.candidates import Candidate
from zbcrawler.discovery.cdx import CaptureRecord, read_link, time_of
from zbcrawler.discovery.crawl import Crawl
from zbcrawler.downloading.failures import (
    TOO_MANY_REQUESTS,
    describe_failure,
    request_of,
    status_of,
    was_not_sent,
)
from zbcrawler.editions import Page, edition_of, story_of
from zbcrawler.items import Story

# If a story was captured more often than this, older pages hardly have text that the newest lack.
_MOST_CAPTURES = 20
_REPLAYED = re.compile(r"/(\d{14})id_/(https?:/.*)$", re.ASCII)


class _Sought(NamedTuple):
    """A story that is requested.

    :ivar captures: those not tried yet
    :ivar flaw: what is wrong with the newest
    :ivar cut: of the pages that the paywall cut, the longest; is taken if no page is better
    :ivar length: number of letters of ``cut``
    """

    section: str
    address: StoryAddress
    captures: tuple[CaptureRecord, ...]
    flaw: str = ""
    cut: Response | None = None
    length: int = 0


def archive_request(url: str, callback: Any, errback: Any, **details: Any) -> Request:
    """Return a request to a web archive; both of its addresses are made for programs, so robots.txt does not apply."""
    meta = {"allow_offsite": True, "dont_obey_robotstxt": True, "autothrottle_dont_adjust_delay": True}
    return Request(url, callback=callback, errback=errback, cb_kwargs=details, meta=meta)


class CapturedStories:
    """Request the captures of a story, the newest first, until a page is complete."""

    def __init__(self, crawl: Crawl, pages: str) -> None:
        """Request nothing yet.

        :param pages: address of the web archive's pages
        """
        self._crawl = crawl
        self._pages = pages
        self._host = urlsplit(pages).netloc.lower()

    def request(self, story: Candidate, captures: Iterable[CaptureRecord]) -> Request:
        """Return the request for a story's newest capture."""
        different, digests = [], set()
        for capture in sorted(captures, reverse=True):
            if capture.digest not in digests:
                different.append(capture)
            digests |= {capture.digest} - {""}
        return self._next_request(_Sought(story.section, story.address, tuple(different[:_MOST_CAPTURES])))

    def _next_request(self, sought: _Sought) -> Request:
        capture = sought.captures[0]
        url = f"{self._pages}/{capture.at}id_/{capture.link}"
        # By section and address other parts of the run know the request's story.
        details = {"section": sought.section, "address": sought.address, "sought": sought}
        return archive_request(url, self.parse_capture, self.capture_failed, **details)

    def parse_capture(self, response: Response, sought: _Sought, **_: Any) -> Iterator[Story | Request]:
        """Read a captured page; if it is cut, or cannot be read, request an older one."""
        try:
            flaw, length, is_cut = self._judge(response, sought)
        except (PageError, BodyError) as error:
            flaw, length, is_cut = str(error), 0, False
        self._crawl.failures.reset()
        if not flaw:
            yield self._story(response, sought)
            return
        if is_cut and length > sought.length:
            sought = sought._replace(cut=response, length=length)
        yield from self._go_on(sought, flaw)

    def capture_failed(self, failure: Failure) -> list[Story | Request]:
        """Request an older page, or settle the story if the web archive is in trouble."""
        sought: _Sought = request_of(failure).cb_kwargs["sought"]
        status = status_of(failure)
        if was_not_sent(failure):
            self._crawl.signals.settle(sought.section, sought.address, Outcome.LEFT)
        elif 400 <= status < 500 and status != TOO_MANY_REQUESTS:
            return list(self._go_on(sought, describe_failure(failure)))
        else:
            reason = describe_failure(failure)
            self._crawl.signals.settle(sought.section, sought.address, Outcome.FAILED, reason)
            self._crawl.failures.add(reason)
        return []

    def _go_on(self, sought: _Sought, flaw: str) -> Iterator[Story | Request]:
        sought = sought._replace(captures=sought.captures[1:], flaw=sought.flaw or flaw)
        if sought.captures:
            yield self._next_request(sought)
        elif sought.cut:
            yield self._story(sought.cut, sought)
        else:
            self._crawl.signals.settle(sought.section, sought.address, Outcome.FAILED, sought.flaw)

    def _judge(self, response: Response, sought: _Sought) -> tuple[str, int, bool]:
        """Return what is wrong with a captured page, the number of its letters, and whether the paywall cut it."""
        story = self._story(response, sought)
        result = clean(story.raw, story.origin, story.noise)
        story.title, story.body = one_line(story.title), result.lines
        if missing := missing_field(story):
            return f"{response.url}: the {story.edition} page has no {missing}", 0, False
        is_cut = story.truncated or result.truncated
        return f"{response.url}: cut by the paywall" if is_cut else "", len(words(story)), is_cut

    def _story(self, response: Response, sought: _Sought) -> Story:
        """Return the story of a captured page.

        :raises PageError: if the page is not the story's
        """
        found = _REPLAYED.search(response.url)
        here = read_link(found[2]) if found and urlsplit(response.url).netloc.lower() == self._host else None
        if not found or here is None or here.number != sought.address.number:
            raise PageError(f"{sought.address}: {response.url} is no page of it")
        page = Page.of(response.replace(url=found[2]))
        story = story_of(edition_of(page), page, sought.address, sought.section, self._crawl.wants_details)
        story.fetched = time_of(found[1])
        return story
