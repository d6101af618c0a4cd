"""Check the files of an archive, and repair what has one right answer. All paths are from the archive's folder."""

import json
import multiprocessing
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from zbcrawler.archive import disk
from zbcrawler.archive.disk import ArchiveFolder
from zbcrawler.archive.git import Git
from zbcrawler.archive.note_files import BROKEN, NotesOfKind, describe, load_note
from zbcrawler.archive.notes import parse_path
from zbcrawler.common.addresses import NEIGHBOURS
from zbcrawler.common.errors import EditionFileError, GitError
from zbcrawler.common.text import one_line
from zbcrawler.editions.learnt import read_edition
from zbcrawler.tools.importing import reader
from zbcrawler.tools.verifying.post import WARNINGS, Finding, PostCheck

_FILES_WORTH_PROCESSES = 2000
# A forked process has all modules; a new one would first import Scrapy. Fork is only safe on Linux.
_START = "fork" if sys.platform == "linux" else "spawn"
_FILES_AT_ONCE = 200
_NAMES = {"wrong": "wrong", "fixed": "fixed", "warning": "warnings"}  # in the summary, by the kind of a finding


def all_files(root: Path) -> list[str]:
    """Return the notes of an archive and all files below ``_posts``."""
    found: list[str] = []
    for top in (disk.POSTS, disk.NOTES):
        for folder, folders, names in os.walk(root / top):
            folders.sort()
            place = os.path.relpath(folder, root)
            found += [path for name in sorted(names) if _is_checked(path := f"{place}/{name}")]
            found += [path for name in folders if parse_path(path := f"{place}/{name}")]
    return found


def changed_files(root: Path, since: str) -> list[str]:
    """Return those of :func:`all_files` that differ from a commit; raise GitError if there is no such commit."""
    if since.startswith("-"):
        raise GitError(f"--since {since}: name a commit")
    git = Git(root)
    changed = git.names("diff", "--name-only", "-z", "--relative", "--diff-filter=d", since, "--", ".")
    new = git.names("ls-files", "-z", "--others", "--exclude-standard", "--", disk.POSTS, disk.NOTES)
    return sorted(filter(_is_checked, {*changed, *new}))


def _is_checked(path: str) -> bool:
    return path.startswith(f"{disk.POSTS}/") or parse_path(path) is not None or _is_edition(path)


def verify(
    root: Path, paths: Sequence[str], now: datetime, fix: bool = False, processes: int = 0
) -> Iterator[list[Finding]]:
    """Yield the findings in each file; ``now``: aware; ``processes``: 0: one for each processor if files are many."""
    processes = processes or ((os.cpu_count() or 1) if len(paths) >= _FILES_WORTH_PROCESSES else 1)
    check, twins = partial(_check, root, now, fix), list(_find_twins(root, paths))
    if fix or processes == 1:
        yield from map(check, paths, twins)
        return
    with ProcessPoolExecutor(processes, multiprocessing.get_context(_START)) as pool:
        yield from pool.map(check, paths, twins, chunksize=_FILES_AT_ONCE)


def _check(root: Path, now: datetime, fix: bool, path: str, twins: Sequence[str]) -> list[Finding]:
    try:
        if _is_edition(path):
            read_edition(root / path)
            return []
        if note := parse_path(path):
            return list(_check_note(root, path, *note))
        return _check_post(root, now, fix, path, twins)
    except EditionFileError as error:
        return [Finding(path, "edition", one_line(str(error)))]
    except Exception as error:  # a bug that one file triggers must not end the verification
        what = f"a fault of zbcrawler, please report it: {type(error).__name__}: {' '.join(str(error).split())}"
        return [Finding(path, "unreadable", what)]


def _check_post(root: Path, now: datetime, fix: bool, path: str, twins: Sequence[str]) -> list[Finding]:
    try:
        data = (root / path).read_bytes()
    except OSError as error:
        return [Finding(path, "unreadable", str(error.strerror))]
    if isinstance(reader.recognise(data), str) and not path.endswith(".md"):
        return [Finding(path, "stray", "no post; move it out of _posts")]
    post = PostCheck(root, path, data, now)
    belongs, places = Path(disk.post_path(post.address)) if post.address else Path(path), []
    if Path(path) != belongs:
        is_name = Path(path).name != belongs.name
        rule, what = ("name", f"the address is of {belongs}") if is_name else ("folder", f"belongs in {belongs.parent}")
        places.append(Finding(path, rule, what, fixable=not (root / belongs).exists()))
    same = [twin for twin in twins if _is_same_story(path, twin)]
    places += [Finding(path, "duplicate", f"{twin} is a post of the same story") for twin in same]
    shared = [Finding(path, "number", f"{twin} is of another story") for twin in twins if twin not in same]
    findings = [*places, *post.findings, *shared]
    fixable = any(finding.fixable for finding in findings) and all(finding.fixable for finding in places)
    if not (fix and fixable and post.repaired):
        return findings
    try:
        ArchiveFolder(root).write(root / belongs, post.repaired)
        if belongs != Path(path):
            (root / path).unlink()
    except OSError as error:
        return [*findings, Finding(path, "unreadable", f"could not be repaired: {error}")]
    return [finding._replace(fixed=finding.fixable or finding.rule not in WARNINGS) for finding in findings]


def _is_same_story(path: str, twin: str) -> bool:
    """Return whether two posts with one number are of one story."""
    days = [Path(name).name[:10] for name in (path, twin)]
    with suppress(ValueError):  # no day of the calendar
        return abs((date.fromisoformat(days[0]) - date.fromisoformat(days[1])).days) <= max(NEIGHBOURS)
    return True


def _check_note(root: Path, path: str, kind: type[NotesOfKind[Any]], key: str) -> Iterator[Finding]:
    try:
        note, notes = load_note(root / path), kind(ArchiveFolder(root))
        notes.value_of(key, note)
        notes.check_files(note)
        if kind.warning:
            rule, text = kind.warning
            yield Finding(path, rule, one_line(text.format_map(note)))
    except (OSError, *BROKEN) as error:
        yield Finding(path, "note", f"{describe(error)}; restore or remove it")


def _is_edition(path: str) -> bool:
    return path.startswith(f"{disk.EDITIONS}/") and path.endswith(".yml")


def _find_twins(root: Path, paths: Sequence[str]) -> Iterator[list[str]]:
    """Yield for each of ``paths`` the other posts with its story number; of a pair, only for the later path."""
    named: dict[str | None, list[str]] = defaultdict(list)
    for path in all_files(root):
        named[disk.number_of(path)].append(path)
    named.pop(None, None)
    checked = set(paths)
    for path in paths:
        same = named.get(disk.number_of(path), ())
        yield [other for other in same if other != path and (other < path or other not in checked)]


def print_findings(findings: Iterable[Finding], files: int, fix: bool, as_json: bool) -> dict[str, Counter[str]]:
    """Print findings; return the number of findings by kind and rule."""
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in _NAMES}
    rows = []
    for one in findings:
        counts[one.kind][one.rule] += 1
        if as_json:
            rows.append({**one._asdict(), "warning": one.kind == "warning"})
        else:
            print(f"{one.path}: {one.rule}: {one.what}{'' if one.kind == 'wrong' else f' ({one.kind})'}")
    if as_json:
        document = {"files": files, "counts": {_NAMES[kind]: counts[kind] for kind in _NAMES}, "findings": rows}
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return counts
    parts = []
    for kind, name in _NAMES.items():
        if kind == "wrong" or counts[kind] or (kind == "fixed" and fix):
            rules = ", ".join(f"{rule} {count}" for rule, count in sorted(counts[kind].items()))
            parts.append(f"{counts[kind].total()} {name}" + (f" ({rules})" if rules else ""))
    print(f"{files} files: {', '.join(parts)}")
    return counts
