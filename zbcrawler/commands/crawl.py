"""``scrapy crawl``: Scrapy's own, with a summary at the end and an exit code that tells the truth."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scrapy.commands import crawl
from scrapy.spiderloader import get_spider_loader

from zbcrawler.clock import Clock
from zbcrawler.exceptions import ArgumentError
from zbcrawler.running import WRONG_USAGE, exit_code, run_to_its_end, suit_terminal

if TYPE_CHECKING:
    import argparse


class Command(crawl.Command):
    """Exit code 0: the run did its job. 1: something needs a person. 2: wrong usage, nothing was asked."""

    def short_desc(self) -> str:
        return "Run a spider, say what came of it, and exit 0 only if it did its job"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--quiet", action="store_true", help="print only what needs a person (for cron)")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        suit_terminal(self.settings, opts)
        self._check(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        crawler = self.crawler_process.create_crawler(args[0])
        self.crawler_process.crawl(crawler, **opts.spargs)
        verdict = run_to_its_end("crawl", self.crawler_process, crawler)
        self.exitcode = exit_code(verdict)
        if verdict and (not verdict.passed or not opts.quiet):
            print(verdict.summary())

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
