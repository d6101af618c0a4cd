"""``scrapy replica``: serves the replica of the news site until Ctrl-C."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """Checks the options, serves, and leaves with 0 on Ctrl-C or 2 on a wrong option."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Serve a local stand-in of the news site, with invented stories"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        from zbcrawler.replica.command_line import add_options

        super().add_options(parser)
        # Values are checked in run(), so that every wrong one gets the same kind of message.
        add_options(parser)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.replica.command_line import serve, served_by

        try:
            served = served_by(args, opts).start()
        except (ValueError, OSError) as error:
            print(f"scrapy replica: {error}", file=sys.stderr)
            self.exitcode = 2
            return
        serve(served)
