"""Commits what runs wrote into the archive, and pushes it.

What is committed follows from what git sees, and not from what a run remembers: what a killed run wrote is in the next
one's commit.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shlex
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from zbcrawler.archive import merging, posts
from zbcrawler.archive.git import Git, is_installed, names_of
from zbcrawler.common.errors import ArgumentError, GitError
from zbcrawler.common.times import SINGAPORE

if TYPE_CHECKING:
    from datetime import datetime

    from zbcrawler.archive.store import Archive

# What runs write below the archive's folder. The rest may be anybody's: a site's layout, data of its own.
_OURS = (
    "_posts",
    "pictures",
    *(f"_data/{name}" for name in ("absent", "gaps", "home.json", "owed", "pictures", "sites")),
)
_POST = re.compile(r"_posts/(?:\d+/){3}\d{4}-\d\d-\d\d-\d+\.md")
_NOTE = re.compile(r"_data/(absent|owed)/\d+\.json")
_PUSHES = 4
_REJECTED = re.compile(r"rejected|fetch first|non-fast-forward|cannot lock ref")
_NOBODY = {"NAME": "zbcrawler", "EMAIL": "zbcrawler@localhost"}
# Lines of one kind in a message; an import may have a hundred thousand.
_MOST_LINES = 2000
# To name a folder makes git compare all that is in it once more.
FEW_PATHS = 300
# The order of a commit's subject and body.
_WORDS = ("new", "changed", "removed", "gone", "back", "owed", "no longer owed")


@dataclass
class _Message:
    """What a commit says."""

    counts: Counter[str] = field(default_factory=Counter)
    lines: dict[str, list[str]] = field(default_factory=dict)

    def add(self, word: str, line: str = "") -> None:
        self.counts[word] += 1
        if line and self.counts[word] <= _MOST_LINES:
            self.lines.setdefault(word, []).append(f"{word}: {line}")

    @property
    def subject(self) -> str:
        counts = [f"{self.counts[word]} {word}" for word in _WORDS if self.counts[word]]
        return "News: " + (", ".join(counts) or "notes")

    def __str__(self) -> str:
        body = []
        for word in _WORDS:
            body += self.lines.get(word, [])
            if self.counts[word] > _MOST_LINES:
                body.append(f"{word}: {self.counts[word] - _MOST_LINES} more")
        return "\n".join([self.subject, "", *body]).rstrip() + "\n"


class Committer:
    """Commits and pushes an archive, wherever its repository begins: at the archive, or above it."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.git = Git(archive.root)

    def check(self, push: bool) -> None:
        """Find what cannot work while nothing has begun.

        :raises ArgumentError: if there is no git, no repository, or nowhere to push to
        """
        name = f"ARCHIVE_COMMIT: {self.archive.root}"
        if not is_installed():
            raise ArgumentError("ARCHIVE_COMMIT: there is no git on this machine; install it")
        if not self.git.succeeds("rev-parse", "--show-toplevel"):
            raise ArgumentError(f"{name}: is in no git repository that can be used; git init makes one")
        if self.git.succeeds("check-ignore", "--quiet", "_posts/x"):
            raise ArgumentError(f"{name}: the repository around it ignores it; see its .gitignore, or git init here")
        if push and not self._has_upstream() and len(self._remotes()) != 1:
            raise ArgumentError(f"ARCHIVE_PUSH: {self.archive.root}: where to? git push -u REMOTE HEAD, once")

    def commit(self, now: datetime) -> str:
        """Commit what is new in the archive, and nothing else of the repository.

        :param now: the time of the commit
        :returns: its subject, empty if there was nothing
        :raises GitError: if git does not take it; it stays for the next commit
        """
        with (self.archive.private_folder() / "git.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two kinds of runs commit one after the other
            self.git("add", "--all", "--", *self._ours())
            changes = self._changes()
            if not changes:
                return ""
            message = self._message(changes)
            date = now.astimezone(SINGAPORE).strftime("%Y-%m-%dT%H:%M:%S%z")
            words = ["commit", "--quiet", f"--date={date}", "--file=-", "--cleanup=whitespace", "--only", "--"]
            words += _paths([path for _, path in changes])
            self.git(*words, given=str(message), variables=self._identity())
            return message.subject

    def push(self) -> bool:
        """Pushes what is not pushed yet.

        :returns: whether there was anything
        :raises GitError: if it could not be pushed; it stays for the next push
        """
        if self._is_unborn():
            return False
        if not self._has_upstream():
            self.git("push", "--quiet", "--set-upstream", *self._remotes(), "HEAD")
            return True
        if not self.git("rev-list", "--max-count=1", "@{upstream}..HEAD").strip():
            return False
        for left in reversed(range(_PUSHES)):
            try:
                self.git("push", "--quiet")
            except GitError as error:
                if not left or not _REJECTED.search(str(error)):
                    raise
                self.pull()
            else:
                break
        return True

    def pull(self) -> None:
        """Take over what others pushed.

        :raises GitError: if git cannot; nothing has changed then
        """
        try:
            self.merge_by_rule()
        except OSError as error:
            raise GitError(f"git: no rule for merging could be set: {error}") from error
        self.git("fetch", "--quiet")
        try:
            self.git("rebase", "--quiet", "--autostash", "@{upstream}", variables=self._identity())
        except GitError:
            self.git.succeeds("rebase", "--abort")
            raise

    def merge_by_rule(self) -> Path:
        """Make git merge two versions of a story with :mod:`zbcrawler.archive.merging`, in this clone.

        :returns: the file that names what is merged so; it is this clone's, because others may lack the program
        :raises GitError: if git does not take it
        :raises OSError: if the file cannot be written
        """
        project = Path(__file__).parents[2]
        program = f"env PYTHONPATH={shlex.quote(str(project))} {shlex.quote(sys.executable)} -m {merging.__name__}"
        for key, value in (("name", "zbcrawler, by rule"), ("driver", f"{program} %A %B %P")):
            self.git("config", "--local", f"merge.zbcrawler.{key}", value)
        attributes = self.archive.root / self.git("rev-parse", "--git-path", "info/attributes").strip()
        prefix = self.git("rev-parse", "--show-prefix").strip()
        known = attributes.read_text("utf-8").splitlines() if attributes.exists() else []
        # Quoted as JSON does it: a folder's name may have blanks.
        lines = [f"{json.dumps(prefix + pattern, ensure_ascii=False)} merge=zbcrawler" for pattern in merging.PATTERNS]
        if missing := [line for line in lines if line not in known]:
            attributes.parent.mkdir(exist_ok=True)
            attributes.write_text("\n".join([*known, *missing]) + "\n", "utf-8")
        return attributes

    def _has_upstream(self) -> bool:
        return self.git.succeeds("rev-parse", "--abbrev-ref", "@{upstream}")

    def _remotes(self) -> list[str]:
        return self.git("remote").split()

    def _ours(self) -> list[str]:
        """Those of ``_OURS`` that are there, or were: git refuses to add what it never knew."""
        missing = [path for path in _OURS if not (self.archive.root / path).exists()]
        tracked = names_of(self.git("ls-files", "-z", "--", *missing)) if missing else []
        gone = [path for path in missing if any(name == path or name.startswith(f"{path}/") for name in tracked)]
        return [path for path in _OURS if path not in missing or path in gone]

    def _is_unborn(self) -> bool:
        return not self.git.succeeds("rev-parse", "--verify", "--quiet", "HEAD")

    def _identity(self) -> dict[str, str]:
        # cron has no name; git would refuse, or make one up from the machine's.
        if os.environ.get("GIT_AUTHOR_EMAIL") or self.git.succeeds("config", "user.email"):
            return {}
        return {f"GIT_{role}_{what}": _NOBODY[what] for role in ("AUTHOR", "COMMITTER") for what in _NOBODY}

    # -- the message -----------------------------------------------------------------------------

    def _changes(self) -> list[tuple[str, str]]:
        """What is in the index and not in the last commit: ``A``, ``M`` or ``D``, and the path in the archive."""
        if self._is_unborn():
            return [("A", path) for path in names_of(self.git("ls-files", "-z", "--", *_OURS))]
        words = ["--cached", "--name-status", "--no-renames", "--relative", "-z", "HEAD", "--", *_OURS]
        names = names_of(self.git("diff-index", *words))
        return list(zip(names[::2], names[1::2], strict=True))

    def _message(self, changes: list[tuple[str, str]]) -> _Message:
        message = _Message()
        for status, path in changes:
            if _POST.fullmatch(path):
                self._add_post(message, status, path)
            elif found := _NOTE.fullmatch(path):
                self._add_note(message, status, path, found[1])
        return message

    def _add_post(self, message: _Message, status: str, path: str) -> None:
        before = "" if status == "A" else self._title(self._committed(path), path)
        after = "" if status == "D" else self._title(self._text(path), path)
        if status == "A":
            message.add("new", after)
        elif status == "D":
            message.add("removed", before)
        else:
            message.add("changed", f"{before} → {after}" if before != after else after)

    def _add_note(self, message: _Message, status: str, path: str, kind: str) -> None:
        there = status != "D"
        if status == "M":
            return
        try:
            note = json.loads(self._text(path) if there else self._committed(path))
            story, reason = str(note["address"]), str(note.get("reason", ""))
        except (ValueError, KeyError, TypeError):
            story, reason = path, ""
        if kind == "absent":
            message.add("gone" if there else "back", f"{story} ({reason})" if there else story)
        elif there:
            message.add("owed", f"{story} ({reason})")
        else:
            message.add("no longer owed")

    def _text(self, path: str) -> str:
        try:
            return (self.archive.root / path).read_text("utf-8", "replace")
        except OSError:  # another run has just removed it
            return ""

    def _committed(self, path: str) -> str:
        return self.git("show", f"HEAD:./{path}")

    def _title(self, text: str, path: str) -> str:
        return posts.read_title(text) or PurePosixPath(path).stem


def _paths(changed: list[str]) -> list[str]:
    """Return what to name to git, so that it takes just what has changed."""
    if len(changed) <= FEW_PATHS:
        return changed
    return [ours for ours in _OURS if any(path == ours or path.startswith(f"{ours}/") for path in changed)]
