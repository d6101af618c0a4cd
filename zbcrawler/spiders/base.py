"""What the spiders of the site share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure
from typing_extensions import Self

from zbcrawler.common import arguments
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.outcomes import Outcome
from zbcrawler.discovery.crawl_context import Crawl
from zbcrawler.items import Story
from zbcrawler.signals import RunSignals, connect_signals
from zbcrawler.spiders.story_pages import NOT_MODIFIED, StoryPages


class SiteSpider(Spider):
    """A spider of the site; see :class:`zbcrawler.downloading.spider_protocol.CrawlingSpider` for its attributes.

    A method with the name of a signal receives the signal.

    :cvar ARGUMENTS: what reads each argument
    """

    ARGUMENTS: ClassVar[dict[str, Callable[[str], Any]]] = {}
    sections: tuple[str, ...] = ()
    owes = True
    journals = finds_again = False

    def __init__(self, name: str | None = None, **given: Any) -> None:
        """Read the arguments.

        :raises ArgumentError: if an argument is unknown or not allowed
        """
        super().__init__()
        if name is not None:  # Scrapy's own first argument, but none of ours
            given["name"] = name
        vars(self).update(arguments.read_arguments(self.ARGUMENTS, given))
        self.rechecked: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.prepare(crawler.settings)
        connect_signals(crawler, spider)
        return spider

    def prepare(self, settings: BaseSettings) -> None:
        """Make the spider's parts, without a crawler.

        :raises ArgumentError: if a setting is not allowed
        """
        self.signals = self.make_signals()
        self.crawl = Crawl.of(settings, self.signals, self.name, self.state_name)
        self.state = self.crawl.state
        self.stories = StoryPages(self.crawl)

    def make_signals(self) -> RunSignals:
        return RunSignals(self)

    @property
    def state_name(self) -> str:
        """Name of the file of the run state, which all runs that ask the same share."""
        return "state"

    @property
    def site(self) -> str:
        return self.crawl.site.url

    @property
    def own_hosts(self) -> frozenset[str]:
        return self.crawl.site.hosts

    def site_asked_to_wait(self, address: str, until: datetime) -> None:
        self.crawl.begin_pause(address, until)

    def story_settled(self, address: StoryAddress | str, outcome: Outcome) -> None:
        self.stories.remember(address, outcome)

    def was_asked_for(self, number: str) -> bool:
        return self.state.is_planned(number)

    async def start(self) -> AsyncIterator[Request]:
        """Request one page first, to learn where the site answers.

        If its other domain answers, the run stays there, instead of following a redirect for each story.
        """
        self.crawl.check_pause()
        for request in self.first_requests():
            yield request
            await self.crawl.site.answered.wait()

    def first_requests(self) -> Iterator[Request]:
        """Yield the first requests; each is made when the one before has been sent."""
        raise NotImplementedError

    def send_request(self, request: Request) -> None:
        if self.crawler.engine:
            self.crawler.engine.crawl(request)

    def story_request(self, address: StoryAddress, section: str, known: Path | None, **meta: Any) -> Request:
        """Return the request for a story that was announced.

        :param known: the post; if there is one, the site need not send a page that has not changed
        """
        url = self.site + address.path
        return Request(
            url,
            callback=self.parse_story,
            errback=self.story_failed,
            headers=self.stories.condition(address, url) if known else None,
            cb_kwargs={"section": section, "address": address},
            meta={"handle_httpstatus_list": [NOT_MODIFIED], **meta},
        )

    def parse_story(self, response: Response, section: str, address: StoryAddress) -> Iterator[Story]:
        return self.stories.read(response, section, address)

    def story_failed(self, failure: Failure) -> None:
        self.stories.fail(failure)
