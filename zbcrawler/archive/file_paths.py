"""The shape of the archive's paths; no other module builds the path of a post. Paths are relative to the archive."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from pathlib import Path

from zbcrawler.common.addresses import StoryAddress

POSTS = "_posts"
NOTES = "_data"
EDITIONS = f"{NOTES}/editions"
"""The folder of the editions that the archive has learnt."""
PICTURES = "pictures"
PRIVATE = ".zbcrawler"
"""The folder for what is not part of the archive: locks, the state of runs, half-written files."""
RAW = f"{PRIVATE}/raw"
"""The folder for kept pages, as long as the archive has learnt editions and ``KEEP_RAW`` is empty."""

# Folders between the archive's folder and a post: _posts/2026/01/31. Jekyll's page of the post lies equally deep.
_DEPTH = 4
_NAME = re.compile(r"\d{4}-\d\d-\d\d-(\d{1,18})\.md", re.ASCII)
_POST = re.compile(rf"{POSTS}/(?:\d+/){{3}}{_NAME.pattern}", re.ASCII)


def post_path(address: StoryAddress, shift: int = 0) -> str:
    """Return the path of a story's post, ``shift`` days from the address; OverflowError: there is no such day."""
    # Called five times for each listed story; a Path would take most of that time.
    day = (address.day + timedelta(days=shift) if shift else address.day).isoformat()
    return f"{POSTS}/{day.replace('-', '/')}/{day}-{address.number}.md"


def is_post(path: str) -> bool:
    return bool(_POST.fullmatch(path))


def number_of(path: str) -> str | None:
    """Return the story's number in the file name of a post in any folder; None if the name is not a post's."""
    found = _NAME.fullmatch(path.rpartition("/")[2])
    return found[1] if found else None


def edition_path(name: str) -> str:
    return f"{EDITIONS}/{name}.yml"


def link_from_post(file: str) -> str:
    """Return the relative link from a post to a file of the archive."""
    return "../" * _DEPTH + file


def root_of(post: Path) -> Path | None:
    """Return the folder of the archive that a post lies in, None if the path is too short."""
    parents = post.resolve().parents
    return parents[_DEPTH] if len(parents) > _DEPTH else None


def posts_with(root: Path, numbers: Collection[str]) -> Iterator[str]:
    """Yield the paths of all posts whose stories have one of these numbers. This lists every folder of posts."""
    for folder, _, names in os.walk(root / POSTS):
        place = os.path.relpath(folder, root)
        for name in names:
            if name[11:-3] in numbers and is_post(path := f"{place}/{name}"):
                yield path


def learnt_editions(root: Path) -> list[Path]:
    return sorted(root.glob(edition_path("[!.]*")))


def newest_posts(root: Path) -> Iterator[Path]:
    """Yield all posts, the newest day first."""
    for folder in sorted((root / POSTS).glob("[0-9]*/[0-9]*/[0-9]*"), reverse=True):
        yield from sorted(folder.glob("*.md"), reverse=True)


def posts_of(root: Path, day: date) -> list[Path]:
    return sorted((root / POSTS / f"{day:%Y/%m/%d}").glob("*.md"))
