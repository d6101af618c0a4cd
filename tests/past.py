"""A newsroom with a past: stories of many months, as sitemaps have them."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from zbcrawler.addresses import StoryAddress
from zbcrawler.archive import Archive
from zbcrawler.replica import text
from zbcrawler.replica.composer import compose
from zbcrawler.replica.content import Content
from zbcrawler.replica.newsroom import SECTIONS, Newsroom

if TYPE_CHECKING:
    from pathlib import Path

    from zbcrawler.clock import Clock

_FIRST_NUMBER = 5_000_000


def newsroom_with_past(clock: Clock, stories: int, months: int = 24, seed: int = 11) -> Newsroom:
    """A newsroom whose stories, all of them small, are spread evenly over the months before now."""
    newsroom = Newsroom(seed, clock, stories=3)
    for place in range(stories):
        rng = random.Random(f"{seed}/{place}")
        published = clock.now() - timedelta(days=30.4 * months * (1 - place / stories), minutes=5)
        published = published.replace(second=0, microsecond=0)
        content = Content((*compose(rng).blocks[:2],))
        newsroom.add(
            SECTIONS[place % len(SECTIONS)],
            _FIRST_NUMBER + 7 * place,
            published.date(),
            f"{text.headline(rng)}（{place}）",
            published,
            content=content,
        )
    return newsroom


def wrong_posts(newsroom: Newsroom, folder: Path, edition: str = "react") -> list[str]:
    """What is wrong with an archive of all stories of a newsroom: the paths whose posts do not say what they should."""
    archive, wrong = Archive(folder), []
    for story in newsroom.expected():
        path = archive.find(StoryAddress.parse(story.path))
        post = path and archive.read(path)
        told = post and (post.address.path, post.title, post.published, post.body)
        should = (story.path, story.expected_title_in(edition), story.expected_time, story.expected_lines(edition))
        if told != should:
            wrong.append(story.path)
    return wrong
