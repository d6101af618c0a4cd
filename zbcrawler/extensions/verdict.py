"""Keeps the books of a run, and says at its end what it came to."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from scrapy import signals

from zbcrawler.common.errors import NotTakenError
from zbcrawler.common.options import archive_dir, number, whole_number
from zbcrawler.common.outcomes import Outcome
from zbcrawler.signals import (
    asking_must_end,
    listing_cut,
    listing_read,
    run_note,
    run_problem,
    stories_settled,
    story_requested,
    story_settled,
)

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure
    from typing_extensions import Self

    from zbcrawler.common.addresses import StoryAddress
    from zbcrawler.downloading.protocol import CrawlingSpider

logger = logging.getLogger(__name__)

_FAULT = "a fault of zbcrawler (-L ERROR shows where)"
# A handful of listed stories may always be gone.
_MANY = 5
# So few pages without a time may be odd stories.
_FEW = 2


class Line(NamedTuple):
    """A line of the summary, as a program reads it.

    :ivar where: a section, a story's address, ``archive …``, ``run`` …
    :ivar what: in plain words
    """

    where: str
    what: str

    def __str__(self) -> str:
        # Most reasons of stories begin with the address already: the public one, or that of the host that answered.
        place = urlsplit(self.where).path if self.where.startswith("http") else self.where
        text = self.what if "/" in place and place in self.what else f"{self.where}: {self.what}"
        return " ".join(text.split())


@dataclass
class SectionCount:
    """What became of the stories of one section."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    absent: int = 0  # stories that were asked for, and are not there

    def mostly_absent(self) -> bool:
        """Whether so few of the stories are to be had that it is not for the stories' sake."""
        had = sum(number for outcome, number in self.outcomes.items() if outcome.is_archived)
        return self.absent > _MANY and self.absent > had


class _Errors(logging.Handler):
    """Remembers what others log as errors: a fault in a signal's receiver is told nowhere else."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != logger.name:
            self.messages.append(record.getMessage())


class Verdict:
    """Collects the outcomes that spiders and pipelines signal.

    :ivar sections: by section, in the order they were met
    :ivar problems: what needs a person
    :ivar notes: what is worth knowing
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.archive = archive_dir(crawler.settings)
        self.sections: dict[str, SectionCount] = defaultdict(SectionCount)
        self.problems: list[Line] = []
        self.failures: list[Line] = []  # stories that failed; problems if there are more than allowed
        self.notes: list[Line] = []
        self.failed_limit = whole_number(crawler.settings, "FAILED_LIMIT")
        self.missing_limit = number(crawler.settings, "MISSING_LIMIT")
        self.open: dict[str, dict[str, StoryAddress]] = defaultdict(dict)  # by section and the story's number
        self.must_end = False
        self.committed = ""  # subject of the commit
        self.closed = False
        self.errors = _Errors()
        self.began = monotonic()
        self.seconds = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        verdict = cls(crawler)
        for signal, receiver in (
            (story_requested, verdict.story_requested),
            (story_settled, verdict.story_settled),
            (stories_settled, verdict.stories_settled),
            (listing_read, verdict.listing_read),
            (run_problem, verdict.run_problem),
            (asking_must_end, verdict.asking_must_end),
            (run_note, verdict.run_note),
            (signals.spider_opened, verdict.spider_opened),
            (signals.item_dropped, verdict.item_dropped),
            (signals.item_error, verdict.item_error),
            (signals.spider_error, verdict.spider_error),
            (signals.spider_closed, verdict.spider_closed),
        ):
            crawler.signals.connect(receiver, signal=signal)
        return verdict

    @property
    def passed(self) -> bool:
        """Whether the run did its job, also when there was nothing new."""
        return self.closed and not self.problems and len(self.failures) <= self.failed_limit

    # -- signals --------------------------------------------------------------------------------

    def spider_opened(self, spider: CrawlingSpider) -> None:
        logging.root.addHandler(self.errors)
        for name in spider.sections:
            self.sections[name] = SectionCount()  # so that the summary keeps the order given

    def story_requested(self, section: str, address: StoryAddress) -> None:
        self.open[section][address.number] = address

    def story_settled(self, section: str, address: StoryAddress | str, outcome: Outcome, reason: str) -> None:
        was_asked = self.open[section].pop(getattr(address, "number", None), None) is not None
        count = self.sections[section]
        count.outcomes[outcome] += 1
        self.crawler.stats.inc_value(f"zbcrawler/stories/{outcome.value}")
        count.absent += was_asked and outcome.is_absent
        if outcome.has_reasons:
            count.skipped[reason] += 1
            self.crawler.stats.inc_value(f"zbcrawler/skipped/{reason.replace(' ', '_')}")
        elif outcome is Outcome.FAILED:
            line = Line(str(address), reason)
            self.failures.append(line)
            logger.error("failed: %s", line)

    def stories_settled(self, section: str, outcome: Outcome, count: int) -> None:
        self.sections[section].outcomes[outcome] += count
        self.crawler.stats.inc_value(f"zbcrawler/stories/{outcome.value}", count)

    def listing_read(self, section: str, page: int) -> None:
        self.crawler.stats.inc_value("zbcrawler/listing_pages")

    def run_problem(self, where: str, what: str) -> None:
        self.crawler.stats.inc_value("zbcrawler/problems")
        self._fail(where, what)

    def asking_must_end(self, where: str, what: str) -> None:
        if not self.must_end:
            self.must_end = True
            self.run_problem(where, what)

    def run_note(self, where: str, what: str) -> None:
        self.notes.append(Line(where, what))
        logger.info("%s: %s", where, what)

    def item_dropped(self, item: Any, exception: BaseException) -> None:
        if isinstance(exception, NotTakenError):
            self._settle(item.section, item.address, Outcome.LEFT, "")
        else:
            self._item_failed(item, str(exception))

    def item_error(self, item: Any, failure: Failure) -> None:
        self._item_failed(item, f"{item.address}: {_FAULT}: {failure.type.__name__}: {failure.getErrorMessage()}")

    def spider_error(self, failure: Failure, response: Any) -> None:
        what = f"{getattr(response, 'url', 'start')}: {_FAULT}: {failure.type.__name__}: {failure.getErrorMessage()}"
        asked = getattr(getattr(response, "request", None), "cb_kwargs", {})
        if "address" in asked:
            self._settle(asked["section"], asked["address"], Outcome.FAILED, what)
        else:
            self._fail("run", what)

    def spider_closed(self, spider: CrawlingSpider, reason: str) -> None:
        self.seconds = monotonic() - self.began
        self.closed = True
        left = [(section, address) for section, stories in self.open.items() for address in stories.values()]
        for section, address in left:
            self._settle(section, address, Outcome.LEFT, "")
        if left and reason == "finished":
            self._fail("run", f"{len(left)} stories were not dealt with; {_FAULT}")
        for section, count in self.sections.items():
            if count.mostly_absent():
                self._fail(f"section {section}", "most of what it lists is gone or leads elsewhere")
                if section in spider.sections:
                    self.crawler.signals.send_catch_log(listing_cut, section=section, pages=0)
        self._judge_missing_fields()
        if reason != "finished":
            self._fail("run", f"ended before its time ({reason}); the next run goes on where it stopped")
        logging.root.removeHandler(self.errors)
        if self.errors.messages and not self.problems and not self.failures:
            self._fail("run", f"{len(self.errors.messages)} errors in the log, the first: {self.errors.messages[0]}")

    def _judge_missing_fields(self) -> None:
        # A story without title or text has failed by itself; one without a time is archived.
        stats = self.crawler.stats.get_stats()
        for counter, missing in sorted(stats.items()):
            if not counter.startswith("zbcrawler/missing/"):
                continue
            field_name, edition = counter.split("/")[2:]
            read = stats.get(f"zbcrawler/edition/{edition}", 0)
            if edition != "import" and missing > _FEW and missing > self.missing_limit * read:
                what = f"{missing} of {read} pages have no {field_name}, more than MISSING_LIMIT allows; a redesign?"
                self._fail(f"{edition} edition", what)

    def _item_failed(self, item: Any, reason: str) -> None:
        self._settle(item.section, item.address, Outcome.FAILED, reason)

    def _settle(self, section: str, address: StoryAddress, outcome: Outcome, reason: str) -> None:
        # As a signal, so that others hear of it too.
        self.crawler.signals.send_catch_log(
            story_settled, section=section, address=address, outcome=outcome, reason=reason
        )

    def _fail(self, where: str, what: str) -> None:
        line = Line(where, what)
        if line in self.problems:  # as several processes of an import may say it
            return
        self.problems.append(line)
        logger.error("failed: %s", line)

    # -- the summary ----------------------------------------------------------------------------

    def add_problem(self, where: str, what: str) -> None:
        """Take in what went wrong after the spider was closed."""
        self._fail(where, what)

    def failed(self) -> list[Line]:
        """All that makes the run a bad one; empty if it is a good one."""
        if self.passed:
            return []
        killed = (
            [] if self.closed else [Line("run", "was killed before it ended; the next one goes on where it stopped")]
        )
        return [*self.problems, *self.failures, *killed]

    def summary(self) -> str:
        """Return the run in a few lines of plain text."""
        failed = self.failed()
        lines = [self._section_line(name, count) for name, count in self.sections.items()]
        lines += [f"note: {note}" for note in self.notes]
        if not failed:  # not more than FAILED_LIMIT allows
            lines += [f"note: {failure}" for failure in self.failures]
        lines += [f"failed: {line}" for line in failed]
        if self.committed:
            lines.append(f"committed: {self.committed}")
        verdict = f"{len(failed)} failed" if failed else "ok"
        lines.append(f"{verdict}: archive {self.archive}, {self.seconds:.1f} s")
        return "\n".join(lines)

    def _section_line(self, name: str, count: SectionCount) -> str:
        reasons = ", ".join(f"{number} {reason}" for reason, number in sorted(count.skipped.items()))
        parts = [
            f"{count.outcomes[outcome]} {outcome.value}" + (f" ({reasons})" if outcome.has_reasons else "")
            for outcome in Outcome
            if outcome.is_archived or count.outcomes[outcome]
        ]
        return f"{name}: {', '.join(parts)}"
