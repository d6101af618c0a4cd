"""Commit what runs wrote into the archive, and push the commits.

A commit holds what git sees as changed, so the next run's commit includes what a killed run wrote.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from zbcrawler.archive import disk, pushing
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.clone_setup import ATTRIBUTES, show_changed_words
from zbcrawler.archive.commit_message import Change, can_wait, describe_news, describe_technical
from zbcrawler.archive.disk import NOTES, PICTURES, POSTS, ArchiveFolder
from zbcrawler.archive.git import Git, check_ready, clean_message, git_paths, make_commit, remove_stale_locks
from zbcrawler.archive.notes import PLACES
from zbcrawler.archive.past import open_blobs
from zbcrawler.archive.written_files import WRITTEN, WrittenFiles
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import ArgumentError, GitError
from zbcrawler.common.times import SINGAPORE

# Above this number, folders are named to git instead of files; for a folder, git compares every file in it.
FEW_PATHS = 300
_MARKS = "edited"  # the private folder of the marks of posts that an edit of the newspaper changes
_OLD_MARK = 86_400  # seconds
_COMPARE = ("diff-tree", "-r", "--no-renames", "-z")
# To compare trees, git would read the index, and use nothing of it.
_NO_INDEX = {"GIT_INDEX_FILE": "no index"}
_HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit")


class _Staged(NamedTuple):
    """What a commit of all that is staged would hold."""

    tree: str
    changes: list[Change]  # of the archive's files


def mark_news(archive: ArchiveFolder, post: Path) -> None:
    """Note, before an archived post is changed, that the newspaper edited the story; a commit removes the note."""
    archive.write(archive.private_folder(_MARKS) / post.stem, b"\n")


class Committer:
    """Commit and push an archive, whether it is a repository itself or a folder of one."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.is_waiting = False  # whether the last commit left notes for a later one
        self.git = Git(archive.root)
        # Says, while a branch moves, from where to where.
        self._moves = archive.root / disk.PRIVATE / "git.move"
        # Empty unless a run is at work with git, or was killed at it.
        self._lock = archive.root / disk.PRIVATE / "git.lock"

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
        with suppress(GitError, FileNotFoundError):
            if self._lock.stat().st_size or self._moves.exists():
                with self._alone(waits=False):
                    pass

    def commit(self, now: datetime, spider: str = "", may_wait: bool = False) -> str:
        """Commit what is new in the archive; return the subject of the commit, empty if there is none.

        Posts that no edit of the newspaper changed get a commit of their own.

        :param spider: the kind of the run, for the message
        :param may_wait: leave notes without news for a later commit; then ``is_waiting`` says if there are any
        :raises GitError: if git refuses, or a person has unfinished work; the next commit has the changes
        :raises StoppedError: if the run is being stopped
        """
        with self._alone():
            with suppress(GitError):
                show_changed_words(self.git)
            for is_last in (False, True):
                files = WrittenFiles(self.git, self._lock.stat().st_mtime)
                written = paths = files.find()
                if all(can_wait(path, self.archive) for path in written):
                    paths = [*written, *(change.path for change in self._staged(files).changes)]
                self.is_waiting = may_wait and bool(paths) and all(can_wait(path, self.archive) for path in paths)
                if not paths or self.is_waiting:
                    break
                self.git("update-index", "--add", "--remove", "-z", "--stdin", given="\0".join(written))
                files.note()
                if not (staged := self._staged(files)).changes:
                    break
                try:
                    return self._commit(staged, now, spider)
                except GitError:
                    if is_last or self._staged(files) == staged:
                        raise  # otherwise a person's git commit -a has taken them
            return ""

    def _commit(self, staged: _Staged, now: datetime, spider: str) -> str:
        marks = {path.name: path for path in (self.archive.root / disk.PRIVATE / _MARKS).glob("*")}
        kinds: dict[bool, list[Change]] = {True: [], False: []}
        for change in staged.changes:
            is_edit = change.status == "M" and Path(change.path).stem in marks
            kinds[disk.is_post(change.path) and change.status != "A" and not is_edit].append(change)
        with open_blobs(self.git, staged.tree) as blobs:
            technical = describe_technical(kinds[True], blobs, spider) if kinds[True] else ""
            news = describe_news(kinds[False], self.archive, blobs, spider) if kinds[False] else ""
        parts = [part for part in ((kinds[True], technical), (kinds[False], news)) if part[0]]
        if len(staged.changes) > FEW_PATHS:  # the greater part comes last, when its folders hold no other change
            parts.sort(key=lambda part: len(part[0]))
        for left, (part, message) in zip(reversed(range(len(parts))), parts, strict=True):
            if left or not _commit_tree(self.git, staged.tree, len(part), message, now):
                self._commit_paths([change.path for change in part], message, now, is_last=not left)
        done = {Path(change.path).stem for change in staged.changes}
        for name, mark in marks.items():
            # A run that is at work has not written the post of a new mark yet.
            if name in done or mark.stat().st_mtime < time.time() - _OLD_MARK:
                mark.unlink(missing_ok=True)
        with suppress(GitError):  # without, git log of one story only takes longer
            self.git("commit-graph", "write", "--reachable", "--changed-paths", "--split", "--no-progress")
        return (news or technical).partition("\n")[0]

    def _commit_paths(self, paths: Sequence[str], message: str, now: datetime, is_last: bool) -> None:
        if len(paths) > FEW_PATHS and is_last:
            files = [f"{path}/" for path in paths]
            paths = [glob for place, glob in WRITTEN.items() if any(file.startswith(f"{place}/") for file in files)]
            paths += [ATTRIBUTES] if f"{ATTRIBUTES}/" in files else []
        file = self.archive.private_folder() / "git.message"
        disk.make_way(file)
        file.write_text(message, "utf-8")
        words = ["commit", "--quiet", f"--date={_date(now)}", f"--file={file.absolute()}", "--cleanup=whitespace"]
        words += ["--only", "--pathspec-from-file=-", "--pathspec-file-nul"]
        self.git(*words, given="\0".join(paths), variables=self.git.identity())

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
        self.archive.private_folder()
        disk.make_way(self._lock)
        with self._lock.open("a") as lock:
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

    def _staged(self, files: WrittenFiles) -> _Staged:
        tree, git = self.git("write-tree").strip(), self.git
        base = git("hash-object", "-t", "tree", "--stdin").strip() if git.is_unborn() else "HEAD"
        words = (*_COMPARE, "--name-status", "--relative", base, tree, "--", *files.places)
        names = git.names(*words, variables=_NO_INDEX)
        pairs = zip(names[::2], names[1::2], strict=True)
        return _Staged(tree, [Change(status, path) for status, path in pairs])


def _commit_tree(git: Git, tree: str, count: int, message: str, now: datetime) -> bool:
    """Commit all that is staged, at once; return False if that is more than ``count`` files, or if hooks wait.

    ``git commit`` compares every file with its index, which takes seconds in a large archive.
    """
    (hooks,) = git_paths(git, "hooks")
    has_hooks = any(os.access(hooks / hook, os.X_OK) for hook in _HOOKS)
    if git.is_unborn() or has_hooks or git.succeeds("config", "--get-regexp", r"^hook\."):
        return False
    head = git("rev-parse", "HEAD").strip()
    if len(git.top.names(*_COMPARE, "--name-only", head, tree, variables=_NO_INDEX)) != count:
        return False  # a person has staged other files
    commit = make_commit(git, tree, [head], message, {"GIT_AUTHOR_DATE": _date(now)})
    git("update-ref", "-m", f"commit: {message.partition(chr(10))[0]}", "HEAD", commit, head)
    return True


def _date(moment: datetime) -> str:
    return f"{moment.astimezone(SINGAPORE):%Y-%m-%dT%H:%M:%S%z}"


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
        told = git("check-ignore", "--no-index", "--verbose", "-z", "--stdin", given="\0".join(samples)).split("\0")
    except GitError as error:
        # Otherwise git ignores none of them.
        return f"git does not look behind links ({error})" if "beyond a symbolic link" in str(error) else ""
    for file, line, pattern, path in zip(*(told[start::4] for start in range(4)), strict=False):
        if not pattern.startswith("!"):
            what = f"git would ignore {path}, by the pattern {pattern} in {file}, line {line}"
            return clean_message(f"{what}; change the pattern, or run git init here")
    return ""
