"""What the pages of the site list: a line for each post."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple

from zbcrawler.archive import posts
from zbcrawler.archive.store import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.times import SINGAPORE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_DATE = re.compile(r"^date: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})Z$", re.MULTILINE | re.ASCII)
# The front matter of a post is far shorter, also with all optional keys.
_HEAD = 20_000

# What the site calls the sections that it has had longest; others are called by their paths.
_TREES = {"realtime": "即时", "news": "新闻"}
_SECTIONS = {
    "china": "中国",
    "world": "国际",
    "singapore": "新加坡",
    "sea": "东南亚",
    "finance": "财经",
    "sports": "体育",
}


class SiteStory(NamedTuple):
    """A story as lists show it; sorted by time.

    :ivar time: the post's date, in Singapore's zone
    :ivar number: which the page is named after
    :ivar section: path, such as ``realtime/china``
    :ivar path: of the post, from the archive's folder
    """

    time: datetime
    number: str
    title: str
    section: str
    path: str


def read_stories(root: Path, left_out: Callable[[str], None]) -> list[SiteStory]:
    """All stories of an archive, the oldest first.

    :param left_out: is told the path of each file below ``_posts`` that is no post, or lies where it does not belong
    """
    archive, found = Archive(root), []
    for path in sorted((root / "_posts").rglob("*")):
        if path.is_file():
            name = path.relative_to(root).as_posix()
            if story := _read(archive, path, name):
                found.append(story)
            else:
                left_out(name)
    return sorted(found, key=lambda story: (story.time, int(story.number)))


def label_of(section: str) -> str:
    """Return what readers call a section: ``即时·中国`` for ``realtime/china``."""
    tree, _, name = section.partition("/")
    return "·".join(filter(None, (_TREES.get(tree, tree), _SECTIONS.get(name, name)))) or "其他"


def rank_of(section: str) -> tuple[int, int, str]:
    """Return the order in which sections are shown: as the site has them, then by their paths."""
    tree, _, name = section.partition("/")
    return _place(tree, _TREES), _place(name, _SECTIONS), section


def _place(name: str, known: dict[str, str]) -> int:
    return list(known).index(name) if name in known else len(known)


def _read(archive: Archive, path: Path, name: str) -> SiteStory | None:
    try:
        with path.open(encoding="utf-8") as file:
            head = file.read(_HEAD)
    except (OSError, UnicodeDecodeError):
        return None
    title, link, date = posts.read_title(head), posts.read_link(head), _DATE.search(head)
    address = link and StoryAddress.parse(link)
    if not (title and address and date) or path != archive.path_of(address):
        return None
    try:
        time = datetime.strptime(date[1], "%Y-%m-%dT%H:%M:%S.%f").replace(tzinfo=timezone.utc)
        return SiteStory(time.astimezone(SINGAPORE), address.number, title, address.section, name)
    except (ValueError, OverflowError):
        return None
