"""Compares two versions of one story: which differences are news, and which version is fuller."""

from __future__ import annotations

import html
import re
from datetime import datetime, time, timedelta
from urllib.parse import urlsplit

from zbcrawler.cleaning.links import picture_key
from zbcrawler.items import Story

_PICTURE = re.compile(r'(<img src=")([^"]*)')
_TAG = re.compile(r"<[^>]*>")
_FIGURE = re.compile(r"<figure>.*?</figure>")


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


def _texts(story: Story) -> list[str]:
    return [_PICTURE.sub(r"\1", line) for line in story.body]


def _pictures(story: Story) -> list[str]:
    return [html.unescape(address) for line in story.body for _, address in _PICTURE.findall(line)]


def _same_picture(one: str, other: str) -> bool:
    one_host, other_host = urlsplit(one).netloc, urlsplit(other).netloc
    if bool(one_host) != bool(other_host):  # kept in the archive, or linked
        return False
    return one_host != other_host or picture_key(one) == picture_key(other)
