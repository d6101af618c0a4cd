"""``scrapy verify``: proves an archive sound."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand

from zbcrawler.arguments import named_archive
from zbcrawler.exceptions import ArgumentError, GitError

if TYPE_CHECKING:
    import argparse
    from collections import Counter
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from zbcrawler.verifying.verify import Result


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
        group.add_argument("--processes", type=int, default=0, metavar="N", help="so many; default: all processors")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.verifying.verify import verify

        try:
            root, paths = self._files(args, opts)
        except (ArgumentError, GitError) as error:
            print(f"scrapy verify: {error}", file=sys.stderr)
            self.exitcode = 2
            return
        results = _with_bar(verify(root, paths, opts.fix, max(0, opts.processes)), len(paths))
        self.exitcode = (_tell_json if opts.json else _tell)(results, len(paths), opts.fix)

    def _files(self, args: list[str], opts: argparse.Namespace) -> tuple[Path, list[str]]:
        """:raises ArgumentError: if there is no such archive"""
        from zbcrawler.verifying.files import all_files, changed_files

        root = named_archive(args, self.settings)
        return root, changed_files(root, opts.since) if opts.since else all_files(root)


def _with_bar(results: Iterator[Result], count: int) -> Iterable[Result]:
    if not sys.stderr.isatty():
        return results
    from tqdm import tqdm

    return tqdm(results, total=count, unit=" files", file=sys.stderr, leave=False)


def _tell(results: Iterable[Result], count: int, fix: bool) -> int:
    from collections import Counter

    wrong, fixed, told = Counter(), Counter(), Counter()
    for result in results:
        for finding in result.findings:
            kind = told if finding.is_warning else fixed if result.fixed else wrong
            kind[finding.rule] += 1
            print(f"{finding}{' (warning)' if kind is told else ' (fixed)' if kind is fixed else ''}")
    parts = [f"{wrong.total()} wrong{_by_rule(wrong)}"]
    if fix:
        parts.append(f"{fixed.total()} fixed{_by_rule(fixed)}")
    if told:
        parts.append(f"{told.total()} warnings{_by_rule(told)}")
    print(f"{count} files: {', '.join(parts)}")
    return 1 if wrong else 0


def _by_rule(counts: Counter[str]) -> str:
    return f" ({', '.join(f'{rule} {count}' for rule, count in sorted(counts.items()))})" if counts else ""


def _tell_json(results: Iterable[Result], count: int, fix: bool) -> int:
    found: list[dict[str, Any]] = [
        {**finding._asdict(), "warning": finding.is_warning, "fixed": result.fixed and not finding.is_warning}
        for result in results
        for finding in result.findings
    ]
    print(json.dumps({"files": count, "findings": found}, ensure_ascii=False, indent=1))
    return 1 if any(not (one["warning"] or one["fixed"]) for one in found) else 0
