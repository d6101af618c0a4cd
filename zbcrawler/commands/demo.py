"""``scrapy demo``: the whole job in one command, without a network."""

import argparse
import tempfile
from pathlib import Path

from scrapy.exceptions import UsageError

from zbcrawler.common.arguments import DID_ITS_JOB, NEEDS_A_PERSON, ProjectCommand


class Command(ProjectCommand):
    """Exit code 0: every crawl did its job, and the second crawl changed nothing. 1: otherwise. 2: wrong usage."""

    description = "Archive a replica of the site, and show what the archive looks like (no network)"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.archive.git import Git
        from zbcrawler.replica.demo import show_demo

        if args:
            raise UsageError(f"demo takes no arguments, not {' '.join(args)}", print_help=False)
        archive = Path(tempfile.mkdtemp(prefix="zbcrawler-demo-")) / "archive"
        archive.mkdir()
        self.exitcode = DID_ITS_JOB if show_demo(archive, Git(archive)) else NEEDS_A_PERSON
