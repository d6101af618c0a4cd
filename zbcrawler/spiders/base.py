"""The base class of the spiders."""

from collections import deque
from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.settings import BaseSettings
from typing_extensions import Self

from zbcrawler.common import arguments
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.spider_arguments import Argument, read_arguments
from zbcrawler.discovery.candidates import Candidate
from zbcrawler.discovery.crawl_context import Crawl
from zbcrawler.discovery.unreadable import UNREAD_STORIES, UnreadablePages
from zbcrawler.signals import RunSignals, connect_signals
from zbcrawler.spiders.story_pages import StoryPages

OWED = Argument(arguments.now, "now: try all owed stories, also those that are not due yet", "now")

# A request takes much memory, so only a batch of requests exists at a time.
_REQUESTS_AT_ONCE = 100


class SiteSpider(Spider):
    """A spider of the site; see :class:`zbcrawler.downloading.spider_protocol.CrawlingSpider` for its attributes.

    The methods of the spider and of its ``parts`` that have the name of a signal are connected to it.
    """

    ARGUMENTS: ClassVar[dict[str, Argument]] = {}
    sections: tuple[str, ...] = ()
    owes = True
    journals = finds_again = has_learnt = False
    state_name = "state"  # of the run state's file, shared by all runs that request from the same source

    def __init__(self, **given: Any) -> None:
        """Read the arguments; raise ArgumentError if one is unknown or not allowed."""
        super().__init__()
        vars(self).update(read_arguments(self.ARGUMENTS, given))
        self.rechecked: set[str] = set()
        self.requested: set[str] = set()  # keys of the last batch

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.prepare(crawler.settings)
        for part in (spider, *spider.parts):
            connect_signals(crawler, part)
        return spider

    def prepare(self, settings: BaseSettings) -> None:
        """Make the spider's parts, without a crawler; raise ArgumentError if a setting is not allowed."""
        self.signals = RunSignals(self)
        self.crawl = Crawl(settings, self.signals, self.name, self.state_name)
        self.state = self.crawl.state
        self.stories = StoryPages(self.crawl)
        self.unreadable = UnreadablePages(settings.getfloat("MISSING_LIMIT"))
        self.parts: list[object] = [self.crawl, self.stories, self.unreadable]

    @property
    def site(self) -> str:
        return self.crawl.site.url

    @property
    def own_hosts(self) -> frozenset[str]:
        return self.crawl.site.hosts

    def was_requested(self, address: StoryAddress) -> bool:
        return self.state.is_planned(address)

    async def start(self) -> AsyncIterator[Request]:
        """Request one page first: if the site redirects to its other domain, all other requests go there at once."""
        self.crawl.check_pause()
        for request in self.first_requests():
            yield request
            await self.crawl.site.answered.wait()

    def first_requests(self) -> Iterator[Request]:
        """Yield the first requests; the spider makes each after it has sent the one before."""
        yield from ()

    def send_batch(self, queue: deque[Candidate]) -> None:
        """Request the next stories of a queue; keep the spider open if the queue was not empty."""
        if batch := [queue.popleft() for _ in range(min(_REQUESTS_AT_ONCE, len(queue)))]:
            self.requested = {story.address.key_in(()) for story in batch}
            for story in batch:
                self.send_story_request(story)
            raise DontCloseSpider

    def learn(self, by_hand: bool = False) -> None:
        """Begin to learn the pages that could not be read, if there are any; keep the spider open then."""
        if self.state.fact(UNREAD_STORIES):
            self.unreadable.odd = 0
        if self.has_learnt or self.unreadable.is_over or not (self.unreadable.kinds or by_hand):
            return
        self.has_learnt = True
        # Imported here, because hardly any run learns.
        from zbcrawler.discovery.learning import Learner  # noqa: PLC0415

        learner = Learner(self.crawl, self.unreadable, self.settings, by_hand)
        if request := learner.first_request(self.sections):
            self.send_request(request)
            raise DontCloseSpider

    def send_story_request(self, story: Candidate) -> None:
        is_conditional = bool(story.known) and not (story.repeats or story.last_look)
        request = self.stories.request(story.address, story.section, is_conditional)
        if story.changed or story.last_look:
            # A cache on the way may hold the page from before the change.
            request.headers["Cache-Control"] = "no-cache"
        self.send_request(request)

    def send_request(self, request: Request) -> None:
        if self.crawler.engine:
            self.crawler.engine.crawl(request)
