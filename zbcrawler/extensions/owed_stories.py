"""Note what a run could not do, so that a later run does it: in notes for all clones, and in the run state."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from scrapy.crawler import Crawler

from zbcrawler.archive.disk import learnt_editions
from zbcrawler.archive.place import command_line
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import Outcome, PostError
from zbcrawler.discovery.due_times import LONGEST, ONCE_A_DAY, before_retry, failed_today
from zbcrawler.downloading.spider_protocol import CrawlerPart, CrawlingSpider

_SAVE_EVERY = 100  # after a kill, the next run repeats at most this number of requests


class RunMemory(CrawlerPart):
    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.cut: set[str] = set()
        self.finished: set[str] = set()
        self.settled = 0
        self.is_broken = False
        self.was_committed = False  # before this run
        self.may_have_written = False  # files of the archive

    def spider_opened(self, spider: CrawlingSpider) -> None:
        self.state = spider.state
        for line in self.archive.notes.broken() if spider.owes else ():
            self.signals.problem("notes", line)

    def must_write_nothing(self) -> None:
        self.archive.dry_run = True

    def was_reported(self, address: StoryAddress) -> bool:
        """Whether a failure of a story is known: runs have reported it within the last day, or for three days."""
        now, debt = self.clock.now(), None
        if not self.spider.journals:  # whoever starts this run wants to know
            return False
        with suppress(OSError, PostError):  # a problem of its own
            debt = self.archive.notes.owed.find(address)
        if debt and (debt.absent or debt.is_known(now)):
            return not debt.absent
        return failed_today(*self.state.retry(address), now)

    def story_settled(self, section: str, address: StoryAddress | str, outcome: Outcome, reason: str) -> None:
        if not isinstance(address, StoryAddress):
            return
        with self._writing():  # or else the story stays in the journal, and the next run tries it
            if self.spider.owes:
                self._note_outcome(section, address, outcome, reason)
                self.settled += 1
                if self.settled % _SAVE_EVERY == 0:
                    self.state.save()
            elif not outcome.is_open:
                self.archive.notes.owed.remove(address)

    def _note_outcome(self, section: str, address: StoryAddress, outcome: Outcome, reason: str) -> None:
        now = self.clock.now()
        if outcome is Outcome.LEFT:
            if not self.state.is_planned(address) and not self.spider.finds_again:
                self.archive.notes.owed.add(address, section, "the run ended too early", now)
            return
        tries = self.state.retry(address).tries + 1
        is_recheck = address.key_in(self.spider.rechecked) in self.spider.rechecked
        if self.spider.was_requested(address):
            if is_recheck:
                self.signals.count("looked_again")
            # The note of a story that was tried before is removed when the story is back.
            self.may_have_written |= not (outcome is Outcome.UNCHANGED and is_recheck and tries == 1)
        if not outcome.is_open:
            self.archive.notes.owed.remove(address)
            if outcome.is_archived:
                self.state.forget_retry(address)
            elif self.spider.was_requested(address):  # the story is absent, but may come back
                self.state.note_retry(address, tries, now + LONGEST)
        elif outcome is Outcome.DOUBTFUL:
            self.archive.notes.owed.add(address, section, reason, now, "doubtful")
            self.state.note_retry(address, tries, now + ONCE_A_DAY)
        elif outcome is Outcome.FAILED or reason:  # an owed story without a reason was not due
            is_absent = outcome is Outcome.OWED
            # A failed recheck need not be repeated: no listing showed an edit. An archived story that is absent once
            # may be absent only in one cache of several.
            if not is_recheck or (is_absent and tries > 1):
                self.archive.notes.owed.add(address, section, reason, now, "absent" if is_absent else "")
            self.state.note_retry(address, tries, now + before_retry(tries))
        self.state.remove_planned(address)

    def listing_read(self) -> None:
        self.was_committed = self.state.is_committed

    def listing_cut(self, section: str, pages: int) -> None:
        self.cut.add(section)
        with self._writing():
            self.archive.notes.gaps.add(section, pages)
            self.state.is_committed = False

    def edition_learnt(self) -> None:
        self.may_have_written, self.state.is_committed = True, False

    def listing_finished(self, section: str) -> None:
        self.finished.add(section)

    def spider_closed(self, spider: CrawlingSpider, reason: str) -> None:
        if spider.owes:
            with self._writing():
                # Not before the end of the run are all stories behind the gap archived or owed.
                for section in self.finished - self.cut if reason == "finished" and not self.is_broken else ():
                    with suppress(PostError):  # it was named at the start of the run
                        self.archive.notes.gaps.remove(section)
                if self.was_committed and not (self.may_have_written or self.finished or self.cut):
                    # Rechecks were planned, but found no edit: git has nothing to do.
                    self.state.is_committed = True
                self.state.save(self.clock.now())
        for name in (path.stem for path in learnt_editions(self.archive.root)):
            counts = [self.crawler.stats.get_value(f"zbcrawler/{what}/{name}", 0) for what in ("edition", "listings")]
            if any(counts):
                what = "is learnt, and read {} story pages and {} listing pages".format(*counts)
                adopts = command_line(f"learn --adopt {name}", self.archive.root)
                self.signals.note(name, f"{what}; {adopts} adopts it, --forget {name} drops it")
        if self.state.was_broken:
            what = f"{self.state.path}: broken, and was replaced; runs send more requests, but no story is lost"
            self.signals.note("state of the runs", what)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Report a broken note; end the run's requests, once: a story must not be fetched if it cannot be noted."""
        try:
            yield
        except PostError as error:
            self.signals.problem("notes", str(error))
        except OSError as error:
            if not self.is_broken:
                self.is_broken = True
                # Once the spider is closed, no requests are left to end.
                report = self.signals.end_requests if self.crawler.crawling else self.signals.problem
                report(f"archive {self.archive.root}", f"cannot be written: {error}")
