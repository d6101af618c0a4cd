"""What git knows of an archive's posts: when each came, and which were changed afterwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from zbcrawler.archive.git import Git, is_installed
from zbcrawler.archive.layout import POSTS
from zbcrawler.common.times import SINGAPORE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_COMMIT = "commit "


@dataclass
class History:
    """The past of the posts.

    :ivar first: by path from the archive's folder, when it was committed first (Singapore's zone)
    :ivar edits: by month (``2026-01``), how often a post was changed
    :ivar retitles: of these, how often its title was
    :ivar cut: whether older commits are not here (a shallow clone); then ``first`` lacks what they may have added
    """

    first: dict[str, datetime] = field(default_factory=dict)
    edits: Counter[str] = field(default_factory=Counter)
    retitles: Counter[str] = field(default_factory=Counter)
    cut: bool = False


def read_history(root: Path) -> History | None:
    """Return the past of an archive's posts; None if it is in no repository, or has no commit.

    :raises GitError: if git fails at it
    """
    git = Git(root)
    if not is_installed() or not git.succeeds("rev-parse", "--verify", "--quiet", "HEAD"):
        return None
    ends = _ends(git)
    history = History(cut=bool(ends))
    # The newest commit comes first, so the oldest that added a path has the last word.
    added = {path: (when, commit) for when, commit, path in _log(git, "--diff-filter=A")}
    history.first = {path: when for path, (when, commit) in added.items() if commit not in ends}
    history.edits.update(f"{when:%Y-%m}" for when, _, _ in _log(git, "--diff-filter=M"))
    history.retitles.update(f"{when:%Y-%m}" for when, _, _ in _log(git, "--diff-filter=M", "-G", "^title: "))
    return history


def _ends(git: Git) -> frozenset[str]:
    """Return the commits that a shallow clone ends with, which seem to have added all that there was before."""
    path = git.folder / git("rev-parse", "--git-path", "shallow").strip()
    return frozenset(path.read_text().split()) if path.exists() else frozenset()


def _log(git: Git, *words: str) -> Iterator[tuple[datetime, str, str]]:
    """When, by which commit, and what: each post that each commit changed in a way."""
    options = ("--no-renames", "--relative", "--name-only", f"--format={_COMMIT}%ct %H")
    when, commit = None, ""
    for line in git("log", *options, *words, "--", POSTS).splitlines():
        if line.startswith(_COMMIT):
            seconds, commit = line.removeprefix(_COMMIT).split()
            when = datetime.fromtimestamp(int(seconds), SINGAPORE)
        elif line and when:
            yield when, commit, line
