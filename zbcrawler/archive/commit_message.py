"""Words a commit of the archive: a line for each post or note that came, changed or went."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

from zbcrawler.archive import layout, posts
from zbcrawler.archive.git import Git
from zbcrawler.archive.note import BROKEN, StoryNotes
from zbcrawler.archive.notes import AbsentNotes, OwedNotes, parse_path

# Lines of one kind in a message; an import may have a hundred thousand.
_MOST_LINES = 2000
# The order of the subject and the body.
_WORDS = ("new", "changed", "removed", *AbsentNotes.words, *OwedNotes.words)


class CommitMessage:
    """What a commit says."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.lines: dict[str, list[str]] = {}

    def add(self, word: str, line: str) -> None:
        """Count a change, and add its line if it has one."""
        self.counts[word] += 1
        if line and self.counts[word] <= _MOST_LINES:
            self.lines.setdefault(word, []).append(f"{word}: {line}")

    @property
    def subject(self) -> str:
        """The first line."""
        counts = [f"{self.counts[word]} {word}" for word in _WORDS if self.counts[word]]
        return "News: " + (", ".join(counts) or "notes")

    def __str__(self) -> str:
        body = []
        for word in _WORDS:
            body += self.lines.get(word, [])
            if self.counts[word] > _MOST_LINES:
                body.append(f"{word}: {self.counts[word] - _MOST_LINES} more")
        return "\n".join([self.subject, "", *body]).rstrip() + "\n"


def describe_changes(changes: Iterable[tuple[str, str]], git: Git) -> CommitMessage:
    """Return the message for changes.

    :param changes: ``A``, ``M`` or ``D``, and the path from the archive's folder
    :param git: in the archive's folder
    """
    message = CommitMessage()
    for status, path in changes:
        if layout.is_post(path):
            message.add(*_describe_post(status, path, git))
        elif (parsed := parse_path(path)) and status != "M":
            kind, key = parsed
            if kind.words and issubclass(kind, StoryNotes) and key.isdecimal():
                added = status == "A"
                story, reason = _read_note(_text(path, git) if added else _committed(path, git), path)
                message.add(kind.words[not added], kind.describe_change(story, reason, added))
    return message


def _describe_post(status: str, path: str, git: Git) -> tuple[str, str]:
    before = "" if status == "A" else _title(_committed(path, git), path)
    after = "" if status == "D" else _title(_text(path, git), path)
    if status == "A":
        return "new", after
    if status == "D":
        return "removed", before
    return "changed", f"{before} → {after}" if before != after else after


def _read_note(text: str, path: str) -> tuple[str, str]:
    try:
        note = json.loads(text)
        return str(note["address"]), str(note.get("reason", ""))
    except BROKEN:
        return path, ""


def _text(path: str, git: Git) -> str:
    try:
        return (git.folder / path).read_text("utf-8", "replace")
    except OSError:  # another run has just removed it
        return ""


def _committed(path: str, git: Git) -> str:
    return git("show", f"HEAD:./{path}")


def _title(text: str, path: str) -> str:
    return posts.read_title(text) or PurePosixPath(path).stem
