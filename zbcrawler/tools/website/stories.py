"""What the pages of the website list: a line for each post, and how sections are named and sorted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timezone
from itertools import chain, count, groupby
from pathlib import Path
from typing import NamedTuple

from zbcrawler.archive import disk, posts
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.times import SINGAPORE
from zbcrawler.items import Story

_DATE = re.compile(r"^date: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$", re.MULTILINE | re.ASCII)
# Nearly no front matter has more characters, even with all optional keys.
_HEAD = 20_000
# Jekyll and Hugo leave out names that begin with _ or ., and Hugo writes capitals as small letters.
_UNSAFE = re.compile("[^a-z0-9]+")

# The names that the newspaper's site gives its oldest sections. Other sections are shown by their paths.
_TREES = {"realtime": "即时", "news": "新闻"}
_SECTIONS = {
    "china": "中国",
    "world": "国际",
    "singapore": "新加坡",
    "sea": "东南亚",
    "finance": "财经",
    "sports": "体育",
}


class ListedStory(NamedTuple):
    """A story as the lists show it."""

    time: datetime  # the post's date, in Singapore's zone
    page: str  # the name of the story's page: the number; if an earlier story has it, the day and the number
    title: str
    section: str  # such as ``realtime/china``
    path: str  # of the post, from the archive's folder


def read_stories(root: Path, left_out: Callable[[str], object]) -> list[ListedStory]:
    """Return the stories of an archive, the oldest first.

    :param left_out: called with the path of each file below ``_posts`` that is no post, or lies in a wrong place
    """
    found: list[ListedStory] = []
    pages: set[str] = set()
    for path in filter(Path.is_file, sorted((root / disk.POSTS).rglob("*"))):
        name = path.relative_to(root).as_posix()
        if story := _read(path, name):
            if story.page in pages:
                story = story._replace(page=path.stem)
            pages.add(story.page)
            found.append(story)
        else:
            left_out(name)
    return sorted(found, key=lambda story: (story.time, int(story.page.rpartition("-")[2])))


def read_post(root: Path, story: ListedStory) -> Story | None:
    """Return the post of a listed story; None if the post is broken, which ``scrapy verify`` reports.

    :raises OSError: if the file cannot be read
    """
    try:
        return posts.read((root / story.path).read_text("utf-8"))
    except (PostError, UnicodeDecodeError):
        return None


def by_section(stories: Iterable[ListedStory]) -> dict[str, list[ListedStory]]:
    """Return the stories of each section, the sections in the order of :func:`rank_of`."""
    ranked = sorted(stories, key=lambda story: rank_of(story.section))
    return {section: list(those) for section, those in groupby(ranked, key=lambda story: story.section)}


def by_day(stories: Iterable[ListedStory]) -> Iterator[tuple[date, list[ListedStory]]]:
    """Yield the days of stories that are sorted by time, each with its stories."""
    return ((day, list(those)) for day, those in groupby(stories, key=lambda story: story.time.date()))


def by_month(stories: Iterable[ListedStory]) -> dict[str, list[ListedStory]]:
    """Return the stories of each month, such as ``2026-01``; ``stories`` are sorted by time."""
    return {month: list(those) for month, those in groupby(stories, key=lambda story: f"{story.time:%Y-%m}")}


def label_of(section: str) -> str:
    """Return the name that readers see: ``即时·中国`` for ``realtime/china``."""
    tree, _, name = section.partition("/")
    return "·".join(filter(None, (_TREES.get(tree, tree), _SECTIONS.get(name, name)))) or "其他"


def rank_of(section: str) -> tuple[int, int, str]:
    """Return the sort key of a section: the order of the newspaper's site, then the path."""
    tree, _, name = section.partition("/")
    return _place(tree, _TREES), _place(name, _SECTIONS), section


def slugs_of(sections: Iterable[str]) -> dict[str, str]:
    """Return a file name for each section. Every builder and disk can use the name, and no two sections share one."""
    slugs: dict[str, str] = {}
    for section in sections:
        name = _UNSAFE.sub("-", section.lower()).strip("-") or "other"
        taken = set(slugs.values())
        slugs[section] = next(slug for slug in chain([name], (f"{name}-{n}" for n in count(2))) if slug not in taken)
    return slugs


def _place(name: str, known: dict[str, str]) -> int:
    return list(known).index(name) if name in known else len(known)


def _read(path: Path, name: str) -> ListedStory | None:
    try:
        with path.open(encoding="utf-8") as file:
            head = file.read(_HEAD)
            if "\n---\n" not in head:  # a very long title
                head += file.read()
    except (OSError, UnicodeDecodeError):
        return None
    title, link, written = posts.read_title(head), posts.read_link(head), _DATE.search(head)
    address = StoryAddress.parse(link or "")
    if not (title and address and written) or name != disk.post_path(address):
        return None
    try:
        time = datetime.strptime(written[1], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
        return ListedStory(time.astimezone(SINGAPORE), address.number, title, address.section, name)
    except (ValueError, OverflowError):
        return None
