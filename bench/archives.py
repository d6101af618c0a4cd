"""Write archives of any size without a crawl: the replica's stories, repeated under new numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bench.site import MOMENT, newsroom
from zbcrawler.archive import posts
from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.items import Story
from zbcrawler.replica.story import ReplicaStory

_DAYS = 3650
_FIRST_NUMBER = 6_000_000


def as_archived(story: ReplicaStory) -> Story:
    """Return a story of the replica in the form that the archive should hold."""
    address, title = StoryAddress.parse(story.path), story.expected_title_in("react")
    return Story(address, title, story.expected_time, story.expected_lines("react"), story.expected_time)


def write_archive(root: Path, count: int, days: int = _DAYS, until: datetime = MOMENT) -> None:
    """Write posts of about 2 KB, spread over ten years.

    :param root: a folder without posts
    :param days: another length of time
    :param until: the time of the last post
    """
    archive = Archive(root)
    patterns = [as_archived(one) for one in newsroom(300).expected()]
    for place in range(count):
        pattern = patterns[place % len(patterns)]
        moment = until - timedelta(days=days * (1 - place / count))
        address = replace(pattern.address, day=moment.date(), number=str(_FIRST_NUMBER + place))
        story = replace(pattern, address=address, title=f"{pattern.title}（{place}）", published=moment, date=moment)
        path = archive.path_of(address)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(posts.render(story).encode())
