"""The spiders that only a cluster has: ``seed`` hands out missing stories, ``work`` fetches them."""

import atexit
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from time import monotonic

from redis import RedisError
from scrapy import Request
from scrapy.exceptions import DontCloseSpider
from scrapy.settings import BaseSettings
from scrapy.utils.asyncio import create_looping_call

from zbcrawler.archive.committing import Committer
from zbcrawler.cluster.shared import Shared
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import ArgumentError, GitError, Outcome, PostError
from zbcrawler.discovery.candidates import Candidate
from zbcrawler.signals import stories_settled, story_settled
from zbcrawler.spiders.backfill import BackfillSpider
from zbcrawler.spiders.base import SiteSpider

_MOST_ROUNDS = 20  # another one is needed only if a worker was lost, or could not push
_LOGGED_EVERY = 60  # seconds between two log lines about the queue
_PUSH_SECONDS = 600  # the lease for the commit and push at the end, during which the process cannot extend it
_STORIES_AT_ONCE = 10  # several, so that the next page is on its way while the pictures of a story are fetched


class SeedSpider(BackfillSpider):
    """Find missing stories as ``backfill`` does, and put them into the cluster's queue instead of requesting them.

    When the queue is empty and all workers have pushed, another round hands out again the stories that a worker lost.
    """

    name = "seed"
    round = 0
    ARGUMENTS = {name: BackfillSpider.ARGUMENTS[name] for name in ("since", "until", "sections", "owed")}
    source = "sitemaps"

    def prepare(self, settings: BaseSettings) -> None:
        super().prepare(settings)
        self.shared = Shared.checked(settings)
        self._committer = Committer(self.crawl.archive)
        if not self._committer.git.has_upstream():
            what = "is not a clone of the repository that the workers push to; see docs/how-to/cluster.md"
            raise ArgumentError(f"ARCHIVE_DIR={self.crawl.archive.root}: {what}")
        self._logged = 0.0

    def _begin_round(self) -> None:
        self._committer.pull()
        self.shared.begin_round()
        if self.round:  # later rounds find the same stories
            self.signals.muted = {story_settled, stories_settled}
        self.round += 1
        self._handed_out = 0
        self._owed: list[Candidate] = []

    def first_requests(self) -> Iterator[Request]:
        try:
            self._begin_round()
        except (GitError, RedisError) as error:
            self.signals.end_requests(f"round {self.round + 1}", str(error))
            return
        yield from super().first_requests()

    def spider_idle(self) -> None:
        super().spider_idle()  # raises DontCloseSpider while there are parts of the past to read
        try:
            is_over = self.unreadable.is_over
            continues = not is_over and (self._is_cluster_working() or self._begin_next_round())
        except (GitError, RedisError, OSError, PostError) as error:
            self.signals.end_requests(f"round {self.round}", str(error))
            return
        if continues:
            raise DontCloseSpider

    def _begin_next_round(self) -> bool:
        if not self._handed_out:
            self._report_owed()
            return False
        what = f"round {self.round}: {self._handed_out} stories were handed out"
        if self.round == _MOST_ROUNDS:
            self.signals.problem("queue", f"{what}, some in each of {_MOST_ROUNDS} rounds; do the workers push?")
            return False
        self.signals.note("queue", what)
        self._begin_round()
        self.due.debts = self.crawl.archive.notes.owed.all()
        if first := self.past.first_request():
            self.send_request(first)
        return True

    def _report_owed(self) -> None:
        debts = [self.due.debts[story.address.key_in(self.due.debts)] for story in self._owed]
        if absent := [debt for debt in debts if debt.absent]:
            self.signals.note("queue", f"{len(absent)} stories are absent from the site; they are owed")
        if failed := [debt for debt in debts if not debt.absent]:
            what = f"{len(failed)} stories could not be fetched, and are owed; the first: {failed[0].address}"
            self.signals.problem("queue", f"{what}: {failed[0].reason}")

    def _is_cluster_working(self) -> bool:
        queued = self.shared.count_queued()
        if not (queued or self.shared.is_anyone_working()):
            return False
        if monotonic() - self._logged > _LOGGED_EVERY:
            self._logged = monotonic()
            self.logger.info("%d stories are in the queue", queued)
        return True

    def plan(self, wanted: list[Candidate], listed: int) -> list[Candidate]:
        if self.round > 1:
            self._owed += [story for story in wanted if self.due.owes(story.address)]
            wanted = [story for story in wanted if not self.due.owes(story.address)]
        planned = super().plan(wanted, listed)
        self.send_batch(self.queue)
        return planned

    def send_batch(self, queue: deque[Candidate]) -> None:
        self._handed_out += len(queue)
        try:
            for story in queue:
                self.shared.hand_out(story.section, story.address)
        except RedisError as error:
            self.signals.end_requests("redis", str(error))
        queue.clear()


class WorkSpider(SiteSpider):
    """Archive stories from the cluster's queue in a clone, until it is empty or ``WORK_STORIES`` were taken."""

    name = "work"
    finds_again = True

    def prepare(self, settings: BaseSettings) -> None:
        super().prepare(settings)
        self.shared = Shared.checked(settings)
        self._wait = settings.getint("WORK_WAIT")
        self._left = settings.getint("WORK_STORIES")
        self._lease = settings.getint("WORK_LEASE")
        self._last = monotonic()
        self._works = self._took = False

    def spider_opened(self) -> None:
        self._lease_loop = create_looping_call(self._extend_lease)
        self._lease_loop.start(self._lease / 3, now=False)

    def _extend_lease(self) -> None:
        if self._works:
            with suppress(RedisError):  # the request for the next story will report the error
                self.shared.begin_work(self._lease)

    def spider_closed(self) -> None:
        self.requests_must_end()
        self._lease_loop.stop()
        if self._works:
            atexit.register(self.shared.end_work)
            with suppress(RedisError):
                self.shared.begin_work(_PUSH_SECONDS)

    def _take_stories(self) -> Iterator[Request]:
        while self._left and (self._works or self.shared.count_queued()):
            if not self._works:
                # Before a story leaves the queue, so that the story always is in the queue or with a worker.
                self.shared.begin_work(self._lease)
                self._works = True
            try:
                taken = self.shared.take_story()
            except ValueError as error:
                self.signals.problem("queue", str(error))
                continue
            if taken is None:
                if not self._took:  # another worker was faster, or the queue is empty
                    self._works = False
                    self.shared.end_work()
                return
            if request := self._request_of(*taken):
                yield request

    def _request_of(self, section: str, address: StoryAddress) -> Request | None:
        """Return the request for a story of the queue; None if the clone has the story already."""
        self._took = True
        self._left -= 1
        self.signals.announce(section, address)
        outcome = Outcome.UNCHANGED
        try:
            if not self.crawl.archive.find(address) or self.crawl.archive.notes.owed.has(address):
                return self.stories.request(address, section)
        except OSError as error:
            self.signals.end_requests(f"archive {self.crawl.archive.root}", str(error))
            outcome = Outcome.LEFT
        self.signals.settle(section, address, outcome)
        return None

    def spider_idle(self) -> None:
        try:
            for request in islice(self._take_stories(), _STORIES_AT_ONCE):
                self.send_request(request)
        except RedisError as error:
            self.signals.end_requests("redis", str(error))
        if self._left and monotonic() - self._last < self._wait:
            raise DontCloseSpider

    def story_settled(self, address: StoryAddress | str, outcome: Outcome) -> None:
        self._last = monotonic()

    def requests_must_end(self) -> None:
        self._left = 0

    def was_requested(self, address: StoryAddress) -> bool:
        return True
