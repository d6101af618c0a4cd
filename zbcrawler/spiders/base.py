"""What the spiders of the site share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure
from typing_extensions import Self

from zbcrawler.archive.state import RunState
from zbcrawler.common import arguments
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.discovery.crawl import Crawl
from zbcrawler.downloading.retry_after import SitePause
from zbcrawler.items import Story
from zbcrawler.signals import RunSignals, site_asked_to_wait, story_settled
from zbcrawler.spiders.story_pages import NOT_MODIFIED, StoryPages


class SiteSpider(Spider):
    """A spider of the site; see :class:`zbcrawler.downloading.protocol.CrawlingSpider` for its class attributes.

    :cvar ARGUMENTS: what reads each argument
    """

    ARGUMENTS: ClassVar[dict[str, Callable[[str], Any]]] = {}
    sections: tuple[str, ...] = ()
    owes = True
    journals = False
    finds_again = False

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
        """Make a spider that listens to its crawler.

        :raises ArgumentError: if an argument or a setting is not allowed
        """
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.prepare(crawler.settings)
        crawler.signals.connect(spider.pause.begin, signal=site_asked_to_wait)
        crawler.signals.connect(spider.stories.remember, signal=story_settled)
        return spider

    def prepare(self, settings: BaseSettings) -> None:
        """Make the spider's parts.

        :raises ArgumentError: if a setting is not allowed
        """
        self.signals = self.make_signals()
        self.crawl = Crawl.of(settings, self.signals, self.name, self.state_name)
        self.stories = StoryPages(self.crawl)
        self.pause = SitePause(self.state, self.crawl.clock, self.signals)

    def make_signals(self) -> RunSignals:
        """Return what sends the signals of the run."""
        return RunSignals(self)

    @property
    def state_name(self) -> str:
        """Name of the file of the run state, which all runs that ask the same share."""
        return "state"

    @property
    def state(self) -> RunState:
        """What earlier runs left for this one."""
        return self.crawl.state

    @property
    def site(self) -> str:
        """``scheme://host[:port]`` where the site answers."""
        return self.crawl.site.url

    @property
    def own_hosts(self) -> frozenset[str]:
        """Hosts that stand for the site besides its public ones."""
        return self.crawl.site.hosts

    async def start(self) -> AsyncIterator[Request]:
        """Request one page first, to learn where the site answers.

        If its other domain answers, the run stays there, instead of following a redirect for each story.
        """
        self.pause.check(self.site)
        for request in self.first_requests():
            yield request
            await self.crawl.site.wait()

    def first_requests(self) -> Iterator[Request]:
        """Yield the first requests; each is made when the one before has been sent."""
        raise NotImplementedError

    def was_asked_for(self, number: str) -> bool:
        """See :class:`zbcrawler.downloading.protocol.CrawlingSpider`."""
        return self.state.is_planned(number)

    def send_request(self, request: Request) -> None:
        """Request a page outside of a callback."""
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
        """Read a story page."""
        return self.stories.read(response, section, address)

    def story_failed(self, failure: Failure) -> None:
        """Settle a story that was not answered with a page."""
        self.stories.fail(failure)
