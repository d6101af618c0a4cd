"""Check the files of an archive, and repair what has one right answer. All paths are from the archive's folder."""

import json
import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from datetime import date, datetime
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

from zbcrawler.archive import disk
from zbcrawler.archive.disk import ArchiveFolder
from zbcrawler.archive.note_files import BROKEN, NotesOfKind, describe, load_note
from zbcrawler.archive.notes import parse_path
from zbcrawler.common.addresses import NEIGHBOURS
from zbcrawler.common.errors import EditionFileError
from zbcrawler.common.processes import PROCESSES, in_processes
from zbcrawler.common.terminal import GREEN, RED, YELLOW, paint
from zbcrawler.common.text import one_line
from zbcrawler.editions.learnt import read_edition
from zbcrawler.tools.importing import reader
from zbcrawler.tools.verifying.clean_posts import CleanPosts, digest, digest_rules, split
from zbcrawler.tools.verifying.files import SharedNumbers, all_files, is_edition, posts_by_number, survey
from zbcrawler.tools.verifying.post import WARNINGS, Finding, PostCheck, lost_pictures

_FILES_WORTH_PROCESSES = 2000
_FILES_AT_ONCE = 500
_NAMES = {"wrong": "wrong", "fixed": "fixed", "warning": "warnings"}  # in the summary, by the kind of a finding
_COLOURS = {"wrong": RED, "fixed": GREEN, "warning": YELLOW}


class Part(NamedTuple):
    """Some files of one folder."""

    name: str
    files: list[tuple[str, list[str]]]  # each with the other posts of its number
    known: bytes  # the digests of posts that were found clean before


class CheckedPart(NamedTuple):
    name: str
    findings: list[list[Finding]]  # in each file
    clean: bytes | None  # the digests of posts that are clean, and stay clean; None: the same as before
    unchanged: int


class Verification:
    """A check of an archive's files; ``unchanged``: how many posts were found clean before, and only read."""

    def __init__(self, root: Path, now: datetime, paths: Collection[str] | None = None, fix: bool = False) -> None:
        """Count the files; ``now``: aware; ``paths``: check only these, from the archive's folder."""
        self.root, self.now, self.fix = root, now, fix
        self.unchanged = 0
        self._only = None if paths is None else frozenset(paths)
        self.files = len(paths or ())
        self._shared: SharedNumbers = {}
        if paths is None:
            self.files, self._shared = survey(root)
        elif numbers := {disk.number_of(path) for path in paths} - {None}:
            self._shared = posts_by_number(root, numbers.__contains__)
        # Repairs move files, which must not be met twice.
        self._paths = list(all_files(root)) if paths is None and fix else paths

    def run(self, processes: int = 0) -> Iterator[list[Finding]]:
        """Yield the findings in each file; ``processes``: 0: one for each processor if there are many files."""
        is_much = not self.fix and bool(processes or self.files >= _FILES_WORTH_PROCESSES)
        check = partial(_check_part, self.root, self.now, self.fix, digest_rules())
        # Of single files, nothing is remembered.
        with closing(CleanPosts(self.root, self.now, is_used=self._only is None)) as memory:
            for part in in_processes(check, self._parts(memory), is_much, processes or PROCESSES):
                if part.clean is not None:
                    memory.remember(part.name, part.clean)
                self.unchanged += part.unchanged
                yield from part.findings

    def _parts(self, memory: CleanPosts) -> Iterator[Part]:
        paths = all_files(self.root) if self._paths is None else self._paths
        for folder, those in groupby(paths, os.path.dirname):
            number = 0
            while files := [(path, self._twins(path)) for path in islice(those, _FILES_AT_ONCE)]:
                name = f"{folder}/{number}"
                yield Part(name, files, memory.known(name))
                number += 1

    def _twins(self, path: str) -> list[str]:
        """Return the other posts with a post's number; of a pair that is checked, only for the later path."""
        same = self._shared.get(disk.number_of(path) or "", ()) if self._shared else ()
        only = self._only
        return [other for other in same if other < path or (only is not None and other not in only)]


def _check_part(root: Path, now: datetime, fix: bool, rules: bytes, part: Part) -> CheckedPart:
    check = _PartCheck(root, now, fix, rules, frozenset(split(part.known)))
    findings = [check.findings(path, twins) for path, twins in part.files]
    clean = b"".join(check.clean)
    return CheckedPart(part.name, findings, None if clean == part.known else clean, check.unchanged)


class _PartCheck:
    def __init__(self, root: Path, now: datetime, fix: bool, rules: bytes, known: Collection[bytes]) -> None:
        self.root, self.now, self.fix, self.rules, self.known = root, now, fix, rules, known
        self.clean: list[bytes] = []
        self.unchanged = 0

    def findings(self, path: str, twins: Sequence[str]) -> list[Finding]:
        try:
            if is_edition(path):
                read_edition(self.root / path)
                return []
            if note := parse_path(path):
                return list(_check_note(self.root, path, *note))
            return self._check_post(path, twins)
        except EditionFileError as error:
            return [Finding(path, "edition", one_line(str(error)))]
        except Exception as error:  # a bug that one file triggers must not end the verification
            what = f"a fault of zbcrawler, please report it: {type(error).__name__}: {' '.join(str(error).split())}"
            return [Finding(path, "unreadable", what)]

    def _check_post(self, path: str, twins: Sequence[str]) -> list[Finding]:
        try:
            with open(f"{self.root}/{path}", "rb", buffering=0) as file:
                data = file.read()
        except OSError as error:
            return [Finding(path, "unreadable", str(error.strerror))]
        same = [twin for twin in twins if _is_same_story(path, twin)]
        doubles = [Finding(path, "duplicate", f"{twin} is a post of the same story") for twin in same]
        shared = [Finding(path, "number", f"{twin} is of another story") for twin in twins if twin not in same]
        as_before = digest(self.rules, path, data)
        if as_before in self.known and not self._lacks_pictures(data):
            self.clean.append(as_before)
            self.unchanged += 1
            return [*doubles, *shared]
        if isinstance(reader.recognise(data), str) and not path.endswith(".md"):
            return [Finding(path, "stray", "no post; move it out of _posts")]
        post = PostCheck(self.root, path, data, self.now)
        belongs = disk.post_path(post.address) if post.address else path
        places = _check_place(self.root, path, belongs)
        if not (places or post.findings) and post.is_settled:
            self.clean.append(as_before)
        findings = [*places, *doubles, *post.findings, *shared]
        fixable = any(finding.fixable for finding in findings) and all(one.fixable for one in [*places, *doubles])
        if not (self.fix and fixable and post.repaired):
            return findings
        try:
            ArchiveFolder(self.root).write(self.root / belongs, post.repaired)
            if belongs != path:
                (self.root / path).unlink()
        except OSError as error:
            return [*findings, Finding(path, "unreadable", f"could not be repaired: {error}")]
        return [finding._replace(fixed=finding.fixable or finding.rule not in WARNINGS) for finding in findings]

    def _lacks_pictures(self, data: bytes) -> bool:
        """Whether a clean post has a kept picture that is missing or empty."""
        has_kept = disk.link_from_post("").encode() in data
        return has_kept and any(lost_pictures(self.root, data.decode().split("\n")))


def _check_place(root: Path, path: str, belongs: str) -> list[Finding]:
    if path == belongs:
        return []
    is_name = Path(path).name != Path(belongs).name
    what = ("name", f"the address is of {belongs}") if is_name else ("folder", f"belongs in {Path(belongs).parent}")
    return [Finding(path, *what, fixable=not (root / belongs).exists())]


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


def print_findings(check: Verification, findings: Iterable[Finding], as_json: bool) -> dict[str, Counter[str]]:
    """Print the findings of a check; return their number by kind and rule."""
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in _NAMES}
    rows = []
    for one in findings:
        counts[one.kind][one.rule] += 1
        if as_json:
            rows.append({**one._asdict(), "warning": one.kind == "warning"})
        else:
            kind = "" if one.kind == "wrong" else f" ({one.kind})"
            print(f"{one.path}: {paint(one.rule, _COLOURS[one.kind])}: {one.what}{kind}")
    if as_json:
        by_kind = {_NAMES[kind]: counts[kind] for kind in _NAMES}
        document = {"files": check.files, "unchanged": check.unchanged, "counts": by_kind, "findings": rows}
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return counts
    parts = []
    for kind, name in _NAMES.items():
        if kind == "wrong" or counts[kind] or (kind == "fixed" and check.fix):
            rules = ", ".join(f"{rule} {count}" for rule, count in sorted(counts[kind].items()))
            count = f"{counts[kind].total()} {name}"
            parts.append(paint(count, _COLOURS[kind] if rules else GREEN) + (f" ({rules})" if rules else ""))
    unchanged = f", {check.unchanged} unchanged" if check.unchanged else ""
    print(f"{check.files} files{unchanged}: {', '.join(parts)}")
    return counts
