"""Describe a commit as a news desk's log: counts and a headline, then a line for each story, then the kind of the run.

Titles are other people's words: each stands on one line, behind a word or a count, so that none can look like another
part of the message.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from zbcrawler.archive import disk, posts
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.clone_setup import ATTRIBUTES
from zbcrawler.archive.differences import compare
from zbcrawler.archive.note_files import BROKEN, load_note, parse_note
from zbcrawler.archive.notes import AbsentNotes, OwedNotes, parse_path
from zbcrawler.archive.past import TECHNICAL, TRAILER, Blobs, kind_of
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.text import one_line, shorten

MOST_LINES = 2000  # lines of one kind; an import may add a hundred thousand posts
_LONGEST = 200  # characters of a title or a reason
# The order in the subject and the body. Notes about failures are in the subject only if there is nothing else.
_NEWS = ("new", "changed", "shortened", "withdrawn", "back", "learnt")
_FAILURES = ("gone", "owed")


class Change(NamedTuple):
    """A file that a commit will change."""

    status: str  # ``A``, ``M`` or ``D``
    path: str  # from the archive's folder


class _Line(NamedTuple):
    word: str
    headline: str = ""  # or the address of a failure; empty if there are too many lines
    more: str = ""  # behind the headline in the body
    before: str = ""  # before the headline in the body


def describe_news(changes: Sequence[Change], archive: Archive, blobs: Blobs, spider: str) -> str:
    """Return the message for what the newspaper did, and for what runs noted; ``spider`` is the kind of the run."""
    new = {change.path for change in changes if change.status == "A"}
    lines: dict[str, list[_Line]] = {word: [] for word in (*_NEWS, *_FAILURES)}
    for change in changes:
        is_read = sum(map(len, lines.values())) < MOST_LINES
        if line := _describe(change, new, archive, blobs) if is_read else _count(change):
            lines[line.word].append(line)
    news = [line for word in _NEWS for line in lines[word]]
    counts = ", ".join(f"{len(lines[word])} {word}" for word in (_NEWS if news else _FAILURES) if lines[word])
    subject = f"{news[0].word if len(news) == 1 else counts}: {news[0].headline}" if news else counts or "notes"
    body = [f"{line.word}: {line.before}{line.headline}{line.more}" for line in news if line.headline]
    body += [f"{len(news) - len(body)} more"] if len(news) > len(body) else []
    return _join(subject, [*body, *chain.from_iterable(_describe_failures(lines[word]) for word in _FAILURES)], spider)


def describe_technical(changes: Sequence[Change], blobs: Blobs, spider: str) -> str:
    """Return the message for posts that no edit of the newspaper changed."""
    removed = [change for change in changes if change.status == "D"]
    counts = {"changed": len(changes) - len(removed), "removed": len(removed)}
    subject = f"{TECHNICAL} {', '.join(f'{count} {word}' for word, count in counts.items() if count)}"
    body = [
        f"removed: {_title(blobs, 'HEAD', path)}" if status == "D" else f"changed: {_title(blobs, '', path)}"
        for status, path in changes[:MOST_LINES]
    ]
    return _join(subject, [*body, *([f"{len(changes) - MOST_LINES} more"] if changes[MOST_LINES:] else [])], spider)


def can_wait(path: str, archive: Archive) -> bool:
    """Whether a changed file may wait for the next news: it is a note, and does not say that a story was withdrawn."""
    kind, _ = parse_path(path) or (None, "")
    if kind is AbsentNotes:
        with suppress(OSError, *BROKEN):
            address = StoryAddress.parse(load_note(archive.root / path)["address"])
            return not (address and archive.find(address))
    return bool(kind) or path == ATTRIBUTES


def _count(change: Change) -> _Line | None:
    return _Line("new" if change.status == "A" else "changed") if disk.is_post(change.path) else None


def _describe(change: Change, new: Collection[str], archive: Archive, blobs: Blobs) -> _Line | None:
    status, path = change
    if disk.is_post(path):
        return _Line("new", _title(blobs, "", path)) if status == "A" else _describe_edit(path, blobs)
    if path.startswith(disk.EDITIONS) and status != "D":
        return _Line("learnt", PurePosixPath(path).stem)
    kind, _ = parse_path(path) or (None, "")
    if status == "M" or kind not in (AbsentNotes, OwedNotes):
        return None
    note: dict[str, Any] = {}
    with suppress(*BROKEN):
        note = parse_note(blobs.at("" if status == "A" else "HEAD", path))
    address = StoryAddress.parse(str(note.get("address", "")))
    post = archive.find(address) if address and kind is AbsentNotes else None
    if post and post.relative_to(archive.root).as_posix() not in new:
        return _Line("withdrawn" if status == "A" else "back", _one_line(archive.title(post) or post.stem))
    if status == "D":
        return None
    return _Line(
        "gone" if kind is AbsentNotes else "owed", str(address or path), _one_line(str(note.get("reason", "")))
    )


def _describe_edit(path: str, blobs: Blobs) -> _Line:
    before, after = (_title(blobs, revision, path) for revision in ("HEAD", ""))
    line = _Line("changed", after, before=f"{before} → " if before != after else "")
    with suppress(PostError):  # a person may have written one of them
        old, new = (blobs.story(blobs.name(revision, path), path) for revision in ("HEAD", ""))
        summary = compare(old, new).summary
        return line._replace(word=kind_of(old, new), more=f" ({summary})" if summary else "")
    return line


def _describe_failures(lines: Iterable[_Line]) -> Iterator[str]:
    """Yield a line for each kind of failure: the count, the reason, and the first address."""
    kinds: dict[str, list[_Line]] = defaultdict(list)
    for line in lines:
        kinds[line.more].append(line)
    for reason, those in kinds.items():
        first = those[0]
        count = f"{len(those)}, first " if len(those) > 1 else ""
        yield f"{first.word}: {count}{first.headline} ({reason})"


def _title(blobs: Blobs, revision: str, path: str) -> str:
    title = posts.read_title(blobs.at(revision, path).decode("utf-8", "replace"))
    return _one_line(title or PurePosixPath(path).stem)


def _one_line(words: str) -> str:
    return shorten(one_line(words), _LONGEST)


def _join(subject: str, body: Iterable[str], spider: str) -> str:
    trailer = [f"{TRAILER}: {spider}"] if spider else []
    text = "\n".join(["\n\n".join(["\n".join(part) for part in ([subject], body, trailer) if part]), ""])
    return text.encode("utf-8", "backslashreplace").decode()  # half a character of JSON has no UTF-8
