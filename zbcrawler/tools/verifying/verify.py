"""Check many files, on all processors if there are many, and mend what has one right answer."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path

from zbcrawler.archive.folder import ArchiveFolder
from zbcrawler.archive.layout import post_path
from zbcrawler.tools.importing import reader
from zbcrawler.tools.verifying.files import check_note, check_place, find_twins, is_note
from zbcrawler.tools.verifying.findings import Finding, Result
from zbcrawler.tools.verifying.post import PostCheck

_WORTH_PROCESSES = 2000
# A forked process has all modules; a new one would first import Scrapy. Fork is only safe on Linux.
_START = "fork" if sys.platform == "linux" else "spawn"
_AT_ONCE = 200


def verify(root: Path, paths: Sequence[str], now: datetime, fix: bool = False, processes: int = 0) -> Iterator[Result]:
    """Check files, in their order.

    :param now: aware; later dates are found
    :param fix: mend what can be mended, one file after the other
    :param processes: 0: one for each processor if there are many files
    """
    if not processes:
        processes = (os.cpu_count() or 1) if len(paths) >= _WORTH_PROCESSES else 1
    twins = find_twins(root, paths)
    check, twins_of = partial(_check, root, now, fix), [twins.get(path, ()) for path in paths]
    if fix or processes == 1:
        yield from map(check, paths, twins_of)
        return
    with ProcessPoolExecutor(processes, multiprocessing.get_context(_START)) as pool:
        yield from pool.map(check, paths, twins_of, chunksize=_AT_ONCE)


def _check(root: Path, now: datetime, fix: bool, path: str, twins: Sequence[str]) -> Result:
    try:
        return Result(list(check_note(root, path))) if is_note(path) else _check_post(root, now, fix, path, twins)
    except Exception as error:  # a bug that one file brings to light must not end the verification
        what = f"{type(error).__name__}: {' '.join(str(error).split())}"
        return Result([Finding(path, "unreadable", f"a fault of zbcrawler, please report it: {what}")])


def _check_post(root: Path, now: datetime, fix: bool, path: str, twins: Sequence[str]) -> Result:
    try:
        data = (root / path).read_bytes()
    except OSError as error:
        return Result([Finding(path, "unreadable", str(error.strerror))])
    if isinstance(reader.recognise(data), reader.Ignored) and not path.endswith(".md"):
        return Result([Finding(path, "stray", "no post; move it out of _posts")])
    post = PostCheck(root, path, data, now)
    places = list(check_place(root, path, post.address)) if post.address else []
    places += [Finding(path, "duplicate", f"{twin} is a post of the same story") for twin in twins]
    findings = [*places, *post.findings]
    fixable = any(finding.fixable for finding in findings) and all(finding.fixable for finding in places)
    if not (fix and fixable and post.address and post.mended):
        return Result(findings)
    belongs = post_path(post.address)
    try:
        ArchiveFolder(root).write(root / belongs, post.mended)
        if belongs != path:
            (root / path).unlink()
    except OSError as error:
        return Result([*findings, Finding(path, "unreadable", f"could not be mended: {error}")])
    return Result(findings, fixed=True)
