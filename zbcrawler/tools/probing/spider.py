"""Fetches one page, and sends its story through the pipelines that a run has, all but the last."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.clock import Clock
from zbcrawler.common.errors import PageError
from zbcrawler.downloading.failures import describe_failure
from zbcrawler.editions import FieldValue, Listing, Page, Reading, edition_of
from zbcrawler.signals import body_cleaned
from zbcrawler.tools.probing.saved import own_address, read_saved

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from lxml.html import HtmlElement
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure
    from typing_extensions import Self

    from zbcrawler.editions import Edition
    from zbcrawler.items import Story


@dataclass
class Probe:
    """What was found out about a page; what is None was not reached.

    :ivar collected: when it was fetched (aware)
    :ivar problem: why it could not be read to its end, empty if it was
    :ivar story: as it would be written; only of a story page
    :ivar removed: what the cleaner dropped: the rule's name and the element
    """

    page: Page | None = None
    collected: Any = None
    edition: Edition | None = None
    listing: Listing | None = None
    reading: Reading | None = None
    details: dict[str, FieldValue] = field(default_factory=dict)
    story: Story | None = None
    removed: list[tuple[str, HtmlElement]] = field(default_factory=list)
    problem: str = ""


class ProbeSpider(Spider):
    """Reads one page; see ``scrapy probe``."""

    name = "probe"

    def __init__(self, link: str, address: str, probe: Probe) -> None:
        """Prepare the reading of one page.

        :param link: where the page is got from, ``http:``, ``https:`` or ``file:``
        :param address: where it was on the site; empty to take the page's own word
        :param probe: is filled
        """
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
        spider.clock = Clock.from_settings(crawler.settings)
        crawler.signals.connect(spider.body_cleaned, signal=body_cleaned)
        crawler.signals.connect(spider.item_scraped, signal=signals.item_scraped)
        crawler.signals.connect(spider.item_dropped, signal=signals.item_dropped)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        yield Request(self.link, errback=self.failed, meta={"allow_offsite": True, "handle_httpstatus_all": True})

    def parse(self, response: Response) -> Iterator[Story]:
        """Read what came, as a listing or as a story by its address."""
        probe = self.probe
        try:
            if response.status != 200:
                raise PageError(f"{response.url}: answered {response.status}")
            probe.page = page = self._page(response)
            probe.edition = edition = edition_of(page)
            if page.address.startswith("file:"):
                raise PageError(f"{page.address}: does not tell where it was on the site; give --address URL")
            address = StoryAddress.parse(page.address, self.own_hosts)
            if address is None:
                probe.listing = edition.listing(page, probe.collected)
                return
            probe.reading = reading = edition.story(page)
            probe.details = edition.details(page)
        except PageError as error:
            probe.problem = str(error)
            return
        yield reading.as_story(address, address.section, page.origin)

    def failed(self, failure: Failure) -> None:
        """Note why there is no page."""
        self.probe.problem = describe_failure(failure)

    def body_cleaned(self, removed: list[tuple[str, HtmlElement]]) -> None:
        self.probe.removed = removed

    def item_scraped(self, item: Story) -> None:
        self.probe.story = item

    def item_dropped(self, exception: BaseException) -> None:
        self.probe.problem = str(exception)

    def _page(self, response: Response) -> Page:
        page = Page.of(response)
        kept = read_saved(page.text)
        # A saved page tells whole seconds, and a listing's times count from them.
        self.probe.collected = self.clock.now().replace(microsecond=0)
        address = self.address or kept.address
        if not address and response.url.startswith("file:"):
            address = own_address(Page("", kept.text))
        return Page(address or response.url, kept.text)
