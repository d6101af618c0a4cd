"""``SCRAPY_PROJECT=cluster scrapy crawl work``: fetch the stories that ``seed`` hands out."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from time import monotonic

from redis import RedisError
from scrapy import Request, signals
from scrapy.exceptions import DontCloseSpider
from scrapy.settings import BaseSettings
from scrapy.utils.asyncio import create_looping_call

from zbcrawler.cluster.shared import Shared
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.arguments import whole_number
from zbcrawler.common.errors import Outcome, QueueError
from zbcrawler.signals import receives, requests_must_end, story_settled
from zbcrawler.spiders.base import SiteSpider

# The lease for the commit and push at the end, during which the process cannot extend it.
_PUSH_SECONDS = 600
# Several, so that the next page is on its way while the pictures of a story are fetched.
_STORIES_AT_ONCE = 10


class WorkSpider(SiteSpider):
    """Archive stories from the cluster's queue, until the queue is empty or the run has taken ``WORK_STORIES``.

    Each worker writes into its own clone of the archive, and is started again and again. Stories that a worker took but
    did not archive are handed out again in a later round of ``seed``.
    """

    name = "work"
    finds_again = True

    def prepare(self, settings: BaseSettings) -> None:
        super().prepare(settings)
        self.shared = Shared.checked(settings)
        self._wait = whole_number(settings, "WORK_WAIT", 1)
        self._left = whole_number(settings, "WORK_STORIES", 1)
        self._lease = whole_number(settings, "WORK_LEASE", 1)
        self._last = monotonic()
        self._works = self._took = False

    def first_requests(self) -> Iterator[Request]:
        yield from ()

    @receives(signals.spider_opened)
    def spider_opened(self) -> None:
        self._lease_loop = create_looping_call(self._extend_lease)
        self._lease_loop.start(self._lease / 3, now=False)

    def _extend_lease(self) -> None:
        if self._works:
            with suppress(RedisError):  # the request for the next story will report the error
                self.shared.begin_work(self._lease)

    @receives(signals.spider_closed)
    def spider_closed(self) -> None:
        self.requests_must_end()
        self._lease_loop.stop()
        if self._works:
            atexit.register(self._end_work)
            with suppress(RedisError):
                self.shared.begin_work(_PUSH_SECONDS)

    def _end_work(self) -> None:
        with suppress(RedisError):  # the lease ends later
            self.shared.end_work()

    def _take_stories(self) -> Iterator[Request]:
        """Take stories from the queue, until it is empty or the run has enough, and yield their requests.

        :raises RedisError: if Redis does not answer
        """
        while self._left and (self._works or self.shared.count_queued()):
            if not self._works:
                # Before a story leaves the queue, so that the story always is in the queue or with a worker.
                self.shared.begin_work(self._lease)
                self._works = True
            try:
                taken = self.shared.take_story()
            except QueueError as error:
                self.signals.problem("queue", str(error))
                continue
            if taken is None:
                self._release_if_idle()
                return
            if request := self._request_of(*taken):
                yield request

    def _release_if_idle(self) -> None:
        """Release the lease if this run has no story: another worker was faster, or the queue is empty."""
        if not self._took:
            self._works = False
            self.shared.end_work()

    def _request_of(self, section: str, address: StoryAddress) -> Request | None:
        """Return the request for a story of the queue; None if the clone has the story already."""
        self._took = True
        self._left -= 1
        self.signals.announce(section, address)
        try:
            if not self.crawl.archive.find(address) or self.crawl.archive.notes.owed.has(address):
                return self.story_request(address, section, None)
        except OSError as error:
            self.signals.end_requests(f"archive {self.crawl.archive.root}", str(error))
            self.signals.settle(section, address, Outcome.LEFT)
        else:
            self.signals.settle(section, address, Outcome.UNCHANGED)
        return None

    @receives(signals.spider_idle)
    def spider_idle(self) -> None:
        try:
            for request in islice(self._take_stories(), _STORIES_AT_ONCE):
                self.send_request(request)
        except RedisError as error:
            self.signals.end_requests("redis", str(error))
        if self._left and monotonic() - self._last < self._wait:
            raise DontCloseSpider

    @receives(story_settled)
    def story_settled(self, address: StoryAddress | str, outcome: Outcome) -> None:
        self._last = monotonic()

    @receives(requests_must_end)
    def requests_must_end(self) -> None:
        self._left = 0

    def was_requested(self, address: StoryAddress) -> bool:
        return True
