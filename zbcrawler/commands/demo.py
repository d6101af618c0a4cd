"""``scrapy demo``: the whole job in one command, on this machine alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """Exit code 0: every crawl did its job, and the second one changed nothing."""

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        return "Archive a replica of the site, and show what the archive looks like (no network)"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.tools.demo import show_demo

        if args:
            raise UsageError(f"demo takes no arguments, not {' '.join(args)}", print_help=False)
        self.exitcode = 0 if show_demo() else 1
