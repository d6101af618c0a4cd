"""A progress bar on a terminal; elsewhere plain log lines are enough."""

from __future__ import annotations

import logging
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.exceptions import NotConfigured

from zbcrawler.common.outcomes import Outcome
from zbcrawler.signals import listing_read, run_planned, stories_settled, story_requested, story_settled

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from typing_extensions import Self


_SHORT = "{bar:20} {n_fmt}/{total_fmt} stories, {elapsed}{postfix}"
# Of a run that knows how much there is to do.
_LONG = "{bar:20} {n_fmt}/{total_fmt} stories, {rate_fmt}, {elapsed}, {remaining} left{postfix}"


class Progress:
    """Shows pages, stories, and how many are new, known and failed, on standard error."""

    def __init__(self, crawler: Crawler) -> None:
        """:raises NotConfigured: if ``PROGRESS_BAR`` is off"""
        if not crawler.settings.getbool("PROGRESS_BAR"):
            raise NotConfigured
        self.log_level = crawler.settings["LOG_LEVEL"]
        self.shown = ExitStack()
        self.planned = False
        self.pages = self.new = self.known = self.failed = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        progress = cls(crawler)
        for signal, receiver in (
            (signals.spider_opened, progress.open),
            (listing_read, progress.listing_read),
            (run_planned, progress.run_planned),
            (story_requested, progress.story_requested),
            (story_settled, progress.story_settled),
            (stories_settled, progress.stories_settled),
            (signals.spider_closed, progress.close),
        ):
            crawler.signals.connect(receiver, signal=signal)
        return progress

    def open(self, **_: Any) -> None:
        # Imported here: a run from cron draws no bar.
        from tqdm import tqdm  # noqa: PLC0415
        from tqdm.contrib.logging import logging_redirect_tqdm  # noqa: PLC0415

        # Log lines go above the bar instead of into it.
        before = set(logging.root.handlers)
        self.shown.enter_context(logging_redirect_tqdm())
        for handler in set(logging.root.handlers) - before:  # tqdm's own has no level
            handler.setLevel(self.log_level)
        bar = tqdm(total=0, file=sys.stderr, bar_format=_SHORT, unit="", smoothing=0)
        self.bar = self.shown.enter_context(bar)

    def listing_read(self, **_: Any) -> None:
        self.pages += 1
        self._show()

    def run_planned(self, count: int, **_: Any) -> None:
        self.planned = True
        self.bar.bar_format = _LONG
        self.bar.total = count
        self._show()

    def story_requested(self, **_: Any) -> None:
        self.bar.total += not self.planned
        self._show()

    def story_settled(self, outcome: Outcome, **_: Any) -> None:
        self.stories_settled(outcome, 1)

    def stories_settled(self, outcome: Outcome, count: int, **_: Any) -> None:
        if outcome is Outcome.UNCHANGED:
            self.known += count
        elif outcome.is_written:
            self.new += count
        elif outcome is Outcome.FAILED:
            self.failed += count
        # What was known from its listing was never requested, and takes no time.
        if self.planned and outcome is Outcome.UNCHANGED:
            self.bar.initial += count
        self.bar.n = min(self.bar.n + count, self.bar.total)
        self._show()

    def close(self, **_: Any) -> None:
        self.bar.n = self.bar.total
        self._show()
        self.bar.refresh()
        self.shown.close()

    def _show(self) -> None:
        text = f"{self.pages} pages, {self.new} new, {self.known} known, {self.failed} failed"
        self.bar.set_postfix_str(text, refresh=False)
        self.bar.update(0)
