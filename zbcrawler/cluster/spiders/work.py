"""``SCRAPY_PROJECT=cluster scrapy crawl work``: fetches the stories that ``seed`` hands out."""

from __future__ import annotations

import atexit
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from redis import RedisError
from scrapy import signals
from scrapy.exceptions import DontCloseSpider
from scrapy.utils.asyncio import create_looping_call

from zbcrawler.cluster.settings import CLUSTER_SPIDER_SETTINGS
from zbcrawler.cluster.shared import Shared
from zbcrawler.common import options
from zbcrawler.common.outcomes import Outcome
from zbcrawler.signals import asking_must_end, story_settled
from zbcrawler.spiders.base import SiteSpider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from typing_extensions import Self

    from zbcrawler.common.addresses import StoryAddress

# While a run is committed and pushed nothing tells that its process lives.
_TO_PUSH = 600


class WorkSpider(SiteSpider):
    """Archives stories out of the cluster's queue, until it is empty or the run was given ``WORK_STORIES``.

    It writes into a clone of the archive of its own, and is started again and again. What it was given and does not
    archive is nobody's, until ``seed`` asks the archive again what is missing.
    """

    name = "work"
    custom_settings: ClassVar = CLUSTER_SPIDER_SETTINGS
    ARGUMENTS: ClassVar = {}
    finds_again = True
    hands_out = False

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        for signal, receiver in (
            (signals.spider_opened, spider.begin),
            (signals.spider_idle, spider.wait),
            (story_settled, spider.settled),
            (asking_must_end, spider.take_no_more),
            (signals.spider_closed, spider.end),
        ):
            crawler.signals.connect(receiver, signal=signal)
        return spider

    def prepare(self, settings: BaseSettings) -> None:
        super().prepare(settings)
        self.shared = Shared.checked(settings)
        self._wait = options.whole_number(settings, "WORK_WAIT", 1)
        self._left = options.whole_number(settings, "WORK_STORIES", 1)
        self._lease = options.whole_number(settings, "WORK_LEASE", 1)
        self._last = monotonic()
        self._works = self._took = False

    def first_requests(self) -> Iterator[Request]:
        yield from ()

    # -- signs of life ---------------------------------------------------------------------------

    def begin(self) -> None:
        self._life = create_looping_call(self._show_life)
        self._life.start(self._lease / 3, now=False)

    def _show_life(self) -> None:
        if self._works:
            with suppress(RedisError):  # whoever asks for the next story will tell
                self.shared.work(self._lease)

    def end(self) -> None:
        self.take_no_more()
        self._life.stop()
        if self._works:
            atexit.register(self._rest)
            with suppress(RedisError):
                self.shared.work(_TO_PUSH)

    def _rest(self) -> None:
        with suppress(RedisError):  # it will be taken for dead, later
            self.shared.rest()

    # -- stories ---------------------------------------------------------------------------------

    def wants_more(self) -> bool:
        """Whether to take a story out of the queue now.

        :raises RedisError: if Redis does not answer
        """
        if self._left and not self._works and self.shared.waiting():
            # First, so that there is no moment in which a story is neither in the queue nor anybody's.
            self.shared.work(self._lease)
            self._works = True
        return self._works and self._left > 0

    def got_nothing(self) -> None:
        """Another worker was faster, or the queue is empty."""
        if not self._took:
            self._works = False
            self.shared.rest()

    def take(self, section: str, address: StoryAddress) -> Request | None:
        """Take a story over; None if the clone has it already."""
        self._took = True
        self._left -= 1
        self.announce(address, section)
        try:
            if not self.archive.find(address) or self.owed.has(address):
                return self.story_request(address, section, None)
        except OSError as error:
            self.end_with(f"archive {self.archive.root}", str(error))
            self.settle(section, address, Outcome.LEFT)
        else:
            self.settle(section, address, Outcome.UNCHANGED)
        return None

    def wait(self) -> None:
        """Wait for more."""
        if self._left and monotonic() - self._last < self._wait:
            raise DontCloseSpider

    def settled(self) -> None:
        self._last = monotonic()

    def take_no_more(self) -> None:
        self._left = 0

    def was_asked_for(self, number: str) -> bool:
        return True
