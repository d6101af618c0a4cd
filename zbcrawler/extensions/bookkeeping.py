"""Record the outcomes, problems and notes that spiders and pipelines signal."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from zbcrawler.common.addresses import StoryAddress, section_path
from zbcrawler.common.arguments import archive_dir
from zbcrawler.common.errors import NotTakenError, Outcome
from zbcrawler.common.text import drop_unprintable
from zbcrawler.downloading.spider_protocol import CrawlerPart, CrawlingSpider
from zbcrawler.extensions.owed_stories import RunMemory

_ADDRESS = re.compile(r"^https?://\S+:? ")
FAULT = "a fault of zbcrawler (-L ERROR shows where)"


class Line(NamedTuple):
    where: str  # a section, a story's address, "archive …", "run" …
    what: str

    def __str__(self) -> str:
        # Most reasons already begin with the story's address, on the public host or the host that answered.
        place = urlsplit(self.where).path if self.where.startswith("http") else self.where
        text = self.what if "/" in place and place in self.what else f"{self.where}: {self.what}"
        return drop_unprintable(" ".join(text.split()))

    @property
    def reason(self) -> str:
        """What happened, without the address at the beginning."""
        return drop_unprintable(" ".join(_ADDRESS.sub("", self.what).split()))


@dataclass
class SectionCount:
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)  # why stories were skipped
    requested: Counter[Outcome] = field(default_factory=Counter)  # of those among them that were requested
    failures: list[Line] = field(default_factory=list)  # one line for each story that failed
    open: dict[str, StoryAddress] = field(default_factory=dict)  # requested stories that are not settled, by key


class Books(CrawlerPart):
    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.folder = archive_dir(crawler.settings)
        self.sections: dict[str, SectionCount] = defaultdict(SectionCount)  # the spider's first, in their order
        self._problems: dict[Line, bool] = {}  # each once, in order; whether no later run will report it
        self._notes: dict[Line, None] = {}  # likewise: each round of ``seed`` sends the same
        self.known: set[Line] = set()  # failures of stories that an earlier run has reported
        self.must_end = False
        self.may_commit = True
        self.wrong_usage = ""
        self.left = 0  # requested stories that were not settled when the spider closed
        self.committed = ""  # the subject of the commit
        self.began = monotonic()
        self.seconds = 0.0

    @property
    def problems(self) -> list[Line]:
        """Problems that need a person and are not about one story; like the notes, those of no section come first."""
        return self._in_order(self._problems)

    @property
    def failures(self) -> list[Line]:
        """The stories that failed, by section, day and number."""
        return [line for count in self.sections.values() for line in sorted(count.failures, key=_story_order)]

    def is_reported_once(self, problem: Line) -> bool:
        return self._problems[problem]

    @property
    def notes(self) -> list[Line]:
        return self._in_order(self._notes)

    @property
    def looked_again(self) -> int:
        """The number of archived stories that were fetched although no listing showed a change."""
        return int(self.crawler.stats.get_value("zbcrawler/looked_again", 0))

    def _in_order(self, lines: Iterable[Line]) -> list[Line]:
        ranks: dict[str, int] = {}
        for rank, name in enumerate(self.sections):
            ranks |= dict.fromkeys((f"section {name}", name, section_path(name)), rank)

        def order(line: Line) -> tuple[Any, ...]:
            if address := StoryAddress.parse(line.where):
                return ranks.get(address.section, len(self.sections)), 1, *_story_order(line)
            return ranks.get(line.where, -1), 0

        return sorted(lines, key=order)

    def spider_opened(self, spider: CrawlingSpider) -> None:
        self.sections |= {name: SectionCount() for name in spider.sections}

    def story_requested(self, section: str, address: StoryAddress) -> None:
        waiting = self.sections[section].open
        waiting[address.key_in(waiting)] = address

    def story_settled(self, section: str, address: StoryAddress | str, outcome: Outcome, reason: str) -> None:
        count = self.sections[section]
        was_requested = isinstance(address, StoryAddress) and bool(count.open.pop(address.key_in(count.open), None))
        count.requested[outcome] += was_requested
        self.stories_settled(section, outcome, 1)
        if outcome is Outcome.SKIPPED:
            count.reasons[reason] += 1
            self.signals.count(f"skipped/{reason.replace(' ', '_')}")
        elif outcome is Outcome.FAILED:
            line = Line(str(address), reason)
            memory = self.crawler.get_extension(RunMemory)
            is_known = isinstance(address, StoryAddress) and memory and memory.was_reported(address)
            count.failures.append(line)
            if is_known:
                self.known.add(line)
            self.logger.info("failed: %s", line)

    def stories_settled(self, section: str, outcome: Outcome, count: int) -> None:
        self.sections[section].outcomes[outcome] += count
        self.signals.count(f"stories/{outcome.value}", count)

    def listing_read(self) -> None:
        self.signals.count("listing_pages")

    def run_problem(self, where: str, what: str, once: bool = False) -> None:
        self.signals.count("problems")
        self.add_problem(where, what, once)

    def must_write_nothing(self, what: str) -> None:
        self.may_commit = False
        self.wrong_usage = what

    def requests_must_end(self, where: str, what: str) -> None:
        if not self.must_end:
            self.must_end = True
            self.run_problem(where, what)

    def run_note(self, where: str, what: str) -> None:
        self._notes[Line(where, what)] = None
        self.logger.info("%s: %s", where, what)

    def item_dropped(self, item: Any, exception: BaseException) -> None:
        not_taken = isinstance(exception, NotTakenError)
        outcome, reason = (Outcome.LEFT, "") if not_taken else (Outcome.FAILED, str(exception))
        self.signals.settle(item.section, item.address, outcome, reason)

    def item_error(self, item: Any, failure: Failure) -> None:
        self.signals.settle(item.section, item.address, Outcome.FAILED, f"{item.address}: {_describe_fault(failure)}")

    def spider_error(self, failure: Failure, response: Any) -> None:
        what = f"{getattr(response, 'url', 'start')}: {_describe_fault(failure)}"
        asked = getattr(getattr(response, "request", None), "cb_kwargs", {})
        if "address" in asked:
            self.signals.settle(asked["section"], asked["address"], Outcome.FAILED, what)
        else:
            self.add_problem("run", what)

    def spider_closed(self) -> None:
        self.seconds = monotonic() - self.began
        left = [(section, address) for section, count in self.sections.items() for address in count.open.values()]
        self.left = len(left)
        for section, address in left:
            self.signals.settle(section, address, Outcome.LEFT)

    def add_problem(self, where: str, what: str, once: bool = False) -> None:
        """Record a problem once, even if the run also repeats it for a killed run; ``once``: no later run will."""
        if (line := Line(where, what)) not in self._problems:
            self._problems[line] = once
            self.logger.info("failed: %s", line)


def _story_order(line: Line) -> tuple[date, int, str]:
    # By day and number; files of an import come first, by name.
    address = StoryAddress.parse(line.where)
    return (*address.age_order, line.what) if address else (date.min, 0, line.where)


def _describe_fault(failure: Failure) -> str:
    kind = failure.type.__name__ if failure.type else "error"
    return f"{FAULT}: {kind}: {failure.getErrorMessage()}"
