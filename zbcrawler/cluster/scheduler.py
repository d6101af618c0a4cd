"""scrapy-redis's scheduler, duplicate filter and serializer, for stories; other requests stay in their process."""

from __future__ import annotations

import json
import warnings
from collections import deque
from typing import Any

import scrapy_redis.scheduler
from redis import RedisError
from scrapy import Request
from scrapy.exceptions import ScrapyDeprecationWarning
from scrapy_redis.dupefilter import RFPDupeFilter

from zbcrawler.cluster.spiders.seed import SeedSpider
from zbcrawler.cluster.spiders.work import WorkSpider
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import QueueError

# Bytes. A section's path and an address have about a tenth of this.
_LONGEST = 2000


class StoryFilter(RFPDupeFilter):
    """Recognise stories by their days and numbers, not their sections."""

    def request_fingerprint(self, request: Request) -> str:
        address: StoryAddress = request.cb_kwargs["address"]
        return address.key_in(())


class Scheduler(scrapy_redis.scheduler.Scheduler):
    """Send the stories that ``seed`` finds through Redis to the workers.

    Listings, retries and redirects stay in the process that made them, because a run settles each story that it took.
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
            if not self.df.request_seen(request):
                self.queue.push(request)
                return True
        except RedisError as error:
            self.spider.signals.end_requests("redis", str(error))
        return False

    def next_request(self) -> Request | None:
        if self._own:
            return self._own.popleft()
        try:
            return self._next_story(self.spider) if isinstance(self.spider, WorkSpider) else None
        except RedisError as error:
            self.spider.signals.end_requests("redis", str(error))
        return None

    def _next_story(self, worker: WorkSpider) -> Request | None:
        while worker.wants_more():
            try:
                entry = self.queue.pop()
            except QueueError as error:
                worker.signals.problem("queue", str(error))
                continue
            if entry is None:
                worker.release_if_idle()
                return None
            if request := worker.take_story(**entry.cb_kwargs):
                return request
        return None

    def has_pending_requests(self) -> bool:
        return bool(self._own)


def dumps(request: dict[str, Any]) -> str:
    """Return the queue entry for a story's request, which Scrapy passes as a dict."""
    details = request["cb_kwargs"]
    return json.dumps({"story": details["address"].url, "section": details["section"]}, ensure_ascii=False)


def loads(entry: bytes) -> dict[str, Any]:
    """Return the request of a queue entry as a dict; a worker makes a new request from it, for its own host.

    :raises QueueError: if the entry was not written by zbcrawler
    """
    try:
        if len(entry) > _LONGEST:
            raise ValueError("too long")
        details = json.loads(entry)
        address, section = StoryAddress.parse(details["story"]), details["section"]
        if address is None or not isinstance(section, str):
            raise ValueError("not a story")
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        what = f"an entry of the queue was not written by zbcrawler, and was left out: {entry[:200]!r} ({error})"
        raise QueueError(what) from error
    return {"url": address.url, "cb_kwargs": {"section": section, "address": address}}
