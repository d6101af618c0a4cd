"""``scrapy crawl``: Scrapy's own, with a summary at the end and an exit code that tells the truth."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scrapy.commands import crawl
from scrapy.spiderloader import get_spider_loader

from zbcrawler.commands import running
from zbcrawler.commands.running import WRONG_USAGE, Run
from zbcrawler.common.errors import ArgumentError

if TYPE_CHECKING:
    import argparse


class Command(crawl.Command):
    """Exit code 0: the run did its job. 1: something needs a person. 2: wrong usage. 75: another run is at work."""

    def short_desc(self) -> str:
        return "Run a spider, say what came of it, and exit 0 only if it did its job"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        running.add_options(parser)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        running.suit_terminal(self.settings, opts)
        self._check(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        crawler = self.crawler_process.create_crawler(args[0])
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.exitcode = Run("crawl", args[0], self.crawler_process, crawler, opts)()

    def _check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Find wrong arguments and settings while nothing has begun.

        :raises SystemExit: with code 2, after one line on standard error
        """
        try:
            spiders = get_spider_loader(self.settings)
            if len(args) != 1 or args[0] not in spiders.list():
                known = ", ".join(sorted(spiders.list()))
                raise ArgumentError(f"{' '.join(args) or 'no spider'}: name one of {known}")
            running.check_settings(self.settings, opts)
            spiders.load(args[0])(**opts.spargs).prepare(self.settings)
        except ArgumentError as error:
            print(f"scrapy crawl: {error}", file=sys.stderr)
            raise SystemExit(WRONG_USAGE) from None
