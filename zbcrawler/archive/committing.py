"""Commit what runs wrote into the archive, and push the commits.

A commit holds what git sees as changed, so the next run's commit includes what a killed run wrote.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from itertools import chain
from pathlib import PurePosixPath

from zbcrawler.archive import disk, posts, pushing
from zbcrawler.archive.disk import EDITIONS, NOTES, PICTURES, POSTS, ArchiveFolder
from zbcrawler.archive.git import Git, check_ready, clean_message, remove_stale_locks
from zbcrawler.archive.note_files import BROKEN, parse_note
from zbcrawler.archive.notes import PLACES, AbsentNotes, OwedNotes, parse_path
from zbcrawler.archive.story_versions import is_shorter, text
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import ArgumentError, GitError, PostError
from zbcrawler.common.text import one_line, shorten
from zbcrawler.common.times import SINGAPORE

# What runs write in the archive's folder, as patterns of git. Other files there, such as a website's layout, are never
# committed, nor are drafts and an editor's files between the posts.
_WRITTEN = {place: f":(glob){place}" if place.endswith(".json") else f":(glob){place}/[!.]*.json" for place in PLACES}
_WRITTEN |= {EDITIONS: f":(glob){disk.edition_path('[!.]*')}", POSTS: f":(glob){POSTS}/*/*/*/[0-9]*.md"}
_WRITTEN |= {PICTURES: f":(glob){PICTURES}/*/[0-9a-f]*.[a-z]*"}
# Above this number, folders are named to git instead of files; for a folder, git compares every file in it.
FEW_PATHS = 300
_MOST_LINES = 2000  # lines of one kind in a commit message; an import may change a hundred thousand posts
# The order of the subject and the body.
_WORDS = ("new", "changed", "shortened", "removed", *AbsentNotes.words, *OwedNotes.words)

Changes = list[tuple[str, str]]  # ``A``, ``M`` or ``D``, and a path from the archive's folder


class Committer:
    """Commit and push an archive, whether it is a repository itself or a folder of one."""

    def __init__(self, archive: ArchiveFolder) -> None:
        self.archive = archive
        self.git = Git(archive.root)
        # Says, while a branch moves, from where to where.
        self._moves = archive.root / disk.PRIVATE / "git.move"

    def check(self, push: bool) -> None:
        """Raise ArgumentError, before a run begins, if there is no git, no repository, or nowhere to push to."""
        name = f"ARCHIVE_COMMIT: {self.archive.root}"
        if not shutil.which("git"):
            raise ArgumentError("ARCHIVE_COMMIT: git is not installed on this machine; install it")
        try:
            self.git("rev-parse", "--show-toplevel")
        except GitError as error:
            raise ArgumentError(f"{name}: is not in a usable git repository; git init makes one ({error})") from error
        if reason := _describe_unusable(self.git):
            raise ArgumentError(f"{name}: {reason}")
        if push and not self.git.has_upstream() and len(self.git("remote").split()) != 1:
            raise ArgumentError(f"ARCHIVE_PUSH: {self.archive.root}: has no upstream; run git push -u REMOTE HEAD once")

    def recover(self) -> None:
        """Repair what a killed run left; if git fails, the next commit tries again and reports it."""
        with suppress(GitError), self._alone(waits=False):
            pass

    def commit(self, now: datetime) -> str:
        """Commit what is new in the archive; return the subject of the commit, empty if nothing was new.

        :raises GitError: if git refuses, or a person has unfinished work; the next commit has the changes
        :raises StoppedError: if the run is being stopped
        """
        with self._alone():
            for is_last in (False, True):
                words = ("ls-files", "--modified", "--others", "--exclude-standard", "-z", "--")
                written = "\0".join(self.git.names(*words, *_WRITTEN.values()))
                self.git("update-index", "--add", "--remove", "-z", "--stdin", given=written)
                changes = self._changes()
                if not changes:
                    break
                try:
                    return self._commit(changes, now)
                except GitError:
                    if is_last or self._changes() == changes:
                        raise  # otherwise a person's git commit -a has taken them
            return ""

    def _commit(self, changes: Changes, now: datetime) -> str:
        message = _describe_changes(changes, self.git)
        paths = [path for _, path in changes]
        if len(paths) > FEW_PATHS:
            files = [f"{path}/" for path in paths]
            paths = [glob for place, glob in _WRITTEN.items() if any(file.startswith(f"{place}/") for file in files)]
        dated = f"--date={now.astimezone(SINGAPORE):%Y-%m-%dT%H:%M:%S%z}"
        words = ["commit", "--quiet", dated, "--file=-", "--cleanup=whitespace", "--only", "--", *paths]
        self.git(*words, given=message, variables=self.git.identity())
        return message.partition("\n")[0]

    def push(self) -> bool:
        """Push what is not pushed yet, if anything; raise GitError or StoppedError as :meth:`commit` does."""
        with self._alone():
            return not self.git.is_unborn() and pushing.push(self.git, self._moves)

    def pull(self) -> None:
        """Put this clone's commits on top of what others pushed; after a GitError the branch is unchanged."""
        with self._alone():
            pushing.pull(self.git, self._moves)

    @contextmanager
    def _alone(self, waits: bool = True) -> Iterator[None]:
        """Run git while no other run does, after repairing what a killed run left; or fail if it never ``waits``."""
        # The lock's file is empty unless a run is at work with git, or was killed at it.
        path = self.archive.private_folder() / "git.lock"
        disk.make_way(path)
        with path.open("a") as lock:
            if waits:
                fcntl.flock(lock, fcntl.LOCK_EX)  # runs of different kinds commit one after the other
            elif not disk.try_lock(lock.fileno()):
                raise GitError("another run is at work with git")
            began = os.fstat(lock.fileno())
            if began.st_size:
                remove_stale_locks(self.git, began.st_mtime)
            lock.truncate(0)
            lock.write("a run is at work with git\n")
            lock.flush()
            try:
                check_ready(self.git)
                pushing.repair_move(self.git, self._moves)
                yield
            finally:
                if not self.git.was_killed:
                    lock.truncate(0)

    def _changes(self) -> Changes:
        words = ("--cached", "--name-status", "--no-renames", "--relative", "-z", "--", *_WRITTEN.values())
        names = self.git.names("diff", *words)
        return list(zip(names[::2], names[1::2], strict=True))


def _describe_changes(changes: Changes, git: Git) -> str:
    """Return the message for changes: a subject and, below it, a line for each post or note."""
    lines: dict[str, list[str]] = {word: [] for word in _WORDS}
    for word, line in _describe_each(changes, git):
        lines[word].append(f"{word}: {line}")
    subject = "News: " + (", ".join(f"{len(told)} {word}" for word, told in lines.items() if told) or "notes")
    lines[OwedNotes.words[1]].clear()  # these stories have a line with another word already
    for word, told in lines.items():
        if len(told) > _MOST_LINES:
            told[_MOST_LINES:] = [f"{word}: {len(told) - _MOST_LINES} more"]
    return "\n".join([subject, "", *chain.from_iterable(lines.values())]).rstrip() + "\n"


def _describe_each(changes: Changes, git: Git) -> Iterator[tuple[str, str]]:
    for status, path in changes:
        kind, key = parse_path(path) or (None, "")
        is_told = kind and kind.words and status != "M" and key.rpartition("-")[2].isdecimal()
        if not is_told and not disk.is_post(path):
            continue
        was = "" if status == "A" else git("show", f"HEAD:./{path}")
        now = ""
        with suppress(OSError):  # removed, or another run has just removed it
            now = (git.folder / path).read_text("utf-8", "replace")
        yield _describe_note(kind.words, status, path, was or now) if kind else _describe_post(status, path, was, now)


def _describe_post(status: str, path: str, was: str, now: str) -> tuple[str, str]:
    before, after = (posts.read_title(version) or PurePosixPath(path).stem for version in (was, now))
    if status in ("A", "D"):
        return ("new", after) if status == "A" else ("removed", before)
    word = "changed"
    with suppress(PostError):  # a person may have written one of them
        if is_shorter(text(posts.read(now)), text(posts.read(was))):
            word = "shortened"
    return word, f"{before} → {after}" if before != after else after


def _describe_note(words: tuple[str, ...], status: str, path: str, version: str) -> tuple[str, str]:
    try:
        note = parse_note(version)
        story, reason = (shorten(one_line(str(note.get(field, ""))), 200) for field in ("address", "reason"))
    except BROKEN:
        story = reason = ""
    return (words[0], f"{story or path} ({reason})") if status == "A" else (words[1], story or path)


def _describe_unusable(git: Git) -> str:
    """Return which folder of an archive git cannot look into, or which file it would ignore; empty if there is none."""
    for name in (POSTS, NOTES, PICTURES):
        folder = git.folder / name
        if folder.is_symlink():
            return f"{name} is a link, and git does not look behind links; move the folder here, or mount it here"
        if (folder / ".git").exists():
            return f"{name} is a repository of its own, so git here does not see what is in it; remove {name}/.git"
    if not any((git.folder / POSTS).glob("*")) and git.succeeds("ls-files", "--error-unmatch", "--", POSTS):
        return f"{POSTS} is empty, but git has posts; is its disk mounted? If they were removed: git restore {POSTS}"
    # Posts of every month are asked for: a pattern may name a year.
    days = [date(year, month, 1) for year in range(2000, 2100) for month in range(1, 13)]
    samples = [disk.post_path(StoryAddress("", day, "1234567")) for day in days]
    samples += [place if place.endswith(".json") else f"{place}/1234567.json" for place in PLACES]
    kinds = ("jpg", "png", "gif", "webp", "avif")
    samples += [disk.edition_path("learnt"), *(f"{PICTURES}/ab/{'ab' * 20}.{kind}" for kind in kinds)]
    try:
        told = git("check-ignore", "--verbose", "-z", "--stdin", given="\0".join(samples)).split("\0")
    except GitError as error:
        # Otherwise git ignores none of them.
        return f"git does not look behind links ({error})" if "beyond a symbolic link" in str(error) else ""
    for file, line, pattern, path in zip(*(told[start::4] for start in range(4)), strict=False):
        if not pattern.startswith("!"):
            what = f"git would ignore {path}, by the pattern {pattern} in {file}, line {line}"
            return clean_message(f"{what}; change the pattern, or run git init here")
    return ""
