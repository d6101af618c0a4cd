"""scrapy-redis's scheduler and duplicate filter, for stories; whatever else a run asks for is its own."""

from __future__ import annotations

import warnings
from collections import deque
from typing import TYPE_CHECKING, Protocol

import scrapy_redis.scheduler
from redis import RedisError
from scrapy.exceptions import ScrapyDeprecationWarning
from scrapy_redis.dupefilter import RFPDupeFilter

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import QueueError

if TYPE_CHECKING:
    from scrapy import Request


class StoryFilter(RFPDupeFilter):
    """Knows stories by their numbers, whichever of their addresses is asked for."""

    def request_fingerprint(self, request: Request) -> str:
        return request.cb_kwargs["address"].number


class ClusterSpider(Protocol):
    """What the scheduler needs of a spider.

    :cvar hands_out: whether its stories go into the queue, instead of being asked for by itself
    """

    hands_out: bool

    def wants_more(self) -> bool:
        """Whether it takes stories out of the queue now."""

    def take(self, section: str, address: StoryAddress) -> Request | None:
        """Take a story over; None if it need not be asked for."""

    def got_nothing(self) -> None:
        """Hears that there was no story for it."""

    def problem(self, where: str, what: str) -> None:
        """Tells the run of something that needs a person."""

    def end_with(self, where: str, what: str) -> None:
        """As ``problem``; and nothing more is asked for."""


class Scheduler(scrapy_redis.scheduler.Scheduler):
    """What ``seed`` finds goes through Redis to the workers.

    Listings, retries and redirects stay where they came up: a run tells what became of each story that it took.
    """

    spider: ClusterSpider

    def open(self, spider: ClusterSpider) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ScrapyDeprecationWarning)  # it logs by Spider.log (0.9.1)
            super().open(spider)
        self._own: deque[Request] = deque()

    def enqueue_request(self, request: Request) -> bool:
        if not (self.spider.hands_out and isinstance(request.cb_kwargs.get("address"), StoryAddress)):
            self._own.append(request)
            return True
        try:
            if self.df.request_seen(request):
                return False
            self.queue.push(request)
        except RedisError as error:
            self._end(error)
            return False
        return True

    def next_request(self) -> Request | None:
        if self._own:
            return self._own.popleft()
        try:
            while self.spider.wants_more():
                try:
                    entry = self.queue.pop()
                except QueueError as error:
                    self.spider.problem("queue", str(error))
                    continue
                if entry is None:
                    self.spider.got_nothing()
                    break
                if request := self.spider.take(**entry.cb_kwargs):
                    return request
        except RedisError as error:
            self._end(error)
        return None

    def has_pending_requests(self) -> bool:
        return bool(self._own)

    def _end(self, error: RedisError) -> None:
        self.spider.end_with("redis", str(error))
