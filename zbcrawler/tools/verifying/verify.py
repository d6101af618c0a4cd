"""Checks many files, on all processors if there are many, and mends what has one right answer."""

from __future__ import annotations

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from zbcrawler.archive.folder import ArchiveFolder
from zbcrawler.archive.layout import post_path
from zbcrawler.tools.importing import reader
from zbcrawler.tools.verifying.files import check_place, find_twins, is_note
from zbcrawler.tools.verifying.findings import Finding
from zbcrawler.tools.verifying.notes import check_note
from zbcrawler.tools.verifying.post import check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

_WORTH_PROCESSES = 2000
# A copy of this process has all it needs, where a new one first imports Scrapy. Elsewhere copies are not safe.
_START = "fork" if sys.platform == "linux" else "spawn"
_AT_ONCE = 200


class Result(NamedTuple):
    """What came of one file.

    :ivar fixed: whether it was mended, so that the findings are of before
    """

    path: str
    findings: list[Finding]
    fixed: bool = False


def verify(root: Path, paths: Sequence[str], now: datetime, fix: bool = False, processes: int = 0) -> Iterator[Result]:
    """Check files, in their order.

    :param paths: from the archive's folder
    :param now: aware; nothing should be dated later
    :param fix: mend what can be mended, one file after the other
    :param processes: so many; 0: as many as there are processors, if there are many files
    """
    if not processes:
        processes = (os.cpu_count() or 1) if len(paths) >= _WORTH_PROCESSES else 1
    twins = find_twins(root, paths)
    if fix or processes == 1:
        for path in paths:
            yield _verify_one(root, now, path, twins.get(path, ()), fix)
        return
    parts = [paths[start : start + _AT_ONCE] for start in range(0, len(paths), _AT_ONCE)]
    with ProcessPoolExecutor(processes, multiprocessing.get_context(_START)) as pool:
        for results in pool.map(partial(_verify_some, root, now, twins), parts):
            yield from results


def _verify_some(root: Path, now: datetime, twins: Mapping[str, Sequence[str]], paths: Sequence[str]) -> list[Result]:
    return [_verify_one(root, now, path, twins.get(path, ())) for path in paths]


def _verify_one(root: Path, now: datetime, path: str, twins: Sequence[str], fix: bool = False) -> Result:
    try:
        return _checked(root, now, path, twins, fix)
    except Exception as error:  # one file must not keep the others from being looked at
        what = f"{type(error).__name__}: {' '.join(str(error).split())}"
        return Result(path, [Finding(path, "unreadable", f"a fault of zbcrawler, please report it: {what}")])


def _checked(root: Path, now: datetime, path: str, twins: Sequence[str], fix: bool) -> Result:
    if is_note(path):
        return Result(path, list(check_note(root, path)))
    try:
        data = (root / path).read_bytes()
    except OSError as error:
        return Result(path, [Finding(path, "unreadable", str(error.strerror))])
    if isinstance(reader.recognise(data), reader.Ignored) and not path.endswith(".md"):
        return Result(path, [Finding(path, "stray", "no post; move it out of _posts")])
    checked = check(path, data, partial(_has_file, root), now)
    places = list(check_place(root, path, checked.address)) if checked.address else []
    places += [Finding(path, "duplicate", f"{twin} is a post of the same story") for twin in twins]
    findings = [*places, *checked.findings]
    may_fix = fix and checked.mended and any(finding.fixable for finding in findings)
    if may_fix and all(finding.fixable for finding in places):
        try:
            ArchiveFolder(root).write(root / post_path(checked.address), checked.mended)
            if post_path(checked.address) != path:
                (root / path).unlink()
        except OSError as error:
            return Result(path, [*findings, Finding(path, "unreadable", f"could not be mended: {error}")])
        return Result(path, findings, fixed=True)
    return Result(path, findings)


def _has_file(root: Path, path: str) -> bool:
    return (root / path).is_file() and (root / path).stat().st_size > 0
