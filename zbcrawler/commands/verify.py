"""``scrapy verify``: proves an archive sound."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from zbcrawler.commands.usage import named_archive
from zbcrawler.common.errors import ArgumentError, GitError

if TYPE_CHECKING:
    import argparse
    from collections import Counter
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from zbcrawler.tools.verifying.findings import Finding
    from zbcrawler.tools.verifying.tally import Tally
    from zbcrawler.tools.verifying.verify import Result


class Command(ScrapyCommand):
    """Exit code 0: nothing is wrong, or was mended. 1: something is wrong. 2: wrong usage."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] [DIR]"

    def short_desc(self) -> str:
        return "Check every file of the archive against the layout and today's rules"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group("Verify")
        group.add_argument("--fix", action="store_true", help="mend what has one right answer, and say what")
        group.add_argument("--since", metavar="REV", help="only files that have changed since a commit, such as HEAD")
        group.add_argument("--json", action="store_true", help="print all findings as JSON")
        group.add_argument(
            "--report", metavar="FILE.html", help="also write a page of what the archive covers, and lacks"
        )
        group.add_argument("--processes", type=int, default=0, metavar="N", help="so many; default: all processors")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.common.clock import Clock
        from zbcrawler.tools.verifying.tally import Tally
        from zbcrawler.tools.verifying.verify import verify

        try:
            report = _report_file(opts)
            root, paths = self._files(args, opts)
        except (ArgumentError, GitError) as error:
            print(f"scrapy verify: {error}", file=sys.stderr)
            self.exitcode = 2
            return
        tally = Tally()
        now = Clock.from_settings(self.settings).now()
        results = _with_bar(verify(root, paths, now, opts.fix, max(0, opts.processes)), len(paths))
        try:
            (_tell_json if opts.json else _tell)(tally, tally.findings(results), len(paths), opts.fix)
            sys.stdout.flush()
        except BrokenPipeError:  # head has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self.exitcode = 1
            return
        self.exitcode = 1 if tally.wrong else 0
        if report and not self._write(root, report, tally, len(paths), now):
            self.exitcode = 1

    def _write(self, root: Path, file: Path, tally: Tally, count: int, now: datetime) -> bool:
        from zbcrawler.tools.coverage.page import VerifyCounts
        from zbcrawler.tools.coverage.report import write_report

        checked = VerifyCounts(count, tally.wrong, tally.warnings)
        try:
            write_report(root, file, checked, now)
        except (OSError, GitError) as error:
            print(f"scrapy verify: report {file}: {error}", file=sys.stderr)
            return False
        return True

    def _files(self, args: list[str], opts: argparse.Namespace) -> tuple[Path, list[str]]:
        """:raises ArgumentError: if there is no such archive"""
        from zbcrawler.tools.verifying.files import all_files, changed_files

        root = named_archive(args, self.settings)
        return root, changed_files(root, opts.since) if opts.since else all_files(root)


def _report_file(opts: argparse.Namespace) -> Path | None:
    """:raises ArgumentError: if it cannot be, or would not tell the truth"""
    if not opts.report:
        return None
    file = Path(opts.report).expanduser()
    if opts.since:
        raise ArgumentError("--report is of the whole archive; leave out --since")
    if not file.parent.is_dir() or file.is_dir():
        raise ArgumentError(f"--report {file}: name a file in a folder that is there")
    return file


def _with_bar(results: Iterator[Result], count: int) -> Iterable[Result]:
    if not sys.stderr.isatty():
        return results
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread, of which the processes would be copies
    return tqdm(results, total=count, unit=" files", file=sys.stderr, leave=False)


def _tell(tally: Tally, findings: Iterable[tuple[Finding, str]], count: int, fix: bool) -> None:
    for finding, kind in findings:
        print(f"{finding}{'' if kind == 'wrong' else f' ({kind})'}")
    parts = [f"{tally.wrong.total()} wrong{_by_rule(tally.wrong)}"]
    if fix:
        parts.append(f"{tally.fixed.total()} fixed{_by_rule(tally.fixed)}")
    if tally.warnings:
        parts.append(f"{tally.warnings.total()} warnings{_by_rule(tally.warnings)}")
    print(f"{count} files: {', '.join(parts)}")


def _by_rule(counts: Counter[str]) -> str:
    return f" ({', '.join(f'{rule} {count}' for rule, count in sorted(counts.items()))})" if counts else ""


def _tell_json(tally: Tally, findings: Iterable[tuple[Finding, str]], count: int, fix: bool) -> None:
    found = [
        {**finding._asdict(), "warning": kind == "warning", "fixed": kind == "fixed"} for finding, kind in findings
    ]
    counts = {"wrong": tally.wrong, "fixed": tally.fixed, "warnings": tally.warnings}
    print(json.dumps({"files": count, "counts": counts, "findings": found}, ensure_ascii=False, indent=1))
