"""scrapy-redis's scheduler and duplicate filter, for stories; each run keeps its other requests to itself."""

from __future__ import annotations

import warnings
from collections import deque

import scrapy_redis.scheduler
from redis import RedisError
from scrapy import Request
from scrapy.exceptions import ScrapyDeprecationWarning
from scrapy_redis.dupefilter import RFPDupeFilter

from zbcrawler.cluster.spiders.seed import SeedSpider
from zbcrawler.cluster.spiders.work import WorkSpider
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import QueueError


class StoryFilter(RFPDupeFilter):
    """Recognise stories by their numbers, whatever their addresses."""

    def request_fingerprint(self, request: Request) -> str:
        address: StoryAddress = request.cb_kwargs["address"]
        return address.number


class Scheduler(scrapy_redis.scheduler.Scheduler):
    """Send the stories that ``seed`` finds through Redis to the workers.

    Listings, retries and redirects stay in the process that asked for them: a run settles each story that it took.
    """

    spider: SeedSpider | WorkSpider

    def open(self, spider: SeedSpider | WorkSpider) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ScrapyDeprecationWarning)  # scrapy-redis logs by Spider.log (0.9.1)
            super().open(spider)
        self._own: deque[Request] = deque()

    def enqueue_request(self, request: Request) -> bool:
        is_story = isinstance(request.cb_kwargs.get("address"), StoryAddress)
        if not (is_story and isinstance(self.spider, SeedSpider)):
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
            return self._next_story(self.spider) if isinstance(self.spider, WorkSpider) else None
        except RedisError as error:
            self._end(error)
        return None

    def _next_story(self, worker: WorkSpider) -> Request | None:
        while worker.wants_more():
            try:
                entry = self.queue.pop()
            except QueueError as error:
                worker.signals.problem("queue", str(error))
                continue
            if entry is None:
                worker.got_nothing()
                break
            if request := worker.take(**entry.cb_kwargs):
                return request
        return None

    def has_pending_requests(self) -> bool:
        return bool(self._own)

    def _end(self, error: RedisError) -> None:
        self.spider.signals.end_asking("redis", str(error))
