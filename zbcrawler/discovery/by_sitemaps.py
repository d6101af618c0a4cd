"""The past according to the site: its index of sitemaps, one for each month."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from zbcrawler.common.addresses import STORY_HOSTS, StoryAddress
from zbcrawler.common.errors import PageError
from zbcrawler.discovery.candidates import Candidate
from zbcrawler.discovery.crawl import Crawl
from zbcrawler.discovery.past import A_DAY, PastScope, PastStory, TakePart
from zbcrawler.discovery.sitemaps import Sitemap, SitemapEntry, month_of, read_sitemap
from zbcrawler.downloading.failures import describe_failure, status_of, was_not_sent

_WHERE = "sitemaps"
_NOT_THERE = 404


class SitemapSource:
    """See :class:`zbcrawler.discovery.past.PastSource`. A part is a sitemap."""

    def __init__(self, crawl: Crawl, scope: PastScope, take: TakePart, _: BaseSettings) -> None:
        self._crawl = crawl
        self._scope = scope
        self._take = take
        self._parts: deque[str] = deque()  # paths
        # Whether it is no problem if no story of the scope is found.
        self._is_excused = False

    def first_request(self) -> Request:
        return self._request("/sitemap.xml", self.parse_index, self.index_failed)

    def next_request(self) -> Request | None:
        return self._request(self._parts.popleft(), self.parse_part, self.part_failed) if self._parts else None

    def parts_left(self) -> int:
        return len(self._parts)

    def story_request(self, story: Candidate) -> None:
        """Ask the site."""

    def end(self) -> None:
        self._parts.clear()
        self._is_excused = True

    def _request(self, path: str, callback: Any, errback: Any) -> Request:
        # The site may redirect the run to another of its hosts, which the run learns from the index.
        meta = {"allow_offsite": True}
        return Request(self._crawl.site.url + path, callback=callback, errback=errback, meta=meta)

    def parse_index(self, response: Response) -> None:
        """Read the index, and choose the sitemaps that may hold stories of the scope."""
        problem, scope = self._crawl.signals.problem, self._scope
        try:
            sitemap = read_sitemap(response)
        except PageError as error:
            problem(_WHERE, str(error))
            return
        finally:
            self._crawl.site.answered.set()
        self._crawl.site.learn(response)
        if not sitemap.is_index:
            self._take_stories(response, sitemap)
            return
        if sitemap.damage:
            problem(_WHERE, f"{response.url}: broken, sitemaps may be missing: {sitemap.damage}")
        paths = dict.fromkeys(path for entry in sitemap.entries if (path := self._path_of(entry, response.url)))
        self._parts.extend(sorted(filter(self._may_hold, paths), key=lambda path: month_of(path) or date.min))
        if not self._parts:
            what = f"{response.url}: none of its {len(sitemap.entries)} sitemaps is of a month from {scope.since}"
            problem(_WHERE, f"{what} to {scope.until}")

    def _path_of(self, entry: SitemapEntry, index: str) -> str | None:
        with suppress(ValueError):
            parts = urlsplit(entry.link)
            if parts.netloc.lower() in STORY_HOSTS | self._crawl.site.hosts:
                return parts.path + (f"?{parts.query}" if parts.query else "")
        what = f"{index}: names a sitemap that is not on the site: {entry.link[:200]}"
        self._crawl.signals.problem(_WHERE, what)
        return None

    def _may_hold(self, path: str) -> bool:
        month = month_of(path)
        if month is None:  # the older form numbers its parts
            return True
        after = (month + timedelta(days=31)).replace(day=1)
        return month - A_DAY <= self._scope.until and self._scope.since <= after

    def index_failed(self, failure: Failure) -> None:
        self._crawl.site.answered.set()
        if not was_not_sent(failure):
            self._crawl.signals.problem(_WHERE, describe_failure(failure))

    def parse_part(self, response: Response) -> None:
        try:
            sitemap = read_sitemap(response)
            if sitemap.is_index:
                raise PageError(f"{response.url}: a sitemap of sitemaps, in the index of sitemaps")
        except PageError as error:
            self._problem(str(error))
            return
        self._take_stories(response, sitemap)

    def part_failed(self, failure: Failure) -> None:
        if status_of(failure) == _NOT_THERE:
            self._crawl.signals.note(_WHERE, f"{describe_failure(failure)}; none of its stories is found")
            self._check_found()
        elif not was_not_sent(failure):
            self._problem(describe_failure(failure))

    def _take_stories(self, response: Response, sitemap: Sitemap) -> None:
        if sitemap.damage:
            self._problem(f"{response.url}: broken, stories may be missing: {sitemap.damage}")
        addresses = ((StoryAddress.parse(entry.link, self._crawl.site.hosts), entry) for entry in sitemap.entries)
        found = [PastStory(address, entry.changed) for address, entry in addresses if address]
        if not sitemap.entries:
            self._crawl.signals.note(_WHERE, f"{response.url}: has no entries")
        elif month_of(response.url) and not found:
            self._problem(f"{response.url}: none of its {len(sitemap.entries)} links leads to a story")
        else:
            self._is_excused |= any(self._scope.rank(story.address) is not None for story in found)
            self._take(_WHERE, found)
        self._check_found()

    def _check_found(self) -> None:
        if not (self._parts or self._is_excused):
            sections = ", ".join(self._scope.sections)
            what = f"none of the sitemaps from {self._scope.since} to {self._scope.until} has a story of {sections}"
            self._problem(f"{what}; are the sections right, and was the site redesigned?")

    def _problem(self, what: str) -> None:
        self._is_excused = True
        self._crawl.signals.problem(_WHERE, what)
