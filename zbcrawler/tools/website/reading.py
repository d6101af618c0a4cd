"""Read what a build needs of a post."""

from pathlib import Path
from typing import NamedTuple

from typing_extensions import Self

from zbcrawler.archive import disk, posts
from zbcrawler.archive.pictures import sources
from zbcrawler.archive.story_versions import blocks
from zbcrawler.common.errors import PostError
from zbcrawler.common.text import letters, shorten
from zbcrawler.common.times import SINGAPORE
from zbcrawler.items import Story

_LEAD = 90  # characters of a story's beginning that lists show
_SENTENCE_END = "。！？"


class ReadPost(NamedTuple):
    """What a build reads of a post."""

    path: str
    stamp: str  # of the file; empty if the file is gone
    row: tuple[object, ...] = ()  # its time and all further columns of the catalogue; empty: no post, or misplaced

    @classmethod
    def read(cls, root: Path, path: str, stamp: str) -> Self:
        """Read a post; raise no error: ``scrapy verify`` reports what is wrong with a file."""
        try:
            story = posts.read((root / path).read_text("utf-8"), path)
        except (PostError, OSError, ValueError, OverflowError):
            return cls(path, stamp)
        if disk.post_path(story.address) != path or story.date is None or not story.title:
            return cls(path, stamp)
        time, section = story.date.astimezone(SINGAPORE), story.address.section
        text, published = posts.text_of(story.body).strip(), story.published
        row = (
            int(time.timestamp()), time.date().isoformat(), section, story.title, lead_of(story),
            next(iter(sources(story.body)), ""), story.byline, len(letters(text)),
            int(published.timestamp()) if published else None,
        )  # fmt: skip
        return cls(path, stamp, row)


def lead_of(story: Story) -> str:
    """Return the first sentences of a story, as many as a list shows."""
    text = next((block for block in blocks(story) if len(block) > 8), "")
    ends = [place + 1 for place, sign in enumerate(text[:_LEAD]) if sign in _SENTENCE_END]
    return text[: ends[-1]] if ends else shorten(text, _LEAD)
