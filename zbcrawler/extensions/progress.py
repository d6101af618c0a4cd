"""Draw a progress bar on a terminal. Without a terminal, log lines are enough."""

import logging
import os
import sys
from collections.abc import Iterable, Iterator, Sized
from datetime import timedelta
from time import monotonic
from typing import TypeVar

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from zbcrawler.common.errors import Outcome
from zbcrawler.downloading.spider_protocol import CrawlerPart

_SECONDS_BETWEEN_DRAWINGS = 0.1
_ERASED = "\r\x1b[K"

Result = TypeVar("Result", bound=Sized)


class StatusLine:
    """The last line of the terminal on standard error. As the stream of a log's handler, write log lines above it."""

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._began = monotonic()
        self._text = ""
        self._drawn = 0.0

    def show(self, done: int, total: int, *facts: str) -> None:
        bar, elapsed = "#" * (20 * done // max(total, 1)), timedelta(seconds=int(monotonic() - self._began))
        self._text = ", ".join((f"[{bar:20}] {done}/{total} {self._unit}", str(elapsed), *facts))
        if monotonic() - self._drawn > _SECONDS_BETWEEN_DRAWINGS:
            self.write("")

    def pace(self, done: int, left: int) -> str:
        """Return the speed, with which ``done`` were done since the beginning, and the time that ``left`` will take."""
        rate = done / max(monotonic() - self._began, 0.001)
        return f"{rate:.1f}/s, {timedelta(seconds=int(left / rate)) if rate else '?'} left"

    def write(self, above: str) -> None:
        width = os.get_terminal_size(sys.stderr.fileno()).columns if sys.stderr.isatty() else 0
        sys.stderr.write(f"{_ERASED}{above}{self._text[: (width or 80) - 1]}")
        sys.stderr.flush()
        self._drawn = monotonic()

    def flush(self) -> None:
        """Do nothing: each :meth:`write` flushes."""

    def erase(self) -> None:
        self._text = ""
        self.write("")


def show_progress(results: Iterable[Result], total: int, unit: str) -> Iterator[Result]:
    """Yield the results, and show how many of ``total`` there were. The line is away while a caller prints a result."""
    line = StatusLine(unit)
    for done, result in enumerate(results, 1):
        line.show(done, total, line.pace(done, total - done))
        if result:
            line.erase()
        yield result
    line.erase()


class Progress(CrawlerPart):
    """Show on standard error the number of pages and of new, known and failed stories."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        if not crawler.settings.getbool("PROGRESS_BAR"):
            raise NotConfigured
        self.is_planned = False
        self.total = self.settled = self.pages = self.new = self.known = self.failed = 0

    def spider_opened(self) -> None:
        self.line = StatusLine("stories")
        streams = (one for one in logging.root.handlers if isinstance(one, logging.StreamHandler))
        self.handlers = [handler for handler in streams if handler.stream is sys.stderr]
        for handler in self.handlers:
            handler.setStream(self.line)

    def listing_read(self) -> None:
        self.pages += 1
        self._show()

    def run_planned(self, count: int) -> None:
        self.is_planned = True
        self.total = count
        self._show()

    def part_planned(self, what: str) -> None:
        self.line.write(f"{what}\n")

    def story_requested(self) -> None:
        self.total += not self.is_planned
        self._show()

    def story_settled(self, outcome: Outcome) -> None:
        self.stories_settled(outcome, 1)

    def stories_settled(self, outcome: Outcome, count: int) -> None:
        self.new += count * outcome.is_written
        self.failed += count * (outcome is Outcome.FAILED)
        self.known += count * (outcome is Outcome.UNCHANGED)
        self.settled = min(self.settled + count, self.total)
        self._show()

    def spider_closed(self) -> None:
        self.settled = self.total
        self._show()
        self.line.write("")
        for handler in self.handlers:
            handler.setStream(sys.stderr)
        sys.stderr.write("\n")

    def _show(self) -> None:
        # A known story was not requested and took no time, so the pace leaves it out.
        pace = [self.line.pace(max(0, self.settled - self.known), self.total - self.settled)] if self.is_planned else []
        counts = f"{self.pages} pages, {self.new} new, {self.known} known, {self.failed} failed"
        self.line.show(self.settled, self.total, *pace, counts)
