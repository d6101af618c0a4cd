"""``scrapy mergedriver``: makes git merge two versions of a story by rule."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from zbcrawler.archive.store import Archive
from zbcrawler.common.errors import ArgumentError, GitError

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """Exit code 0: git will. 2: the archive is in no git repository."""

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        return "Make git merge two versions of a story by rule, in this clone of the archive"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.archive.committing import Committer
        from zbcrawler.archive.pushing import Pusher
        from zbcrawler.commands.running import DID_ITS_JOB, WRONG_USAGE

        try:
            if args:
                raise ArgumentError(f"{' '.join(args)}: takes no arguments")
            archive = Archive.from_settings(self.settings)
            Committer(archive).check(push=False)
            print(f"git merges by rule what {Pusher(archive).merge_by_rule()} names")
            self.exitcode = DID_ITS_JOB
        except (ArgumentError, GitError) as error:
            print(f"scrapy mergedriver: {error}", file=sys.stderr)
            self.exitcode = WRONG_USAGE
