"""Find past stories in the site's sitemaps: an index, and one or more sitemaps with entries, in two forms.

Source: site-layouts, section 11. The older form numbers its parts (``sitemap-0.xml`` …) and wraps addresses in CDATA;
today's form has one part for each month (``sitemap-202401.xml``). Either may be compressed with gzip.
"""

from __future__ import annotations

import re
import struct
import zlib
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml import etree
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.gz import gunzip, gzip_magic_number
from twisted.python.failure import Failure

from zbcrawler.common.addresses import STORY_HOSTS, StoryAddress
from zbcrawler.common.errors import PageError
from zbcrawler.common.times import machine_time
from zbcrawler.discovery.past_stories import A_DAY, PastSource, PastStory
from zbcrawler.downloading.failures import describe_failure, status_of, was_not_sent

_LARGEST = 64 * 1024 * 1024  # bytes. The protocol allows more (50,000 entries of 2,048 letters), but no site uses that
_MOST_MARKS = 2_000_000  # tags and references. A sitemap may have 50,000 entries, with some ten elements each
_MOST_PARTS = 1_000  # in an index. The site has one for each month, or some hundred with numbers
_END = re.compile(rb"</(?:[\w.-]+:)?(?:urlset|sitemapindex)\s*>$")
_MONTH = re.compile(r"sitemap-(20\d{2})(0[1-9]|1[0-2])\.xml(?:\.gz)?$", re.ASCII)


class SitemapSource(PastSource):
    """List past stories from sitemaps; each one in the index is a part."""

    name = unit = "sitemaps"

    def first_request(self) -> Request:
        return Request(f"{self.crawl.site.url}/sitemap.xml", self.parse_index, errback=self.index_failed)

    def part_request(self, part: str) -> Request:
        return Request(self.crawl.site.url + part, self.parse_part, errback=self.part_failed)

    def parse_index(self, response: Response) -> None:
        sitemap = self._read(response)
        self.crawl.site.answered.set()
        if sitemap is None:
            return
        self.crawl.site.learn(response)
        if not sitemap.is_index:
            self._take_stories(response, sitemap)
            return
        if sitemap.damage:
            self.crawl.signals.problem(self.name, f"{response.url}: broken, sitemaps may be missing: {sitemap.damage}")
        paths = {link: self._path_of(link) for link, _ in sitemap.entries}
        if elsewhere := [link for link, path in paths.items() if not path]:
            what = f"{response.url}: lists {len(elsewhere)} sitemaps that are not on the site: {elsewhere[0][:200]} …"
            self.crawl.signals.problem(self.name, what)
        wanted = list(dict.fromkeys(path for path in paths.values() if path and self._may_hold(path)))
        if len(wanted) > _MOST_PARTS:
            self.crawl.signals.problem(self.name, f"{response.url}: lists {len(wanted)} sitemaps; read {_MOST_PARTS}")
        self.parts.extend(sorted(wanted[:_MOST_PARTS], key=lambda path: month_of(path) or date.min))
        if not self.parts:
            what = f"{response.url}: none of its {len(sitemap.entries)} sitemaps is of a month from"
            self.problem(f"{what} {self.scope.since} to {self.scope.until}")

    def _read(self, response: Response) -> Sitemap | None:
        try:
            with self.crawl.time_budget(response.url):
                return read_sitemap(response)
        except PageError as error:
            self.problem(str(error))
            return None

    def _path_of(self, link: str) -> str:
        with suppress(ValueError):
            parts = urlsplit(link)
            if parts.netloc.lower() in STORY_HOSTS | self.crawl.site.hosts:
                return parts.path + (f"?{parts.query}" if parts.query else "")
        return ""

    def _may_hold(self, path: str) -> bool:
        month = month_of(path)
        if month is None:  # the older form numbers its parts
            return True
        after = (month + timedelta(days=31)).replace(day=1)
        return month - A_DAY <= self.scope.until and self.scope.since <= after

    def index_failed(self, failure: Failure) -> None:
        self.crawl.site.answered.set()
        if not was_not_sent(failure):
            self.problem(describe_failure(failure))

    def parse_part(self, response: Response) -> None:
        if (sitemap := self._read(response)) and sitemap.is_index:
            self.problem(f"{response.url}: a sitemap of sitemaps, in the index of sitemaps")
        elif sitemap:
            self._take_stories(response, sitemap)

    def part_failed(self, failure: Failure) -> None:
        if status_of(failure) == 404:
            self.crawl.signals.note(self.name, f"{describe_failure(failure)}; none of its stories is found")
            self._check_found()
        else:
            self.index_failed(failure)

    def _take_stories(self, response: Response, sitemap: Sitemap) -> None:
        if sitemap.damage:
            self.problem(f"{response.url}: broken, stories may be missing: {sitemap.damage}")
        addresses = ((StoryAddress.parse(link, self.crawl.site.hosts), changed) for link, changed in sitemap.entries)
        found = [PastStory(address, changed) for address, changed in addresses if address]
        if not sitemap.entries:
            self.crawl.signals.note(self.name, f"{response.url}: has no entries")
        elif month_of(response.url) and not found:
            self.problem(f"{response.url}: none of its {len(sitemap.entries)} links leads to a story")
        else:
            self.is_excused |= any(self.scope.holds(story.address) for story in found)
            self.take(found)
        self._check_found()

    def _check_found(self) -> None:
        what = f"none of the sitemaps from {self.scope.since} to {self.scope.until} has a story of"
        self.check_found(f"{what} {', '.join(self.scope.sections) or 'any section'}")


class Sitemap(NamedTuple):
    is_index: bool  # its entries are sitemaps themselves
    entries: list[tuple[str, datetime | None]]  # address, and ``lastmod`` (aware; None if it is missing or wrong)
    damage: str = ""  # what is broken; ``entries`` are those that could be read


def read_sitemap(response: Response) -> Sitemap:
    """Read an answer; raise PageError if it is no sitemap."""
    try:
        body = gunzip(response.body, max_size=_LARGEST) if gzip_magic_number(response) else response.body
    except (OSError, EOFError, ValueError, struct.error, zlib.error) as error:
        raise PageError(f"{response.url}: gzip that cannot be unpacked: {error}") from error
    if body.count(b"<") + body.count(b"&") > _MOST_MARKS:
        raise PageError(f"{response.url}: more markup than a sitemap may have")
    # Entities are neither fetched nor multiplied.
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(body.strip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PageError(f"{response.url}: not a sitemap: {error}") from error
    kind = etree.QName(root).localname if root is not None else ""
    if kind not in ("urlset", "sitemapindex"):
        raise PageError(f"{response.url}: not a sitemap: its root is {kind or 'missing'}, not urlset or sitemapindex")
    entries = []
    for element in root.iterchildren("{*}*"):
        link, changed = (" ".join(element.findtext(f"{{*}}{name}", "").split()) for name in ("loc", "lastmod"))
        if link:
            entries.append((link, machine_time(changed)))
    # Other errors, such as a wrong encoding or a stray character, lose no entries.
    fault = next((fault for fault in parser.error_log if fault.level_name == "FATAL"), None)
    if fault and not _END.search(body.strip()):
        # The last address may be cut, and a cut number may be the number of another story.
        entries = entries[:-1]
    return Sitemap(kind == "sitemapindex", entries, f"line {fault.line}: {fault.message.strip()}" if fault else "")


def month_of(link: str) -> date | None:
    """Return the first day of the month in a sitemap's address; None if there is no month."""
    found = _MONTH.search(link)
    return date(int(found[1]), int(found[2]), 1) if found else None
