"""What an archive's posts say, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zbcrawler.archive import posts
from zbcrawler.common.errors import PostError
from zbcrawler.common.text import letters
from zbcrawler.tools.website.stories import read_stories

if TYPE_CHECKING:
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
