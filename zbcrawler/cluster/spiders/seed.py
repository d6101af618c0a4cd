"""``SCRAPY_PROJECT=cluster scrapy crawl seed``: hands out what the archive lacks, until it lacks nothing."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from redis import RedisError
from scrapy.exceptions import DontCloseSpider

from zbcrawler.archive.pushing import Pusher
from zbcrawler.cluster.settings import CLUSTER_SPIDER_SETTINGS
from zbcrawler.cluster.shared import Shared
from zbcrawler.common.errors import ArgumentError, GitError, PostError
from zbcrawler.discovery.by_sitemaps import SitemapSource
from zbcrawler.spiders.backfill import BackfillSpider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Request
    from scrapy.settings import BaseSettings

    from zbcrawler.discovery.candidates import Candidate

# A round is only ever repeated because a worker was lost, or could not push.
_MOST_ROUNDS = 20
# Seconds between two words on how many stories are left.
_TOLD_EVERY = 60


class SeedSpider(BackfillSpider):
    """Finds what is missing as ``backfill`` does, and puts it into the cluster's queue instead of asking for it.

    When the queue is empty and all workers have pushed, it pulls and looks again: what a worker lost is handed out
    once more, but not what a worker tells could not be had, which is owed.
    """

    name = "seed"
    custom_settings: ClassVar = CLUSTER_SPIDER_SETTINGS
    ARGUMENTS: ClassVar = {name: BackfillSpider.ARGUMENTS[name] for name in ("since", "until", "sections", "owed")}
    hands_out = True

    def prepare(self, settings: BaseSettings) -> None:
        super().prepare(settings)
        self.shared = Shared.checked(settings)
        self._pusher = Pusher(self.archive)
        if not self._pusher.git.has_upstream():
            what = "is no clone of a repository that the workers push to; docs/cluster.md shows how to make one"
            raise ArgumentError(f"ARCHIVE_DIR={self.archive.root}: {what}")
        self._round = self._handed_out = 0
        self._told = 0.0
        self._noted: set[tuple[str, str]] = set()
        self._over = False

    # -- rounds ----------------------------------------------------------------------------------

    def _begin_round(self) -> None:
        """Take over what the workers pushed, and forgets what was handed out.

        :raises GitError: if that cannot be pulled
        :raises RedisError: if Redis does not answer
        """
        self._pusher.pull()
        self.shared.begin_round()
        self._round += 1
        self._handed_out = 0
        self._owed: list[Candidate] = []

    def first_requests(self) -> Iterator[Request]:
        try:
            self._begin_round()
        except (GitError, RedisError) as error:
            self.end_with(f"round {self._round + 1}", str(error))
            return
        yield from super().first_requests()

    def go_on(self) -> None:
        super().go_on()  # which raises DontCloseSpider, while there is more to hand out
        try:
            goes_on = not self._over and (self._is_at_work() or self._looks_again())
        except (GitError, RedisError, OSError, PostError) as error:
            self.end_with(f"round {self._round}", str(error))
            return
        if goes_on:
            raise DontCloseSpider

    def _looks_again(self) -> bool:
        if not self._handed_out:
            self._tell_of_owed()
            return False
        told = f"round {self._round}: {self._handed_out} stories were handed out"
        if self._round == _MOST_ROUNDS:
            self.problem("queue", f"{told}, and some of them for the {_MOST_ROUNDS}th time; do the workers push?")
            return False
        self.note("queue", told)
        self._begin_round()
        self._debts = self.owed.all()
        self.past = SitemapSource(self, self.settings)
        self.crawler.engine.crawl(self.past.first_request())
        return True

    def _tell_of_owed(self) -> None:
        debts = [self._debts[story.address.number] for story in self._owed]
        if absent := [debt for debt in debts if debt.absent]:
            self.note("queue", f"{len(absent)} stories are not there yet, or no more; they are owed")
        if failed := [debt for debt in debts if not debt.absent]:
            what = f"{len(failed)} stories could not be had, and are owed; the first: {failed[0].address}"
            self.problem("queue", f"{what}: {failed[0].reason}")

    def _is_at_work(self) -> bool:
        waiting = self.shared.waiting()
        if not (waiting or self.shared.is_anyone_working()):
            return False
        if monotonic() - self._told > _TOLD_EVERY:
            self._told = monotonic()
            self.logger.info("%d stories are in the queue", waiting)
        return True

    def end_asking(self) -> None:
        super().end_asking()
        self._over = True

    # -- stories ---------------------------------------------------------------------------------

    def plan(self, wanted: list[Candidate], listed: int) -> list[Candidate]:
        if self._round > 1:
            self._owed += [story for story in wanted if story.address.number in self._debts]
            wanted = [story for story in wanted if story.address.number not in self._debts]
        return super().plan(wanted, listed)

    def ask_for(self, story: Candidate) -> None:
        """Hands a story out; what becomes of it a worker tells."""
        self._handed_out += 1
        self.crawler.engine.crawl(self.past.story_request(story))

    # What later rounds find was found by the first.

    def note(self, where: str, what: str) -> None:
        if (where, what) not in self._noted:
            self._noted.add((where, what))
            super().note(where, what)

    def settle(self, *args: Any, **kwargs: Any) -> None:
        if self._round == 1:
            super().settle(*args, **kwargs)

    def settle_known(self, section: str, count: int) -> None:
        if self._round == 1:
            super().settle_known(section, count)

    def wants_more(self) -> bool:
        """None: others fetch them."""
        return False
