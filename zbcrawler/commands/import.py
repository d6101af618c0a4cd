"""``scrapy import``: takes posts that others keep into the archive."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from zbcrawler.archive.front_matter import front_matter_keys
from zbcrawler.archive.store import Archive
from zbcrawler.commands import running
from zbcrawler.commands.running import LOCKED, WRONG_USAGE, Run
from zbcrawler.common import options
from zbcrawler.common.errors import ArgumentError
from zbcrawler.tools.importing.files import check_paths, shown

if TYPE_CHECKING:
    import argparse

    from zbcrawler.extensions.verdict import Verdict


class Command(ScrapyCommand):
    """Exit code 0: all posts are archived or need not be. 1: something needs a person. 2, 75: as ``crawl``."""

    requires_project = True

    def syntax(self) -> str:
        return "[options] PATH..."

    def short_desc(self) -> str:
        return "Clean the posts and kept pages (WARC) in files or folders and take them into the archive"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group("Import")
        group.add_argument("--dry-run", action="store_true", help="say what would become of each story; write nothing")
        group.add_argument("--removed", metavar="FILE", help="write all that is dropped from bodies, a JSON line each")
        running.add_options(group)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        running.suit_terminal(self.settings, opts, bar=not opts.dry_run)
        given = {"REMOVALS": True}
        if opts.dry_run:
            given["DRY_RUN"] = True
        if opts.removed:
            given["REMOVED_FILE"] = opts.removed
        self.settings.setdict(given, priority="cmdline")
        self._check(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.extensions.removals import Removals
        from zbcrawler.tools.importing.spider import ImportSpider

        crawler = self.crawler_process.create_crawler(ImportSpider)
        tell = print if opts.dry_run and not opts.quiet else None
        self.crawler_process.crawl(crawler, paths=args, tell=tell)
        self.exitcode = Run("import", "import", self.crawler_process, crawler, opts)(_files_a_second)
        if not opts.quiet and self.exitcode != LOCKED:
            for line in crawler.get_extension(Removals).report():
                print(line)

    def _check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Find wrong arguments and settings while nothing has begun.

        :raises SystemExit: with code 2, after one line on standard error
        """
        try:
            running.check_settings(self.settings, opts)
            front_matter_keys(self.settings)
            options.site_url(self.settings)
            options.site_url(self.settings, "PICTURE_SITE")
            check_paths(args, Archive.from_settings(self.settings).root)
            if opts.removed:
                _check_removed(opts.removed)
        except ArgumentError as error:
            print(f"scrapy import: {error}", file=sys.stderr)
            raise SystemExit(WRONG_USAGE) from None


def _files_a_second(verdict: Verdict) -> str:
    posts = sum(sum(section.outcomes.values()) for section in verdict.sections.values())
    return f", {posts / max(verdict.seconds, 0.1):.0f} files/s"


def _check_removed(name: str) -> None:
    """Check where to write what is dropped.

    :raises ArgumentError: if it cannot be written, or is there already: it may be a post
    """
    folder = os.path.dirname(name) or "."
    if os.path.isfile(name) and os.path.getsize(name):
        raise ArgumentError(f"--removed {shown(name)}: is there already; name a new file")
    if os.path.isdir(name) or not os.access(folder, os.W_OK):
        raise ArgumentError(f"--removed {shown(name)}: cannot be written; name a file in a folder that is there")
