"""Compare the versions of one story: which differences count, which version is fuller, which to archive."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import NamedTuple
from urllib.parse import urlsplit

from zbcrawler.archive.lost_text import blocks, is_cut_by_words, is_part
from zbcrawler.archive.pictures import SOURCE, sources
from zbcrawler.cleaning.links import picture_key
from zbcrawler.common.addresses import NEIGHBOURS, StoryAddress
from zbcrawler.items import Story

_TAG = re.compile(r"<[^<>]*>")
_FIRST = datetime.min.replace(tzinfo=timezone.utc)
_LAST = datetime.max.replace(tzinfo=timezone.utc)


def same_news(one: Story, other: Story) -> bool:
    """Whether two versions of a story have the same title, time, text and pictures.

    The site serves the same picture from several hosts, in several sizes, with tokens that change.
    """
    if news_of(one)[:3] != news_of(other)[:3]:
        return False
    return all(map(_same_picture, sources(one.body), sources(other.body)))


def news_of(story: Story) -> tuple[str, float | None, list[str], list[str]]:
    """Return what tells two versions of a story apart: title, time, text, and the names of its pictures."""
    time = story.published.timestamp() if story.published else None
    texts = [SOURCE.sub("", line) for line in story.body]
    return story.title, time, texts, list(map(picture_key, sources(story.body)))


def same_time(one: datetime | None, other: datetime | None) -> bool:
    """Whether two times are the same as far as editions give them: seconds, minutes, or only a day (site-layouts 9)."""
    if one is None or other is None or one == other:
        return one is other or one == other
    one, other = sorted((one, other))
    to_the_minute = one.second == 0 and other - one < timedelta(minutes=1)
    to_the_day = one.time() == time() and other - one < timedelta(days=1)
    return to_the_minute or to_the_day


def was_clamped(date: datetime, published: datetime, now: datetime) -> bool:
    """Whether a post has the time of its collection as its date, and the site's own time has come since."""
    return date < published <= now and not same_time(date, published)


def is_empty(story: Story) -> bool:
    """Whether a cleaned story's body has neither text nor a picture."""
    return not words(story) and not any("<img " in line for line in story.body)


def missing_field(story: Story) -> str | None:
    """Return the field that a cleaned story lacks, ``title`` or ``body``; None if it has both."""
    if not story.title:
        return "title"
    return "body" if is_empty(story) else None


def words(story: Story) -> str:
    """Return the text of a story's blocks without markup."""
    return "".join(_TAG.sub("", line) for line in story.body)


class PostFile(NamedTuple):
    """A file that holds the post of a story."""

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

    Choose the latest complete version, because collectors date a page when they fetch it; of several with the same
    title and body, the earliest; if none is complete, the longest. The path decides between equals.
    """
    texts = {version.path: tuple(blocks(version.story)) for version in versions}
    different = set(texts.values())
    flaws = {path: flaw for path, story in versions if (flaw := _describe_flaw(story, texts[path], different))}

    def rank(version: StoryVersion) -> tuple[bool, datetime | int, datetime | int]:
        when, length = version.story.date or _FIRST, sum(map(len, texts[version.path]))
        return (False, length, when) if version.path in flaws else (True, when, length)

    best = max(sorted(versions), key=rank)
    # Versions with the same content were fetched again unchanged, so the earliest date is the most accurate.
    best = min((version for version in sorted(versions) if _content(version) == _content(best)), key=_date_of)
    others = [version for version in versions if version is not best]
    return best, [(other, flaws.get(other.path) or _difference(other, best)) for other in others]


def address_of(versions: Sequence[StoryVersion]) -> StoryAddress:
    """Return the address of the earliest version: the address first archived stays (post layout)."""
    earliest = min(versions, key=lambda version: (_date_of(version), version.story.address.url))
    return earliest.story.address


def _same_picture(one: str, other: str) -> bool:
    hosts = urlsplit(one).netloc, urlsplit(other).netloc
    if hosts[0] == hosts[1]:
        return picture_key(one) == picture_key(other)
    return all(hosts)  # the address of a kept picture has no host


def _describe_flaw(story: Story, own: Sequence[str], others: Iterable[Sequence[str]]) -> str:
    others = [other for other in others if other != own]
    if story.truncated or any(is_cut_by_words(own, other) for other in others):
        return "cut by the paywall"
    return "only a part" if any(is_part(own, other) for other in others) else ""


def _content(version: StoryVersion) -> tuple[str, list[str]]:
    return version.story.title, version.story.body


def _date_of(version: StoryVersion) -> datetime:
    return version.story.date or _LAST


def _difference(version: StoryVersion, best: StoryVersion) -> str:
    if _content(version) == _content(best):
        return "the same"
    return "of the same time" if version.story.date == best.story.date else "earlier"
