"""What an archive's posts and notes say, a line each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from zbcrawler.archive import posts
from zbcrawler.common.errors import PostError
from zbcrawler.common.text import letters
from zbcrawler.tools.website.stories import read_stories

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path


class Fact(NamedTuple):
    """What is counted of a post.

    :ivar time: its date, in Singapore's zone
    :ivar section: path, such as ``realtime/china``
    :ivar path: from the archive's folder
    :ivar length: letters, digits and Han characters of its body
    :ivar published: the site's own time (aware), None if it gave none
    """

    time: datetime
    section: str
    path: str
    length: int
    published: datetime | None


class Note(NamedTuple):
    """What is noted of a story that is not to be had.

    :ivar since: as the note has it, empty if it does not say
    """

    address: str
    reason: str
    since: str


def read_facts(root: Path) -> list[Fact]:
    """Return the posts that can be read, the oldest first; ``scrapy verify`` tells of the others.

    :raises OSError: if a file cannot be read
    """
    found = []
    for story in read_stories(root, lambda _: None):
        try:
            post = posts.read((root / story.path).read_text("utf-8"), story.path)
        except (PostError, UnicodeDecodeError):
            continue
        found.append(
            Fact(story.time, story.section, story.path, len(letters(posts.text_of(post.body))), post.published)
        )
    return found


def read_notes(root: Path, kind: str) -> list[Note]:
    """Return the notes of a kind, by name; those that cannot be read are left to ``scrapy verify``.

    :param kind: ``owed`` or ``absent``
    """
    return list(_notes(root / "_data" / kind))


def _notes(folder: Path) -> Iterator[Note]:
    for path in sorted(folder.glob("*.json")):
        try:
            note = json.loads(path.read_bytes())
            yield Note(str(note["address"]), str(note["reason"]), str(note.get("since", "")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
