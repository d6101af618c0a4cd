"""A newsroom with stories of many months, for sitemaps."""

from __future__ import annotations

import random
from datetime import timedelta

from zbcrawler.common.times import Clock
from zbcrawler.replica import text
from zbcrawler.replica.composer import compose
from zbcrawler.replica.content import Content
from zbcrawler.replica.newsroom import SECTIONS, Newsroom

_FIRST_NUMBER = 5_000_000


def newsroom_with_past(clock: Clock, stories: int, months: int = 24, seed: int = 11) -> Newsroom:
    """Return a newsroom of small stories, spread evenly over the months before now."""
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
