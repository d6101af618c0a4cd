"""Which files of an archive are checked, and which posts have one number. All paths are from the archive's folder."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from zbcrawler.archive import disk
from zbcrawler.archive.git import Git
from zbcrawler.archive.notes import parse_path
from zbcrawler.common.errors import GitError

_SLOTS = 1 << 24  # more than the site has numbers
SharedNumbers = Mapping[str, Sequence[str]]
"""The sorted paths of the posts that have one number, for each number that several posts have."""


def all_files(root: Path) -> Iterator[str]:
    """Yield the notes of an archive and all files below ``_posts``, folder by folder."""
    for top in (disk.POSTS, disk.NOTES):
        for folder, folders, names in os.walk(root / top):
            folders.sort()
            place = os.path.relpath(folder, root)
            yield from (path for name in sorted(names) if _is_checked(path := f"{place}/{name}"))
            yield from (path for name in folders if parse_path(path := f"{place}/{name}"))


def changed_files(root: Path, since: str) -> list[str]:
    """Return those of :func:`all_files` that differ from a commit; raise GitError if there is no such commit."""
    if since.startswith("-"):
        raise GitError(f"--since {since}: name a commit")
    diff = ("diff", "--name-only", "-z", "--relative", "--diff-filter=d", since, "--", ".")
    others = ("ls-files", "-z", "--others", "--exclude-standard", "--", disk.POSTS, disk.NOTES)
    # In a large archive, each of the two looks at every file or folder for a second.
    with ThreadPoolExecutor() as pool:
        changed, new = pool.map(lambda words: Git(root).names(*words), (diff, others))
    return sorted(filter(_is_checked, {*changed, *new}))


def is_edition(path: str) -> bool:
    return path.startswith(f"{disk.EDITIONS}/") and path.endswith(".yml")


def _is_checked(path: str) -> bool:
    return path.startswith(f"{disk.POSTS}/") or parse_path(path) is not None or is_edition(path)


def survey(root: Path) -> tuple[int, SharedNumbers]:
    """Return how many files there are, and the shared numbers. The memory is the same for any number of posts."""
    count, seen, shared = 0, bytearray(_SLOTS), set[int]()
    for path in all_files(root):
        count += 1
        if number := disk.number_of(path):
            slot = int(number) % _SLOTS
            if seen[slot]:
                shared.add(slot)
            seen[slot] = 1
    if not shared:
        return count, {}
    return count, posts_by_number(root, lambda number: number.isdecimal() and int(number) % _SLOTS in shared)


def posts_by_number(root: Path, is_wanted: Callable[[str], bool]) -> SharedNumbers:
    """Return the shared numbers among those that are wanted."""
    found: dict[str, list[str]] = defaultdict(list)
    for folder, _, names in os.walk(root / disk.POSTS):
        # Most names stop at this test, which knows the place of the number: of a million, it takes a tenth of a second.
        for name in [name for name in names if is_wanted(name[11:-3])]:
            if number := disk.number_of(name):
                found[number].append(f"{os.path.relpath(folder, root)}/{name}")
    return {number: sorted(paths) for number, paths in found.items() if len(paths) > 1}
