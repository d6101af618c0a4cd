"""``scrapy verify``: check that an archive is sound."""

import argparse
import sys
from itertools import chain
from pathlib import Path

from zbcrawler.commands.run_lifecycle import named_archive, write_whole
from zbcrawler.common.arguments import DID_ITS_JOB, NEEDS_A_PERSON, ProjectCommand, check_file, wrong_usage
from zbcrawler.common.errors import ArgumentError, GitError


class Command(ProjectCommand):
    """Exit code 0: nothing is wrong, or everything was repaired. 1: something is wrong. 2: wrong usage."""

    usage = "[options] [DIR]"
    description = "Check every file of the archive against the layout and today's rules"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group("Verify")
        what = "repair what has one right answer, and print the repairs"
        group.add_argument("--fix", action="store_true", help=what)
        group.add_argument("--since", metavar="REV", help="only files that differ from a commit, such as HEAD")
        group.add_argument("--json", action="store_true", help="print all findings as JSON")
        what = "also write a page of what the archive covers and lacks"
        group.add_argument("--report", metavar="FILE.html", help=what)
        what = "number of processes; default: one per processor if there are many files"
        group.add_argument("--processes", type=int, default=0, metavar="N", help=what)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.common.times import Clock
        from zbcrawler.tools.verifying.files import changed_files
        from zbcrawler.tools.verifying.verify import Verification, print_findings

        with wrong_usage("verify", GitError, OSError):
            if report := Path(opts.report).expanduser() if opts.report else None:
                if opts.since:
                    raise ArgumentError("--report is of the whole archive; leave out --since")
                check_file("--report", report)
            root = named_archive(args, self.settings)
            paths = changed_files(root, opts.since) if opts.since else None
            if opts.processes < 0:
                raise ArgumentError(f"--processes {opts.processes}: write a number from 1 up")
            now = Clock.from_settings(self.settings).now()
        check = Verification(root, now, paths, opts.fix)
        results = check.run(opts.processes)
        if sys.stderr.isatty():
            from zbcrawler.extensions.progress import show_progress

            results = show_progress(results, check.files, "files")
        counts = print_findings(check, chain.from_iterable(results), opts.json)
        self.exitcode = NEEDS_A_PERSON if counts["wrong"] else DID_ITS_JOB
        if report:
            from zbcrawler.tools.report.page import make_coverage_report

            try:
                write_whole(report, make_coverage_report(root, check.files, counts, now).encode())
            except (OSError, GitError) as error:
                print(f"scrapy verify: report {report}: {error}", file=sys.stderr)
                self.exitcode = NEEDS_A_PERSON
