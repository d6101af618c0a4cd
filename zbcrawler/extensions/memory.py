"""Remembers what a run could not do, so that a later one does it.

In the archive, where everybody sees it: stories that are owed, sections whose listing was not read to the end of its
news. In the state of the runs: when a story is tried again, and that the journal need not keep it any longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import signals

from zbcrawler.archive.state import COMMITTED, RunState
from zbcrawler.archive.store import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.clock import Clock
from zbcrawler.common.outcomes import Outcome
from zbcrawler.discovery.spacing import LONGEST, before_retry
from zbcrawler.downloading.protocol import CrawlingSpider, spider_of
from zbcrawler.signals import asking_must_end, listing_cut, listing_finished, run_problem, story_settled

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from typing_extensions import Self

# A kill costs as many requests more.
_SAVE_EVERY = 100


class RunMemory:
    """Writes and removes the notes; see :mod:`zbcrawler.archive.notes`."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.archive = Archive.from_settings(crawler.settings)
        self.owed = self.archive.notes.owed
        self.clock = Clock.from_settings(crawler.settings)
        self.cut: set[str] = set()
        self.finished: set[str] = set()
        self.settled = 0
        self.is_broken = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        debts = cls(crawler)
        crawler.signals.connect(debts.story_settled, signal=story_settled)
        crawler.signals.connect(debts.listing_cut, signal=listing_cut)
        crawler.signals.connect(debts.listing_finished, signal=listing_finished)
        crawler.signals.connect(debts.spider_closed, signal=signals.spider_closed)
        return debts

    @property
    def spider(self) -> CrawlingSpider:
        return spider_of(self.crawler)

    @property
    def state(self) -> RunState:
        return self.spider.state

    def story_settled(self, section: str, address: StoryAddress | str, outcome: Outcome, reason: str) -> None:
        if not isinstance(address, StoryAddress):
            return
        try:
            if not self.spider.owes:
                if not outcome.is_open:
                    self.owed.remove(address)
                return
            self._settle(section, address, outcome, reason)
            self.settled += 1
            if self.settled % _SAVE_EVERY == 0:
                self.state.save()
        except OSError as error:
            # The journal keeps the story, and the next run tries it.
            self._broken(error)

    def _settle(self, section: str, address: StoryAddress, outcome: Outcome, reason: str) -> None:
        number, now = address.number, self.clock.now()
        if outcome is Outcome.LEFT:
            if not self.state.is_planned(number) and not self.spider.finds_again:
                self.owed.add(address, section, "the run ended before its time", now)
            return
        if outcome is Outcome.FAILED or (outcome is Outcome.OWED and reason):
            # Where nothing tells of an edit, what is archived is all that is known of.
            if outcome is Outcome.OWED or number not in self.spider.rechecked:
                self.owed.add(address, section, reason, now, absent=outcome is Outcome.OWED)
            tries = self.state.tries(number) + 1
            self.state.note_retry(number, tries, now + before_retry(tries))
        elif outcome is not Outcome.OWED:
            self.owed.remove(address)
            self._forget(number, outcome)
        self.state.done(number)

    def _forget(self, number: str, outcome: Outcome) -> None:
        if outcome.is_archived:
            self.state.forget_retry(number)
        elif self.spider.was_asked_for(number):  # it was asked for, and is not there: perhaps tomorrow
            self.state.note_retry(number, self.state.tries(number) + 1, self.clock.now() + LONGEST)

    def listing_cut(self, section: str, pages: int) -> None:
        self.cut.add(section)
        try:
            self.archive.notes.gaps.add(section, pages)
            self.state.note_fact(COMMITTED, "")
        except OSError as error:
            self._broken(error)

    def listing_finished(self, section: str) -> None:
        self.finished.add(section)

    def spider_closed(self, spider: CrawlingSpider, reason: str) -> None:
        if not spider.owes:
            return
        try:
            # Not before the stories behind the gap are archived, or owed.
            if reason == "finished" and not self.is_broken:
                for section in self.finished - self.cut:
                    self.archive.notes.gaps.remove(section)
            self.state.save(self.clock.now())
        except OSError as error:
            self._broken(error)

    def _broken(self, error: OSError) -> None:
        if self.is_broken:
            return
        self.is_broken = True
        where = f"archive {self.archive.root}"
        # Once the spider is closed nobody asks for anything any more.
        signal = asking_must_end if self.crawler.crawling else run_problem
        self.crawler.signals.send_catch_log(signal, where=where, what=f"cannot be written: {error}")
