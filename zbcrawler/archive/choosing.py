"""Chooses among several versions of one story, in the same way whatever order they come in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple

from zbcrawler.archive.layout import NEIGHBOURS
from zbcrawler.archive.versions import is_cut_text, text
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.items import Story

_FIRST = datetime.min.replace(tzinfo=timezone.utc)
_LAST = datetime.max.replace(tzinfo=timezone.utc)


class PostFile(NamedTuple):
    """A file that is some story's post."""

    number: str
    day: date
    path: str


class StoryVersion(NamedTuple):
    """The story in one file, cleaned."""

    path: str
    story: Story


def by_story(found: Iterable[PostFile]) -> list[list[PostFile]]:
    """Return the files of each story, the stories sorted by day and number."""
    stories: list[list[PostFile]] = []
    for file in sorted(found):
        first = stories[-1][0] if stories else None
        if first and first.number == file.number and file.day - first.day <= timedelta(days=max(NEIGHBOURS)):
            stories[-1].append(file)
        else:
            stories.append([file])
    return sorted(stories, key=lambda files: (files[0].day, int(files[0].number)))


def choose(versions: Sequence[StoryVersion]) -> tuple[StoryVersion, list[tuple[StoryVersion, str]]]:
    """Return the version to archive, and the others with the reasons against them.

    The latest complete version is chosen, because collectors date a page when they fetch it again; of several that say
    the same, the earliest. If none is complete, the longest is chosen. The path decides between equals.
    """
    texts = {version.path: text(version.story) for version in versions}
    different = set(texts.values())
    parts = {path: why for path, story in versions if (why := _part(story, texts[path], different))}

    def rank(version: StoryVersion) -> tuple[bool, datetime | int, datetime | int]:
        when, length = version.story.date or _FIRST, len(texts[version.path])
        return (False, length, when) if version.path in parts else (True, when, length)

    best = max(sorted(versions), key=rank)
    # What says the same was fetched again unchanged: its earliest date is the nearest to the truth.
    best = min((version for version in sorted(versions) if _same(version.story, best.story)), key=_dated)
    others = [version for version in versions if version is not best]
    return best, [(other, parts.get(other.path) or _difference(other.story, best.story)) for other in others]


def address_of(versions: Sequence[StoryVersion]) -> StoryAddress:
    """Return the address of the earliest version: the address first archived stays (post layout)."""
    earliest = min(versions, key=lambda version: (_dated(version), version.story.address.url))
    return earliest.story.address


def _part(story: Story, words: str, others: Iterable[str]) -> str:
    if story.truncated:
        return "cut by the paywall"
    return "only a part" if any(is_cut_text(words, other) for other in others) else ""


def _same(one: Story, other: Story) -> bool:
    return (one.title, one.body) == (other.title, other.body)


def _dated(version: StoryVersion) -> datetime:
    return version.story.date or _LAST


def _difference(story: Story, best: Story) -> str:
    if _same(story, best):
        return "the same"
    return "of the same time" if story.date == best.date else "earlier"
