"""``scrapy export``: write all stories into one file, for people who count."""

import argparse
import sqlite3
import sys
from collections import Counter
from pathlib import Path

from zbcrawler.archive.disk import day_folders
from zbcrawler.commands.run_lifecycle import named_archive
from zbcrawler.common.arguments import DID_ITS_JOB, NEEDS_A_PERSON, ProjectCommand, check_file, wrong_usage
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.text import printable


class Command(ProjectCommand):
    """Exit code 0: all stories are in the file. 1: some are not, or the file was not written. 2: wrong usage."""

    usage = "[options] FILE.jsonl|FILE.sqlite [DIR]"
    description = "Write all stories of the archive into one file, as JSON lines or for SQLite and Datasette"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.tools.exporting import KINDS, export_stories, story_file

        with wrong_usage("export", OSError):
            file = Path(args[0] if args else "").expanduser()
            if file.suffix not in KINDS:
                raise ArgumentError(f"{file}: name a file that ends with {' or '.join(KINDS)}")
            check_file("FILE", file)
            root = named_archive(args[1:], self.settings)
        counts = Counter[str]()
        try:
            with story_file(file) as add:
                results = export_stories(root, add)
                if sys.stderr.isatty():
                    from zbcrawler.extensions.progress import show_progress

                    results = show_progress(results, sum(len(names) for *_, names in day_folders(root)), "posts")
                for failure in results:
                    counts["failed" if failure else "stories"] += 1
                    if failure:
                        print(f"failed: {printable(failure)}")
        except (OSError, sqlite3.Error) as error:
            print(f"failed: {printable(str(file))}: not written: {error}")
            self.exitcode = NEEDS_A_PERSON
            return
        failed = f"; {counts['failed']:,} posts cannot be read" if counts["failed"] else ""
        print(f"{counts['stories']:,} stories are in {printable(str(file))}{failed}")
        self.exitcode = NEEDS_A_PERSON if failed else DID_ITS_JOB
