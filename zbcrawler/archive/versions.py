"""Compares the versions of one story: which differences are news, which version is fuller, and which to archive."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import NamedTuple
from urllib.parse import urlsplit

from zbcrawler.archive.layout import NEIGHBOURS
from zbcrawler.cleaning.links import picture_key
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.items import Story

_PICTURE = re.compile(r'(<img src=")([^"]*)')
_TAG = re.compile(r"<[^>]*>")
_FIGURE = re.compile(r"<figure>.*?</figure>")
_FIRST = datetime.min.replace(tzinfo=timezone.utc)
_LAST = datetime.max.replace(tzinfo=timezone.utc)


def same_news(one: Story, other: Story) -> bool:
    """Whether two versions of a story have the same title, time, text and pictures.

    The hosts of pictures, their sizes and their queries do not count: the site serves the same picture from
    several, with tokens that change, and each edition has hosts of its own.
    """
    if (one.title, one.published) != (other.title, other.published):
        return False
    return _texts(one) == _texts(other) and all(map(_same_picture, _pictures(one), _pictures(other)))


def same_time(one: datetime | None, other: datetime | None) -> bool:
    """Whether two times are the same, as exactly as the coarser of them is.

    Some editions give seconds, some minutes, the oldest pages a day only (site-layouts 9).
    """
    if one is None or other is None or one == other:
        return one is other or one == other
    one, other = sorted((one, other))
    to_the_minute = one.second == 0 and other - one < timedelta(minutes=1)
    to_the_day = one.time() == time() and other - one < timedelta(days=1)
    return to_the_minute or to_the_day


def is_cut_of(new: Story, old: Story) -> bool:
    """Whether ``new`` is cut: its text is only the beginning of that of ``old``, or under half as long."""
    return is_cut_text(text(new), text(old))


def is_cut_text(new_words: str, old_words: str) -> bool:
    """Whether a text is cut; see :func:`is_cut_of`."""
    beginning = len(new_words) < len(old_words) and old_words.startswith(new_words)
    return beginning or len(new_words) * 2 < len(old_words)


def is_empty(story: Story) -> bool:
    """Whether a cleaned story's body has neither text nor a picture."""
    return not words(story) and not any("<img " in line for line in story.body)


def missing_field(story: Story) -> str | None:
    """Return what a cleaned story lacks of what every story has: ``title``, or ``body``; None if nothing."""
    if not story.title:
        return "title"
    return "body" if is_empty(story) else None


def words(story: Story) -> str:
    """Return the text of a story's blocks without markup."""
    return "".join(_TAG.sub("", line) for line in story.body)


def text(story: Story) -> str:
    """Return the words without the captions of pictures: editions differ in which pictures they show."""
    return "".join(_TAG.sub("", _FIGURE.sub("", line)) for line in story.body)


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


def _texts(story: Story) -> list[str]:
    return [_PICTURE.sub(r"\1", line) for line in story.body]


def _pictures(story: Story) -> list[str]:
    return [html.unescape(address) for line in story.body for _, address in _PICTURE.findall(line)]


def _same_picture(one: str, other: str) -> bool:
    one_host, other_host = urlsplit(one).netloc, urlsplit(other).netloc
    if bool(one_host) != bool(other_host):  # kept in the archive, or linked
        return False
    return one_host != other_host or picture_key(one) == picture_key(other)


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
