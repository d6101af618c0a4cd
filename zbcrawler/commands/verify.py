"""``scrapy verify``: check that an archive is sound."""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from zbcrawler.commands.run_lifecycle import check_file, named_archive, write_whole
from zbcrawler.common.arguments import DID_ITS_JOB, NEEDS_A_PERSON, ProjectCommand, wrong_usage
from zbcrawler.common.errors import ArgumentError, GitError
from zbcrawler.tools.verifying.post import Finding

_NAMES = {"wrong": "wrong", "fixed": "fixed", "warning": "warnings"}


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
        from zbcrawler.tools.verifying.verify import all_files, changed_files, verify

        with wrong_usage("verify", GitError):
            if report := Path(opts.report).expanduser() if opts.report else None:
                if opts.since:
                    raise ArgumentError("--report is of the whole archive; leave out --since")
                check_file("--report", report)
            root = named_archive(args, self.settings)
            paths = changed_files(root, opts.since) if opts.since else all_files(root)
        now = Clock.from_settings(self.settings).now()
        results: Iterable[list[Finding]] = verify(root, paths, now, opts.fix, max(0, opts.processes))
        if sys.stderr.isatty():
            from zbcrawler.extensions.progress import show_progress

            results = show_progress(results, len(paths), "files")
        try:
            counts = _print(chain.from_iterable(results), len(paths), opts)
            sys.stdout.flush()
        except BrokenPipeError:  # the reader, such as head, has closed the pipe
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self.exitcode = NEEDS_A_PERSON
            return
        self.exitcode = NEEDS_A_PERSON if counts["wrong"] else DID_ITS_JOB
        if report:
            from zbcrawler.tools.report.page import make_coverage_report

            try:
                write_whole(report, make_coverage_report(root, len(paths), counts, now).encode())
            except (OSError, GitError) as error:
                print(f"scrapy verify: report {report}: {error}", file=sys.stderr)
                self.exitcode = NEEDS_A_PERSON


def _print(findings: Iterable[Finding], files: int, opts: argparse.Namespace) -> dict[str, Counter[str]]:
    """Print findings; return the number of findings by kind and rule."""
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in _NAMES}
    rows = []
    for one in findings:
        counts[one.kind][one.rule] += 1
        if opts.json:
            rows.append({**one._asdict(), "warning": one.kind == "warning"})
        else:
            print(f"{one.path}: {one.rule}: {one.what}{'' if one.kind == 'wrong' else f' ({one.kind})'}")
    if opts.json:
        document = {"files": files, "counts": {_NAMES[kind]: counts[kind] for kind in _NAMES}, "findings": rows}
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return counts
    parts = []
    for kind, name in _NAMES.items():
        if kind == "wrong" or counts[kind] or (kind == "fixed" and opts.fix):
            rules = ", ".join(f"{rule} {count}" for rule, count in sorted(counts[kind].items()))
            parts.append(f"{counts[kind].total()} {name}" + (f" ({rules})" if rules else ""))
    print(f"{files} files: {', '.join(parts)}")
    return counts
