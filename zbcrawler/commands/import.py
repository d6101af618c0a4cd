"""``scrapy import``: import posts and kept pages of other archives."""

import argparse
from pathlib import Path

from scrapy.spiderloader import get_spider_loader

from zbcrawler.archive.archive import Archive
from zbcrawler.commands import run_lifecycle
from zbcrawler.common.arguments import ProjectCommand, check_file, wrong_usage
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.text import printable
from zbcrawler.extensions.bookkeeping import Books


class Command(ProjectCommand):
    """Exit code 0: all posts are archived or skipped. 1: something needs a person. 2, 75: as ``crawl``."""

    usage = "[options] PATH..."
    description = "Clean the posts and kept pages (WARC) in files or folders, and take them into the archive"
    requires_crawler_process = True

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group("Import")
        group.add_argument("--dry-run", action="store_true", help="print the outcome of each story; write nothing")
        group.add_argument("--removed", metavar="FILE", help="write each element dropped from a body as a JSON line")
        run_lifecycle.add_options(group)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.tools.importing.files import check_paths
        from zbcrawler.tools.importing.spider import ImportSpider

        super().process_options(args, opts)
        run_lifecycle.set_log_and_bar(self.settings, opts, bar=not opts.dry_run)
        given = {"REMOVALS": True, "DRY_RUN": opts.dry_run, "REMOVED_FILE": opts.removed}
        self.settings.setdict({name: value for name, value in given.items() if value}, priority="cmdline")
        with wrong_usage("import"):
            get_spider_loader(self.settings)  # as Scrapy does, to report a missing package of a spider
            run_lifecycle.check_settings(self.settings, opts)
            ImportSpider(args).prepare(self.settings)
            check_paths(args, Archive.from_settings(self.settings).root)
            if opts.removed:
                file = Path(opts.removed)
                if file.is_file() and file.stat().st_size:  # it may be a post
                    raise ArgumentError(f"--removed {printable(opts.removed)}: exists already; name a new file")
                check_file("--removed", file)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.extensions.removals import Removals
        from zbcrawler.tools.importing.spider import ImportSpider

        crawler = self.crawler_process.create_crawler(ImportSpider)
        begun = self.crawler_process.crawl(crawler, paths=args, show=print if opts.dry_run and not opts.quiet else None)

        def closing(books: Books) -> str:
            posts = sum(section.outcomes.total() for section in books.sections.values())
            removals = None if opts.quiet else crawler.get_extension(Removals)
            speed = f", {posts / max(books.seconds, 0.1):.0f} files/s"
            return "\n".join([speed, *(removals.report() if removals else ())])

        self.exitcode = run_lifecycle.Run("import", "import", self.crawler_process, crawler, begun, opts).execute(
            closing
        )
