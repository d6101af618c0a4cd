"""``scrapy init``: make a place for an archive, and say how it is kept up to date."""

import argparse
import os
import shlex
import sys

from zbcrawler.common.arguments import DID_ITS_JOB, NEEDS_A_PERSON, ProjectCommand, wrong_usage
from zbcrawler.common.errors import ArgumentError, GitError
from zbcrawler.common.times import rough_time

# The stories and the requests of a first run: three sections, of one page or of ten, which list 24 stories each.
_FIRST_RUNS = ((72, 75), (720, 750))


class Command(ProjectCommand):
    """Exit code 0: the place is there. 1: the disk, git or the first crawl refused. 2: wrong usage."""

    usage = "[options] FOLDER"
    description = "Make a folder for an archive, with settings and a git repository of its own"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        from zbcrawler.tools.new_archive import SCHEDULES

        super().add_options(parser)
        group = parser.add_argument_group("Init")
        what = "what starts the runs; default: cron, whose line is printed. The others get files, filled in"
        group.add_argument("--schedule", choices=SCHEDULES, default="cron", help=what)
        group.add_argument("--crawl", action="store_true", help="also crawl the first page of each section")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.archive.place import SOFTWARE
        from zbcrawler.tools.new_archive import NewArchive, program

        with wrong_usage("init", OSError):
            if len(args) != 1:
                raise ArgumentError(f"{' '.join(args) or 'no folder'}: name one folder, such as ~/news")
            new = NewArchive(args[0], opts.schedule)
            delay = self.settings.getfloat("DOWNLOAD_DELAY")
        self.exitcode = DID_ITS_JOB
        try:
            for line in new.make():
                print(line)
        except (OSError, GitError) as error:
            print(f"failed: {new.root}: {error}")
            self.exitcode = NEEDS_A_PERSON
            return
        words = ["crawl", "realtime", "-s", f"ARCHIVE_DIR={new.root}"]
        times = [f"about {rough_time(delay * requests)} ({stories} stories)" for stories, requests in _FIRST_RUNS]
        if not (opts.crawl or new.has_posts):
            print(f"\nThe first run takes {times[1]}; with -a pages=1 {times[0]}:")
            print(f"  {shlex.join([*program(), *words])}")
        print("\nThe settings are in zbcrawler.toml. After a change, commit the file; runs do not:")
        print(f'  git -C {shlex.quote(str(new.root))} commit -m "Change settings" zbcrawler.toml')
        print(f"\n{new.next_steps()}\n\nHow the archive is:\n  {shlex.join([*program(), 'status', str(new.root)])}")
        if opts.crawl:
            print(f"\nThe first page of each section takes {times[0]}; later runs fetch the rest:", flush=True)
            given = [word for each in opts.set for word in ("-s", each)]
            os.chdir(SOFTWARE)
            # The crawl takes this command's place, so that Ctrl-C ends the crawl as it would end any run.
            os.execv(sys.executable, [sys.executable, "-m", "scrapy", *words, "-a", "pages=1", *given])  # noqa: S606
