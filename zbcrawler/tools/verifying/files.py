"""Which files of an archive are checked, and what their places say."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING

from zbcrawler.archive import layout
from zbcrawler.archive.git import Git
from zbcrawler.archive.notes import HOME, PLACES, parse_path
from zbcrawler.common.errors import GitError
from zbcrawler.tools.verifying.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from zbcrawler.common.addresses import StoryAddress


def is_note(path: str) -> bool:
    """Whether a path, from the archive's folder, is that of a note of ours."""
    return path == HOME or parse_path(path) is not None


def all_files(root: Path) -> list[str]:
    """Return the posts and notes of an archive, and whatever else lies below ``_posts``; paths from its folder."""
    found = [HOME] if (root / HOME).is_file() else []
    for top in (layout.POSTS, *PLACES):
        for folder, folders, names in os.walk(root / top):
            folders.sort()
            place = os.path.relpath(folder, root)
            found += [f"{place}/{name}" for name in sorted(names)]
    return [path for path in found if layout.is_among_posts(path) or is_note(path)]


def changed_files(root: Path, since: str) -> list[str]:
    """Those of :func:`all_files` that are not as they were in a commit, and are still there.

    :raises GitError: if the archive is in no repository, or there is no such commit
    """
    git = Git(root)
    if since.startswith("-"):
        raise GitError(f"--since {since}: name a commit")
    changed = git.names("diff", "--name-only", "-z", "--relative", "--diff-filter=d", since, "--", ".")
    new = git.names("ls-files", "-z", "--others", "--exclude-standard", "--", layout.POSTS, layout.NOTES)
    return sorted(path for path in {*changed, *new} if layout.is_among_posts(path) or is_note(path))


def check_place(root: Path, path: str, address: StoryAddress) -> Iterator[Finding]:
    """Whether a post lies where its story belongs.

    :param path: from the archive's folder
    """
    name = path.rpartition("/")[2]
    belongs = layout.post_path(address)
    if name != belongs.rpartition("/")[2]:
        yield Finding(path, "name", f"the address is of {belongs}", fixable=not (root / belongs).exists())
    elif path != belongs:
        yield Finding(
            path, "folder", f"belongs into {belongs.rpartition('/')[0]}", fixable=not (root / belongs).exists()
        )


def find_twins(root: Path, paths: Sequence[str]) -> dict[str, list[str]]:
    """Posts of one number, whatever their days: for each of ``paths`` that has some, those to be told of with it.

    Each pair is told of once, with the later of the two that are looked at.
    """
    named: dict[str, list[str]] = defaultdict(list)
    for path in all_files(root):
        if number := layout.number_of(path):
            named[number].append(path)
    looked_at, twins = set(paths), {}
    for those in named.values():
        for path in those if len(those) > 1 else ():
            others = [other for other in those if other != path and (other < path or other not in looked_at)]
            if path in looked_at and others:
                twins[path] = others
    return twins
