"""Commits what runs wrote into the archive.

A commit follows from what git sees, not from what a run remembers: the next run's commit has what a killed run wrote.
"""

from __future__ import annotations

import fcntl
from datetime import datetime

from zbcrawler.archive import layout
from zbcrawler.archive.commit_message import describe_changes
from zbcrawler.archive.folder import ArchiveFolder
from zbcrawler.archive.git import Git, is_installed
from zbcrawler.archive.notes import PLACES
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.times import SINGAPORE

# What runs write below the archive's folder. The rest may be anybody's: a website's layout, data of its own.
_OURS = (layout.POSTS, layout.PICTURES, *PLACES)
# To name a folder makes git compare all that is in it once more.
FEW_PATHS = 300


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

        :param now: the time of the commit
        :returns: its subject, empty if nothing was new
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
            words = ["commit", "--quiet", f"--date={date}", "--file=-", "--cleanup=whitespace", "--only", "--"]
            words += _paths_to_name([path for _, path in changes])
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


def _paths_to_name(changed: list[str]) -> list[str]:
    """Return what to name to git, so that it commits only what has changed."""
    if len(changed) <= FEW_PATHS:
        return changed
    return [ours for ours in _OURS if any(_is_in(path, ours) for path in changed)]


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
