"""Gather what the report shows of an archive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from zbcrawler.archive import posts
from zbcrawler.archive.note import StoryReason
from zbcrawler.archive.store import Archive
from zbcrawler.common.errors import PostError
from zbcrawler.common.text import letters
from zbcrawler.tools.coverage.history import History, read_history
from zbcrawler.tools.verifying.findings import Tally
from zbcrawler.tools.website.stories import read_stories


class PostFacts(NamedTuple):
    """What the report counts of a post.

    :ivar time: the post's date, in Singapore's zone
    :ivar section: such as ``realtime/china``
    :ivar path: from the archive's folder
    :ivar length: letters, digits and Han characters of the body
    :ivar published: the site's own time (aware), None if the site gave none
    """

    time: datetime
    section: str
    path: str
    length: int
    published: datetime | None


class Coverage(NamedTuple):
    """All that the report shows.

    :ivar name: of the archive's folder
    :ivar made: when the report was made (aware)
    :ivar posts: the oldest first
    :ivar history: None if the archive has no commits
    """

    name: str
    made: datetime
    posts: Sequence[PostFacts]
    history: History | None
    checked: Tally
    owed: Sequence[StoryReason]
    gone: Sequence[StoryReason]


def read_coverage(root: Path, checked: Tally, now: datetime) -> Coverage:
    """Read an archive's posts, notes and history. Skip files that cannot be read: ``scrapy verify`` reports them.

    :raises GitError: if git cannot read the archive's history
    :raises OSError: if a file cannot be read
    """
    notes = Archive(root).notes
    owed, gone = list(notes.owed.reasons()), list(notes.absent.reasons())
    return Coverage(root.resolve().name, now, list(_posts(root)), read_history(root), checked, owed, gone)


def _posts(root: Path) -> Iterator[PostFacts]:
    for story in read_stories(root, lambda _: None):
        try:
            post = posts.read((root / story.path).read_text("utf-8"), story.path)
        except (PostError, UnicodeDecodeError):
            continue
        length = len(letters(posts.text_of(post.body)))
        yield PostFacts(story.time, story.section, story.path, length, post.published)
