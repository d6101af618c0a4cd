"""Read the archive's past from git: which posts changed when, and what the newspaper edited.

Memory does not grow with the history. Commits whose subject begins with ``Technical:`` are no edits of the newspaper.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from pathlib import PurePosixPath
from typing import IO, NamedTuple

from zbcrawler.archive import disk, posts
from zbcrawler.archive.differences import Difference, compare
from zbcrawler.archive.git import Git
from zbcrawler.archive.note_files import BROKEN, parse_note
from zbcrawler.archive.notes import AbsentNotes
from zbcrawler.archive.story_versions import is_shorter, text
from zbcrawler.common.addresses import NEIGHBOURS, StoryAddress
from zbcrawler.common.errors import GitError, PostError
from zbcrawler.common.times import EPOCH, SINGAPORE
from zbcrawler.items import Story

TECHNICAL = "Technical:"
"""How the subjects of commits begin that change posts without an edit of the newspaper."""
TRAILER = "Spider"
"""The trailer of commits that names the kind of the run."""
_ABSENT = f"{disk.NOTES}/{AbsentNotes.name}"
_FORMAT = f"%H%n%at%n%s%n%(trailers:key={TRAILER},valueonly,separator=%x2C)"
_LAST_SECOND = 253_370_736_000  # of the year 9998; a person's commit may have any time


class PostChange(NamedTuple):
    """One file that one commit changed: a post, or the note of a story that the site withdrew."""

    commit: str
    time: datetime  # when the run committed, in Singapore
    path: str  # from the archive's folder
    old_blob: str  # git's name of the content before, empty if the file is new
    new_blob: str  # the same after, empty if the file was removed
    spider: str  # the kind of the run that committed; empty if unknown
    is_technical: bool  # whether zbcrawler, not the newspaper, changed the post


class Edit(NamedTuple):
    """One edit of the newspaper."""

    change: PostChange
    path: str  # of the post, from the archive's folder; the path of ``change`` may be that of a note
    kind: str  # changed, shortened, withdrawn or back
    old: Story
    new: Story  # the same as ``old`` if the story was withdrawn, or is back
    difference: Difference  # empty if the story was withdrawn, or is back

    @property
    def commit(self) -> str:
        return self.change.commit

    @property
    def time(self) -> datetime:
        return self.change.time


def paths_of(post: str) -> tuple[str, ...]:
    """Return the paths that :func:`read_changes` takes for one story, whose post has this path."""
    day, _, number = PurePosixPath(post).stem.rpartition("-")
    days = (date.fromisoformat(day) + timedelta(days=shift) for shift in NEIGHBOURS)
    return post, *(f"{_ABSENT}/{name}.json" for name in (number, *(f"{day}-{number}" for day in days)))


def read_changes(git: Git, revisions: str = "HEAD", paths: Iterable[str] = ()) -> Iterator[PostChange]:
    """Yield the changes of posts and of notes about withdrawn stories, the newest first, without merges.

    :param revisions: a commit, with all before it, or a range like ``A..B``
    :param paths: from the archive's folder; none: all posts
    :raises GitError: if there is no such commit
    """
    words = ["log", "-z", "--raw", "--root", "--no-abbrev", "--no-renames", "--no-merges", "--no-follow", "--relative"]
    words += ["--no-color", "--no-show-signature", f"--format={_FORMAT}", "--end-of-options", revisions, "--"]
    parts = git.stream(*words, *(f":(literal){path}" for path in paths or (disk.POSTS, _ABSENT)))
    commit = subject = spider = ""
    time = EPOCH
    for part in parts:
        if not part.lstrip("\n").startswith(":"):
            commit, seconds, subject, spider = part.lstrip("\n").split("\n", 3)
            time = datetime.fromtimestamp(min(int(seconds), _LAST_SECOND), SINGAPORE)
            continue
        *_, old, new, status = part.split(" ")
        path = next(parts)
        if disk.is_post(path) or path.startswith(_ABSENT):
            blobs = "" if status == "A" else old, "" if status == "D" else new
            yield PostChange(commit, time, path, *blobs, spider.strip(), subject.startswith(TECHNICAL))


def read_edits(git: Git, changes: Iterable[PostChange]) -> Iterator[Edit]:
    """Yield the edits of the newspaper among changes.

    Left out: new stories, technical commits, broken posts, and changes that no reader of the text notices.
    """
    with open_blobs(git) as blobs:
        for change in changes:
            edit = None
            if not change.is_technical:
                with suppress(PostError, *BROKEN):
                    read = _read_edit if disk.is_post(change.path) else _read_withdrawal
                    edit = read(blobs, change)
            if edit:
                yield edit


def _read_edit(blobs: Blobs, change: PostChange) -> Edit | None:
    if not (change.old_blob and change.new_blob):
        return None
    old, new = (blobs.story(blob, change.path) for blob in (change.old_blob, change.new_blob))
    difference = compare(old, new)
    return None if difference.is_empty else Edit(change, change.path, kind_of(old, new), old, new, difference)


def kind_of(old: Story, new: Story) -> str:
    """Return ``shortened`` or ``changed``, for an edit of a text."""
    return "shortened" if is_shorter(text(new), text(old)) else "changed"


def _read_withdrawal(blobs: Blobs, change: PostChange) -> Edit | None:
    """Return the edit for a note that was added or removed; None if no story was archived before."""
    address = StoryAddress.parse(parse_note(blobs[change.new_blob or change.old_blob] or b"")["address"])
    if address is None or (change.old_blob and change.new_blob):
        return None
    kind = "back" if change.old_blob else "withdrawn"
    for path in (disk.post_path(address, shift) for shift in NEIGHBOURS):
        if blobs[name := blobs.name(f"{change.commit}^", path)] is not None:
            story = blobs.story(name, path)
            return Edit(change, path, kind, story, story, Difference())
    return None


class Blobs:
    """The content of git's objects, read by one process."""

    def __init__(self, prefix: str, staged: str, asked: IO[bytes], answered: IO[bytes]) -> None:
        self._prefix = prefix  # of the archive's folder in the repository
        self._staged = staged  # the tree of the index
        self._asked, self._answered = asked, answered

    def __getitem__(self, name: str) -> bytes | None:
        """Return the content of an object, None if there is none."""
        if "\n" in name:
            return None
        self._asked.write(f"{name}\n".encode())
        self._asked.flush()
        words = self._answered.readline().split()
        if not words:
            raise GitError("git cat-file: has ended; git fsck says what is broken")
        if words[-1] == b"missing":
            return None
        return self._answered.read(int(words[-1]) + 1)[:-1]

    def name(self, revision: str, path: str) -> str:
        """Return the name of a file of the archive in a commit; an empty ``revision`` is what is staged."""
        return f"{revision or self._staged}:{self._prefix}{path}"

    def at(self, revision: str, path: str) -> bytes:
        """Return the content of a file of the archive in a commit or as staged; empty if there is none."""
        return self[self.name(revision, path)] or b""

    def story(self, name: str, path: str) -> Story:
        return posts.read(posts.decoded(self[name] or b"", path), path)


@contextmanager
def open_blobs(git: Git, staged: str = "") -> Iterator[Blobs]:
    """Start git, and let the caller read objects while it runs; ``staged``: the tree of the index."""
    prefix = git("rev-parse", "--show-prefix").rstrip("\n")
    pipe = subprocess.PIPE
    with git.start("cat-file", "--batch", stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:
        try:
            if process.stdin and process.stdout:
                yield Blobs(prefix, staged, process.stdin, process.stdout)
        finally:
            process.kill()
