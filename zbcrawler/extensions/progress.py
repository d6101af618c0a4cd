"""Draw a progress bar on a terminal. Without a terminal, log lines are enough."""

from __future__ import annotations

import logging
import sys
from contextlib import ExitStack

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from zbcrawler.common.errors import Outcome
from zbcrawler.signals import CrawlerPart

_BAR = "{bar:20} {n_fmt}/{total_fmt} stories, {elapsed}{postfix}"
_PLANNED_BAR = "{bar:20} {n_fmt}/{total_fmt} stories, {rate_fmt}, {elapsed}, {remaining} left{postfix}"


class Progress(CrawlerPart):
    """Show on standard error the number of pages and of new, known and failed stories."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        if not crawler.settings.getbool("PROGRESS_BAR"):
            raise NotConfigured
        self.log_level = crawler.settings["LOG_LEVEL"]
        self.shown = ExitStack()
        self.is_planned, self.total = False, 0
        self.pages = self.new = self.known = self.failed = 0

    def spider_opened(self) -> None:
        from tqdm import tqdm  # noqa: PLC0415 - a run without a terminal draws no bar
        from tqdm.contrib.logging import logging_redirect_tqdm  # noqa: PLC0415

        before = set(logging.root.handlers)
        self.shown.enter_context(logging_redirect_tqdm())  # log lines go above the bar
        for handler in set(logging.root.handlers) - before:  # tqdm's own handler has no level
            handler.setLevel(self.log_level)
        self.bar = self.shown.enter_context(tqdm(total=0, file=sys.stderr, bar_format=_BAR, unit="", smoothing=0))

    def listing_read(self) -> None:
        self.pages += 1
        self._show()

    def run_planned(self, count: int) -> None:
        self.is_planned = True
        self.bar.bar_format = _PLANNED_BAR
        self.total = count
        self._show()

    def story_requested(self) -> None:
        self.total += not self.is_planned
        self._show()

    def story_settled(self, outcome: Outcome) -> None:
        self.stories_settled(outcome, 1)

    def stories_settled(self, outcome: Outcome, count: int) -> None:
        self.new += count * outcome.is_written
        self.failed += count * (outcome is Outcome.FAILED)
        if outcome is Outcome.UNCHANGED:
            self.known += count
            # A known story was not requested and took no time, so the rate leaves it out.
            self.bar.initial += count * self.is_planned
        self.bar.n = min(self.bar.n + count, self.total)
        self._show()

    def spider_closed(self) -> None:
        self.bar.n = self.total
        self._show()
        self.bar.refresh()
        self.shown.close()

    def _show(self) -> None:
        text = f"{self.pages} pages, {self.new} new, {self.known} known, {self.failed} failed"
        self.bar.set_postfix_str(text, refresh=False)
        self.bar.total = self.total
        self.bar.update(0)
