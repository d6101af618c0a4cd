"""Words a commit of the archive: a line for each post or note that came, changed or went."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import PurePosixPath

from zbcrawler.archive import layout, posts
from zbcrawler.archive.git import Git
from zbcrawler.archive.notes import BROKEN, AbsentNotes, OwedNotes, parse_path

# Lines of one kind in a message; an import may have a hundred thousand.
_MOST_LINES = 2000
# The order of the subject and the body.
_WORDS = ("new", "changed", "removed", *AbsentNotes.words, *OwedNotes.words)
# Such stories have a line of another word.
_ONLY_COUNTED = OwedNotes.words[1]


def describe_changes(changes: Iterable[tuple[str, str]], git: Git) -> str:
    """Return the message for changes: a subject and, below it, the lines.

    :param changes: ``A``, ``M`` or ``D``, and the path from the archive's folder
    :param git: in the archive's folder
    """
    counts: Counter[str] = Counter()
    lines: dict[str, list[str]] = {word: [] for word in _WORDS}
    for word, line in _described(changes, git):
        counts[word] += 1
        if word != _ONLY_COUNTED and counts[word] <= _MOST_LINES:
            lines[word].append(f"{word}: {line}")
    for word, count in counts.items():
        if count > _MOST_LINES:
            lines[word].append(f"{word}: {count - _MOST_LINES} more")
    subject = "News: " + (", ".join(f"{counts[word]} {word}" for word in _WORDS if counts[word]) or "notes")
    return "\n".join([subject, "", *chain.from_iterable(lines.values())]).rstrip() + "\n"


def _described(changes: Iterable[tuple[str, str]], git: Git) -> Iterator[tuple[str, str]]:
    for status, path in changes:
        if layout.is_post(path):
            yield _describe_post(status, path, git)
        elif (parsed := parse_path(path)) and status != "M":
            kind, key = parsed
            if kind.words and key.isdecimal():
                yield _describe_note(kind.words, status == "A", path, git)


def _describe_post(status: str, path: str, git: Git) -> tuple[str, str]:
    before = "" if status == "A" else _title(_committed(path, git), path)
    after = "" if status == "D" else _title(_text(path, git), path)
    if status in ("A", "D"):
        return ("new", after) if status == "A" else ("removed", before)
    return "changed", f"{before} → {after}" if before != after else after


def _describe_note(words: tuple[str, ...], added: bool, path: str, git: Git) -> tuple[str, str]:
    try:
        note = json.loads(_text(path, git) if added else _committed(path, git))
        story, reason = str(note["address"]), str(note.get("reason", ""))
    except BROKEN:
        story, reason = path, ""
    return (words[0], f"{story} ({reason})") if added else (words[1], story)


def _text(path: str, git: Git) -> str:
    try:
        return (git.folder / path).read_text("utf-8", "replace")
    except OSError:  # another run has just removed it
        return ""


def _committed(path: str, git: Git) -> str:
    return git("show", f"HEAD:./{path}")


def _title(text: str, path: str) -> str:
    return posts.read_title(text) or PurePosixPath(path).stem
