"""Commits what runs wrote into the archive, pushes the commits, and merges by rule what others pushed meanwhile.

A commit follows from what git sees, not from what a run remembers: the next run's commit has what a killed run wrote.
"""

from __future__ import annotations

import fcntl
import json
import re
import shlex
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from zbcrawler.archive import layout, merging
from zbcrawler.archive.commit_message import describe_changes
from zbcrawler.archive.folder import ArchiveFolder
from zbcrawler.archive.git import Git, is_installed
from zbcrawler.archive.notes import PLACES
from zbcrawler.common.errors import ArgumentError, GitError
from zbcrawler.common.times import SINGAPORE

# What runs write below the archive's folder. The rest may be anybody's: a website's layout, data of its own.
_OURS = (layout.POSTS, layout.PICTURES, *PLACES)
# To name a folder makes git compare all that is in it once more.
FEW_PATHS = 300
_ATTEMPTS = 4
_REJECTED = re.compile(r"rejected|fetch first|non-fast-forward|cannot lock ref")
_DRIVER = "merge.zbcrawler.driver"


class Committer:
    """Commits an archive, whether its repository begins at the archive or above it."""

    def __init__(self, archive: ArchiveFolder) -> None:
        self.archive = archive
        self.git = Git(archive.root)

    def check(self, push: bool) -> None:
        """Check that commits can work, before a run begins.

        :raises ArgumentError: if there is no git, no repository, or nowhere to push to
        """
        name = f"ARCHIVE_COMMIT: {self.archive.root}"
        if not is_installed():
            raise ArgumentError("ARCHIVE_COMMIT: there is no git on this machine; install it")
        if not self.git.succeeds("rev-parse", "--show-toplevel"):
            raise ArgumentError(f"{name}: is in no git repository that can be used; git init makes one")
        if self.git.succeeds("check-ignore", "--quiet", f"{layout.POSTS}/x"):
            raise ArgumentError(f"{name}: the repository around it ignores it; see its .gitignore, or git init here")
        if push and not self.git.has_upstream() and len(self.git.remotes()) != 1:
            raise ArgumentError(f"ARCHIVE_PUSH: {self.archive.root}: where to? git push -u REMOTE HEAD, once")

    def commit(self, now: datetime) -> str:
        """Commit what is new in the archive, and nothing else of the repository.

        :returns: the subject of the commit, empty if nothing was new
        :raises GitError: if git refuses; the next commit has the changes
        """
        with (self.archive.private_folder() / "git.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two kinds of runs commit one after the other
            self.git("add", "--all", "--", *self._paths_to_add())
            changes = self._changes()
            if not changes:
                return ""
            message = describe_changes(changes, self.git)
            date = now.astimezone(SINGAPORE).strftime("%Y-%m-%dT%H:%M:%S%z")
            paths = [path for _, path in changes]
            if len(paths) > FEW_PATHS:
                paths = [ours for ours in _OURS if any(_is_in(path, ours) for path in paths)]
            words = ["commit", "--quiet", f"--date={date}", "--file=-", "--cleanup=whitespace", "--only", "--", *paths]
            self.git(*words, given=message, variables=self.git.identity())
            return message.partition("\n")[0]

    def _paths_to_add(self) -> list[str]:
        """Return those of ``_OURS`` that are there, or were: git refuses to add what it never knew."""
        missing = [path for path in _OURS if not (self.archive.root / path).exists()]
        tracked = self.git.names("ls-files", "-z", "--", *missing) if missing else []
        gone = [path for path in missing if any(_is_in(name, path) for name in tracked)]
        return [path for path in _OURS if path not in missing or path in gone]

    def _changes(self) -> list[tuple[str, str]]:
        """Return what the index has and the last commit has not: ``A``, ``M`` or ``D``, and the path."""
        if self.git.is_unborn():
            return [("A", path) for path in self.git.names("ls-files", "-z", "--", *_OURS)]
        words = ["--cached", "--name-status", "--no-renames", "--relative", "-z", "HEAD", "--", *_OURS]
        names = self.git.names("diff-index", *words)
        return list(zip(names[::2], names[1::2], strict=True))


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


class Pusher:
    """Pushes an archive, whether its repository begins at the archive or above it."""

    def __init__(self, archive: ArchiveFolder) -> None:
        self.archive = archive
        self.git = Git(archive.root)

    def push(self) -> bool:
        """Push what is not pushed yet.

        :returns: whether anything was pushed
        :raises GitError: if git fails; the next push has the commits
        """
        if self.git.is_unborn():
            return False
        if self.git.succeeds("config", "--local", _DRIVER):
            with suppress(GitError):
                self.merge_by_rule()  # an older version may have set a driver that is there no longer
        if not self.git.has_upstream():
            self.git("push", "--quiet", "--set-upstream", *self.git.remotes(), "HEAD")
            return True
        if not self.git("rev-list", "--max-count=1", "@{upstream}..HEAD").strip():
            return False
        for left in reversed(range(_ATTEMPTS)):
            try:
                self.git("push", "--quiet")
                break
            except GitError as error:
                if not left or not _REJECTED.search(str(error)):
                    raise
                self.pull()
        return True

    def pull(self) -> None:
        """Take over what others pushed.

        :raises GitError: if git cannot; nothing has changed then
        """
        self.merge_by_rule()
        self.git("fetch", "--quiet")
        try:
            self.git("rebase", "--quiet", "--autostash", "@{upstream}", variables=self.git.identity())
        except GitError:
            self.git.succeeds("rebase", "--abort")
            raise

    def merge_by_rule(self) -> Path:
        """Make git merge two versions of a story with :mod:`zbcrawler.archive.merging`, in this clone.

        :returns: the file that names what is merged by rule; it is this clone's, because others may lack the program
        :raises GitError: if git refuses, or the file cannot be written
        """
        project, python = shlex.quote(str(Path(__file__).parents[2])), shlex.quote(sys.executable)
        self.git("config", "--local", "merge.zbcrawler.name", "zbcrawler, by rule")
        self.git("config", "--local", _DRIVER, f"env PYTHONPATH={project} {python} -m {merging.__name__} %A %B %P")
        attributes = self.archive.root / self.git("rev-parse", "--git-path", "info/attributes").strip()
        prefix = self.git("rev-parse", "--show-prefix").strip()
        try:
            known = attributes.read_text("utf-8").splitlines() if attributes.exists() else []
            # Quoted as in JSON: a folder's name may have blanks.
            lines = [f"{json.dumps(prefix + each, ensure_ascii=False)} merge=zbcrawler" for each in merging.PATTERNS]
            if missing := [line for line in lines if line not in known]:
                attributes.parent.mkdir(exist_ok=True)
                attributes.write_text("\n".join([*known, *missing]) + "\n", "utf-8")
        except OSError as error:
            raise GitError(f"git: no rule for merging could be set: {error}") from error
        return attributes
