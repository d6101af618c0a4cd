"""``scrapy crawl``: Scrapy's own, with a summary at the end and an exit code that tells the truth."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scrapy.commands import crawl
from scrapy.spiderloader import get_spider_loader

from zbcrawler.clock import Clock
from zbcrawler.exceptions import ArgumentError
from zbcrawler.extensions.verdict import Verdict

if TYPE_CHECKING:
    import argparse

# The exit codes; README and docs/operating.md explain them.
DID_ITS_JOB, NEEDS_A_PERSON, WRONG_USAGE = 0, 1, 2


class Command(crawl.Command):
    """Exit code 0: the run did its job. 1: something needs a person. 2: wrong usage, nothing was asked."""

    def short_desc(self) -> str:
        return "Run a spider, say what came of it, and exit 0 only if it did its job"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--quiet", action="store_true", help="print only what needs a person (for cron)")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        on_terminal = sys.stderr.isatty() and not opts.logfile
        if opts.quiet:
            # What fails is in the summary, with its address and reason.
            self.settings.set("LOG_LEVEL", opts.loglevel or "CRITICAL", priority="cmdline")
        elif on_terminal and not opts.loglevel:
            # Above a progress bar only what is wrong is worth a line.
            self.settings.set("LOG_LEVEL", "ERROR", priority="cmdline")
        if on_terminal and not opts.quiet:
            self.settings.set("PROGRESS_BAR", True, priority="cmdline")
        self._check(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        crawler = self.crawler_process.create_crawler(args[0])
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        if self.crawler_process.bootstrap_failed:
            print("scrapy crawl: the run could not begin, see the log", file=sys.stderr)
            self.exitcode = NEEDS_A_PERSON
            return
        verdict = crawler.get_extension(Verdict)
        if not verdict.passed or not opts.quiet:
            print(verdict.summary())
        self.exitcode = DID_ITS_JOB if verdict.passed else NEEDS_A_PERSON

    def _check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Finds wrong arguments and settings while nothing has begun.

        :raises SystemExit: with code 2, after one line on standard error
        """
        try:
            spiders = get_spider_loader(self.settings)
            if len(args) != 1 or args[0] not in spiders.list():
                known = ", ".join(sorted(spiders.list()))
                raise ArgumentError(f"{' '.join(args) or 'no spider'}: name one of {known}")
            Clock.from_settings(self.settings)
            spiders.load(args[0])(**opts.spargs).prepare(self.settings)
        except ArgumentError as error:
            print(f"scrapy crawl: {error}", file=sys.stderr)
            raise SystemExit(WRONG_USAGE) from None
