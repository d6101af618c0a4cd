"""``SCRAPY_PROJECT=cluster scrapy crawl seed``: hand out missing stories until none is missing."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from time import monotonic
from typing import Any

from redis import RedisError
from scrapy import Request
from scrapy.exceptions import DontCloseSpider
from scrapy.settings import BaseSettings
from scrapy.signals import spider_idle

from zbcrawler.archive.committing import Committer
from zbcrawler.cluster.shared import Shared
from zbcrawler.common.errors import ArgumentError, GitError, PostError
from zbcrawler.discovery.candidates import Candidate
from zbcrawler.signals import RunSignals, receives, requests_must_end, run_note, stories_settled, story_settled
from zbcrawler.spiders.backfill import BackfillSpider

# Another round is needed only if a worker was lost, or could not push.
_MOST_ROUNDS = 20
# Seconds between two log lines about the queue.
_LOGGED_EVERY = 60


class RoundSignals(RunSignals):
    """Send outcomes in the first round only, and each note once: later rounds find the same stories."""

    round = 0

    def __init__(self, spider: SeedSpider) -> None:
        super().__init__(spider)
        self._noted: list[dict[str, Any]] = []

    def send(self, signal: object, **details: Any) -> None:
        if signal is run_note:
            if details in self._noted:
                return
            self._noted.append(details)
        if self.round == 1 or signal not in (story_settled, stories_settled):
            super().send(signal, **details)


class SeedSpider(BackfillSpider):
    """Find missing stories as ``backfill`` does, and put them into the cluster's queue instead of requesting them.

    When the queue is empty and all workers have pushed, pull and begin another round. It hands out again the stories
    that a worker lost, but not those that a worker could not fetch, which are owed.
    """

    name = "seed"
    signals: RoundSignals
    signals_class = RoundSignals
    ARGUMENTS = {name: BackfillSpider.ARGUMENTS[name] for name in ("since", "until", "sections", "owed")}

    def prepare(self, settings: BaseSettings) -> None:
        super().prepare(settings)
        self.shared = Shared.checked(settings)
        self._committer = Committer(self.crawl.archive)
        if not self._committer.git.has_upstream():
            what = "is not a clone of the repository that the workers push to; docs/cluster.md shows how to make one"
            raise ArgumentError(f"ARCHIVE_DIR={self.crawl.archive.root}: {what}")
        self._logged = 0.0
        self._over = False

    def _begin_round(self) -> None:
        """Pull what the workers pushed, and forget which stories were handed out.

        :raises GitError: if git cannot pull
        :raises RedisError: if Redis does not answer
        """
        self._committer.pull()
        self.shared.begin_round()
        self.signals.round += 1
        self._handed_out = 0
        self._owed: list[Candidate] = []

    def first_requests(self) -> Iterator[Request]:
        try:
            self._begin_round()
        except (GitError, RedisError) as error:
            self.signals.end_requests(f"round {self.signals.round + 1}", str(error))
            return
        yield from super().first_requests()

    @receives(spider_idle)
    def spider_idle(self) -> None:
        super().spider_idle()  # raises DontCloseSpider while there are parts of the past to read
        try:
            continues = not self._over and (self._is_cluster_working() or self._begin_next_round())
        except (GitError, RedisError, OSError, PostError) as error:
            self.signals.end_requests(f"round {self.signals.round}", str(error))
            return
        if continues:
            raise DontCloseSpider

    def _begin_next_round(self) -> bool:
        if not self._handed_out:
            self._report_owed()
            return False
        what = f"round {self.signals.round}: {self._handed_out} stories were handed out"
        if self.signals.round == _MOST_ROUNDS:
            what = f"{what}, some of them in each of {_MOST_ROUNDS} rounds; do the workers push?"
            self.signals.problem("queue", what)
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

    @receives(requests_must_end)
    def requests_must_end(self) -> None:
        super().requests_must_end()
        self._over = True

    def plan(self, wanted: list[Candidate], listed: int) -> list[Candidate]:
        if self.signals.round > 1:
            self._owed += [story for story in wanted if self.due.owes(story.address)]
            wanted = [story for story in wanted if not self.due.owes(story.address)]
        planned = super().plan(wanted, listed)
        self.send_batch(self.queue)
        return planned

    def send_batch(self, queue: deque[Candidate]) -> None:
        """Hand out all stories of a queue; workers settle them."""
        self._handed_out += len(queue)
        try:
            for story in queue:
                self.shared.hand_out(story.section, story.address)
        except RedisError as error:
            self.signals.end_requests("redis", str(error))
        queue.clear()
