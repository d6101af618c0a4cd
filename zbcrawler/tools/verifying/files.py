"""Which files of an archive are checked, whether posts lie where they belong, and what notes say.

All paths are from the archive's folder.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from zbcrawler.archive import layout
from zbcrawler.archive.folder import ArchiveFolder
from zbcrawler.archive.git import Git
from zbcrawler.archive.notes import BROKEN, HOME, PLACES, check_half, parse_path
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import GitError
from zbcrawler.tools.verifying.findings import Finding


def is_note(path: str) -> bool:
    """Whether a path is the path of a note."""
    return path == HOME or parse_path(path) is not None


def all_files(root: Path) -> list[str]:
    """Return the notes of an archive and all files below ``_posts``."""
    found = [HOME] if (root / HOME).is_file() else []
    for top in (layout.POSTS, *PLACES):
        for folder, folders, names in os.walk(root / top):
            folders.sort()
            place = os.path.relpath(folder, root)
            found += [f"{place}/{name}" for name in sorted(names)]
    return list(filter(_is_checked, found))


def changed_files(root: Path, since: str) -> list[str]:
    """Return those of :func:`all_files` that are not as they were in a commit.

    :raises GitError: if the archive is in no repository, or there is no such commit
    """
    git = Git(root)
    if since.startswith("-"):
        raise GitError(f"--since {since}: name a commit")
    changed = git.names("diff", "--name-only", "-z", "--relative", "--diff-filter=d", since, "--", ".")
    new = git.names("ls-files", "-z", "--others", "--exclude-standard", "--", layout.POSTS, layout.NOTES)
    return sorted(filter(_is_checked, {*changed, *new}))


def _is_checked(path: str) -> bool:
    return path.startswith(f"{layout.POSTS}/") or is_note(path)


def check_note(root: Path, path: str) -> Iterator[Finding]:
    """Check one note."""
    parsed = parse_path(path)
    try:
        note = json.loads((root / path).read_bytes())
        if path == HOME:
            check_half(note["site"])
        elif parsed:
            kind, key = parsed
            kind(ArchiveFolder(root)).check(key, note)
            if kind.warning:
                rule, text = kind.warning
                yield Finding(path, rule, text.format_map(note))
    except (OSError, *BROKEN) as error:
        what = f"lacks {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
        yield Finding(path, "note", f"{what}; restore or remove it")


def check_place(root: Path, path: str, address: StoryAddress) -> Iterator[Finding]:
    """Check that a post lies where its story belongs."""
    belongs = Path(layout.post_path(address))
    is_free = not (root / belongs).exists()
    if Path(path).name != belongs.name:
        yield Finding(path, "name", f"the address is of {belongs}", is_free)
    elif Path(path) != belongs:
        yield Finding(path, "folder", f"belongs into {belongs.parent}", is_free)


def find_twins(root: Path, paths: Sequence[str]) -> dict[str, list[str]]:
    """Find posts of the same number, whatever their days, and return the others for each of ``paths``.

    Each pair is returned once, with the later of the two if both are among ``paths``.
    """
    named: dict[str, list[str]] = defaultdict(list)
    for path in all_files(root):
        if number := layout.number_of(path):
            named[number].append(path)
    checked, twins = set(paths), {}
    for those in named.values():
        for path in those if len(those) > 1 else ():
            others = [other for other in those if other != path and (other < path or other not in checked)]
            if path in checked and others:
                twins[path] = others
    return twins
