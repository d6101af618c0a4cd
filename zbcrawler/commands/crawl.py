"""``scrapy crawl``: Scrapy's own command, with a summary at the end and a meaningful exit code."""

import argparse
from difflib import get_close_matches
from typing import Any, NoReturn

from scrapy.commands import crawl
from scrapy.spiderloader import get_spider_loader

from zbcrawler.commands import run_lifecycle
from zbcrawler.common.arguments import DID_ITS_JOB, ProjectCommand, wrong_usage
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.spider_arguments import add_to_help


class Command(ProjectCommand, crawl.Command):
    """Exit code 0: the run did its job. 1: something needs a person. 2: wrong usage. 75: another run is at work."""

    usage = "[options] <spider>"
    description = "Run a spider, print a summary, and exit with 0 only if the run did its job"
    requires_crawler_process = True

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        run_lifecycle.add_options(parser)
        parser.add_argument("-h", "--help", action="store_true", help="show this help, and the spider's arguments")
        self._parser = parser

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        if opts.help:
            self._show_help(args)
        super().process_options(args, opts)
        run_lifecycle.set_log_and_bar(self.settings, opts)
        with wrong_usage("crawl"):
            spiders = get_spider_loader(self.settings)
            if len(args) != 1 or args[0] not in spiders.list():
                known, given = sorted(spiders.list()), " ".join(args) or "no spider"
                hint = f"did you mean {near[0]}? " if (near := get_close_matches(given, known, 1)) else ""
                raise ArgumentError(f"{given}: {hint}name one of {', '.join(known)}")
            run_lifecycle.check_settings(self.settings, opts)
            spider: Any = spiders.load(args[0])
            spider(**opts.spargs).prepare(self.settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        crawler = self.crawler_process.create_crawler(args[0])
        begun = self.crawler_process.crawl(crawler, **opts.spargs)
        with wrong_usage("crawl"):
            self.exitcode = run_lifecycle.Run("crawl", args[0], self.crawler_process, crawler, begun, opts).execute()

    def _show_help(self, words: list[str]) -> NoReturn:
        """Print the options, and the arguments of the spiders that are named; of all spiders if none is."""
        with wrong_usage("crawl"):
            spiders: Any = get_spider_loader(self.settings)
        names = sorted(spiders.list())
        for name in [name for name in names if name in words] or names:
            add_to_help(self._parser, name, spiders.load(name).ARGUMENTS)
        self._parser.print_help()
        raise SystemExit(DID_ITS_JOB)
