"""The past as the site tells of it: its index of sitemaps, a month each."""

from __future__ import annotations

from collections import deque
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.spidermiddlewares.httperror import HttpError

from zbcrawler.common.addresses import STORY_HOSTS, StoryAddress
from zbcrawler.common.errors import PageError
from zbcrawler.discovery.past_source import PastStory
from zbcrawler.discovery.sitemaps import month_of, read_sitemap
from zbcrawler.downloading.retry_after import NotAskedError
from zbcrawler.spiders.base import describe_failure

if TYPE_CHECKING:
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from zbcrawler.discovery.candidates import Candidate
    from zbcrawler.discovery.sitemaps import Sitemap, SitemapEntry
    from zbcrawler.spiders.backfill import BackfillSpider

_WHERE = "sitemaps"
_NOT_THERE = 404
# site-layouts 1.1: the day of an address may be one beside that of the publication.
_A_DAY = timedelta(days=1)


class SitemapSource:
    """See :class:`zbcrawler.discovery.past_source.PastSource`."""

    def __init__(self, spider: BackfillSpider, _: BaseSettings) -> None:
        self._spider = spider
        self._parts: deque[str] = deque()  # paths
        self._failed = False

    def first_request(self) -> Request:
        return self._request("/sitemap.xml", self.parse_index, self.index_failed)

    def next_request(self) -> Request | None:
        if not self._parts:
            return None
        return self._request(self._parts.popleft(), self.parse_part, self.part_failed)

    def parts_left(self) -> int:
        return len(self._parts)

    def story_request(self, story: Candidate) -> Request:
        return self._spider.story_request(story.address, story.section, story.known)

    def end(self) -> None:
        self._parts.clear()
        self._failed = True  # what is not found now says nothing

    def _problem(self, what: str) -> None:
        self._failed = True
        self._spider.problem(_WHERE, what)

    def _part_is_done(self) -> None:
        spider = self._spider
        if not (self._parts or spider.listed or self._failed):
            sections = ", ".join(spider.sections)
            what = f"none of the sitemaps from {spider.since} to {spider.until} has a story of {sections}"
            self._problem(f"{what}; are the sections right, and was the site redesigned?")

    def _request(self, path: str, callback: Any, errback: Any) -> Request:
        # The site may send the run to another of its hosts, which is learnt from the index.
        meta = {"allow_offsite": True}
        return Request(self._spider.site + path, callback=callback, errback=errback, meta=meta)

    def parse_index(self, response: Response) -> None:
        """Read the index, and chooses the sitemaps that stories of the time may stand in."""
        spider = self._spider
        try:
            sitemap = read_sitemap(response)
        except PageError as error:
            spider.problem(_WHERE, str(error))
            return
        finally:
            spider.site_answered()
        spider.learn_site(response)
        if not sitemap.is_index:
            self._give(response, sitemap)
            return
        if sitemap.damage:
            spider.problem(_WHERE, f"{response.url}: broken, sitemaps may be missing: {sitemap.damage}")
        paths = dict.fromkeys(path for entry in sitemap.entries if (path := self._path_of(entry, response.url)))
        self._parts.extend(sorted(filter(self._may_hold, paths), key=lambda path: month_of(path) or date.min))
        if not self._parts:
            what = f"{response.url}: none of its {len(sitemap.entries)} sitemaps is of a month from {spider.since}"
            spider.problem(_WHERE, f"{what} to {spider.until}")

    def _path_of(self, entry: SitemapEntry, index: str) -> str | None:
        try:
            parts = urlsplit(entry.link)
        except ValueError:
            parts = None
        if parts is None or parts.netloc.lower() not in STORY_HOSTS | self._spider.own_hosts:
            what = f"{index}: names a sitemap that is not on the site: {entry.link[:200]}"
            self._spider.problem(_WHERE, what)
            return None
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _may_hold(self, path: str) -> bool:
        month = month_of(path)
        if month is None:  # the older form counts its parts
            return True
        after = (month + timedelta(days=31)).replace(day=1)
        return month - _A_DAY <= self._spider.until and self._spider.since <= after

    def parse_part(self, response: Response) -> None:
        """Read one part."""
        try:
            sitemap = read_sitemap(response)
            if sitemap.is_index:
                raise PageError(f"{response.url}: a sitemap of sitemaps, in the index of sitemaps")
        except PageError as error:
            self._problem(str(error))
            return
        self._give(response, sitemap)

    def _give(self, response: Response, sitemap: Sitemap) -> None:
        if sitemap.damage:
            self._problem(f"{response.url}: broken, stories may be missing: {sitemap.damage}")
        addresses = ((StoryAddress.parse(entry.link, self._spider.own_hosts), entry) for entry in sitemap.entries)
        found = [PastStory(address, entry.changed) for address, entry in addresses if address]
        if not sitemap.entries:
            self._spider.note(_WHERE, f"{response.url}: has no entries")
        elif month_of(response.url) and not found:
            self._problem(f"{response.url}: none of its {len(sitemap.entries)} links leads to a story")
        else:
            self._spider.take(_WHERE, found)
        self._part_is_done()

    def index_failed(self, failure: Failure) -> None:
        """The index did not answer."""
        self._spider.site_answered()
        if not failure.check(NotAskedError):
            self._spider.problem(_WHERE, describe_failure(failure))

    def part_failed(self, failure: Failure) -> None:
        """A part did not answer."""
        if failure.check(HttpError) and failure.value.response.status == _NOT_THERE:
            self._spider.note(_WHERE, f"{describe_failure(failure)}; none of its stories is found")
            self._part_is_done()
        elif not failure.check(NotAskedError):
            self._problem(describe_failure(failure))
