"""``scrapy learn``: learn to read a redesigned site, and adopt or forget what was learnt."""

import argparse

from scrapy import Spider
from scrapy.commands import BaseRunSpiderCommand
from scrapy.spiderloader import get_spider_loader

from zbcrawler.archive.archive import Archive
from zbcrawler.commands import run_lifecycle
from zbcrawler.common.arguments import DID_ITS_JOB, NEEDS_A_PERSON, ProjectCommand, wrong_usage
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.spider_arguments import add_to_help


class Command(ProjectCommand, BaseRunSpiderCommand):
    """Exit code 0: the pages are read. 1: something needs a person. 2, 75: as ``crawl``."""

    usage = "[options]"
    description = "Learn from archived stories to read pages of the site that no edition reads"
    requires_crawler_process = True

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        from zbcrawler.tools.learning import LearnSpider

        super().add_options(parser)
        run_lifecycle.add_options(parser)
        add_to_help(parser, "learn", LearnSpider.ARGUMENTS)
        group = parser.add_argument_group("Learn").add_mutually_exclusive_group()
        group.add_argument("--forget", metavar="NAME", help="drop a learnt edition; the posts stay")
        what = "make a learnt edition one of the project's, and clean the posts that it wrote again"
        group.add_argument("--adopt", metavar="NAME", help=what)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.tools.learning import LearnSpider, check_name

        super().process_options(args, opts)
        run_lifecycle.set_log_and_bar(self.settings, opts, bar=False)
        with wrong_usage("learn"):
            get_spider_loader(self.settings)  # as Scrapy does, to report a missing package of a spider
            if args:
                raise ArgumentError(f"{' '.join(args)}: takes no arguments; write -a sections=china")
            if name := opts.adopt or opts.forget:
                check_name(Archive.from_settings(self.settings), name)
            if opts.forget:  # a broken edition can be forgotten
                return
            run_lifecycle.check_settings(self.settings, opts)
            LearnSpider(**opts.spargs).prepare(self.settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.tools.learning import AdoptSpider, LearnSpider, adopt, forget, raw_folders

        archive = Archive.from_settings(self.settings)
        self.exitcode = DID_ITS_JOB
        try:
            if opts.forget:
                print(f"forgotten: {opts.forget}; the {forget(archive, opts.forget)} posts that it wrote stay")
            elif not opts.adopt:
                self._crawl(opts, LearnSpider, **opts.spargs)
            else:
                file = adopt(archive, opts.adopt)
                print(f"adopted: {file}; commit it: a copy of zbcrawler without the file has to learn again")
                if folders := raw_folders(self.settings):
                    self._crawl(opts, AdoptSpider, folders, opts.adopt)
                else:
                    forget(archive, opts.adopt)
        except OSError as error:
            print(f"failed: {error}")
            self.exitcode = NEEDS_A_PERSON

    def _crawl(self, opts: argparse.Namespace, spider: type[Spider], *words: object, **given: object) -> None:
        crawler = self.crawler_process.create_crawler(spider)
        begun = self.crawler_process.crawl(crawler, *words, **given)
        self.exitcode = run_lifecycle.Run("learn", "learn", self.crawler_process, crawler, begun, opts).execute()
