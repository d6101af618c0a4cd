"""Fetch one page, and send its story through the pipelines of a run, except those that write."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure
from typing_extensions import Self

from zbcrawler.archive.disk import EDITIONS
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.arguments import archive_dir, site_hosts
from zbcrawler.common.errors import PageError
from zbcrawler.common.markup import TimeBudget, page_seconds
from zbcrawler.common.times import Clock
from zbcrawler.downloading.failures import describe_failure
from zbcrawler.editions import Edition, Editions, Page
from zbcrawler.editions.edition import Listing, Reading
from zbcrawler.editions.field_sources import FieldValue
from zbcrawler.editions.own_address import check_own_address
from zbcrawler.items import Story
from zbcrawler.signals import body_cleaned, connect_signals, receives
from zbcrawler.tools.probing.saved_pages import own_address, read_saved


@dataclass
class Probe:
    """The findings about a page; None for steps that were not reached."""

    page: Page | None = None
    collected: datetime | None = None  # when the page was fetched (aware)
    edition: Edition | None = None
    listing: Listing | None = None
    reading: Reading | None = None
    details: dict[str, FieldValue] = field(default_factory=dict)
    story: Story | None = None  # as it would be written; only of a story page
    removed: list[tuple[str, HtmlElement]] = field(default_factory=list)  # by the cleaner: the rule's name, the element
    problem: str = ""  # why the page could not be read to its end, empty if it was

    @property
    def result(self) -> tuple[Page, Edition, datetime, Listing | Story] | None:
        """What a fixture is made of; None if the page was not read to its end."""
        read = self.listing or self.story
        if self.problem or not (self.page and self.edition and self.collected and read):
            return None
        return self.page, self.edition, self.collected, read


class ProbeSpider(Spider):
    """Reads one page; see ``scrapy probe``."""

    name = "probe"
    clock: Clock
    editions: Editions

    def __init__(self, link: str, address: str, probe: Probe) -> None:
        """Prepare to read; an empty ``address`` stands for the address that the page gives itself."""
        super().__init__()
        self.link = link
        self.address = address
        self.probe = probe
        parts = urlsplit(link)
        self.site = f"{parts.scheme}://{parts.netloc}"
        self.own_hosts = frozenset({parts.netloc.lower()})

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.editions = Editions.of(Path(archive_dir(crawler.settings)) / EDITIONS)
        spider.clock = Clock.from_settings(crawler.settings)
        spider.own_hosts |= site_hosts(crawler.settings)
        connect_signals(crawler, spider)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        yield Request(self.link, errback=self.failed, meta={"allow_offsite": True, "handle_httpstatus_all": True})

    def parse(self, response: Response) -> Iterator[Story]:
        """Read the page, by its address as a listing or as a story."""
        try:
            with TimeBudget(page_seconds(self.settings), response.url):
                story = self._read(response)
        except PageError as error:
            self.probe.problem = str(error)
            return
        if story:
            yield story

    def _read(self, response: Response) -> Story | None:
        """Note what the page holds, and return its story; None for a listing."""
        probe = self.probe
        if response.status != 200:
            raise PageError(f"{response.url}: answered {response.status}")
        probe.page = page = self._page(response)
        # A saved page has whole seconds, and a listing's times count from them.
        probe.collected = now = self.clock.now().replace(microsecond=0)
        probe.edition = edition = self.editions.edition_of(page)
        if page.address.startswith("file:"):
            raise PageError(f"{page.address}: does not contain its address on the site; give --address URL")
        address = StoryAddress.parse(page.address, self.own_hosts)
        if address is None:
            probe.listing = edition.listing(page, now)
            return None
        check_own_address(page, address, edition.own_links(page))
        probe.reading = reading = edition.story(page)
        probe.details = edition.details(page)
        return reading.as_story(address, address.section, page.origin)

    def failed(self, failure: Failure) -> None:
        """Note why there is no page."""
        self.probe.problem = describe_failure(failure)

    @receives(body_cleaned)
    def body_cleaned(self, removed: list[tuple[str, HtmlElement]]) -> None:
        self.probe.removed = removed

    @receives(signals.item_scraped)
    def item_scraped(self, item: Story) -> None:
        self.probe.story = item

    @receives(signals.item_dropped)
    def item_dropped(self, exception: BaseException) -> None:
        self.probe.problem = str(exception)

    def _page(self, response: Response) -> Page:
        page = Page.of(response)
        kept = read_saved(page.text)
        address = self.address or kept.address
        if not address and response.url.startswith("file:"):
            address = own_address(Page("", kept.text))
        return Page(address or response.url, kept.text)
