"""A backfill of years is killed again and again."""

from __future__ import annotations

import random
import time

import pytest
from support.crawling import crawl, start_crawl, tree, wait_for
from support.past import wrong_posts

from zbcrawler.replica.past import newsroom_with_past
from zbcrawler.replica.server import Replica

# Faster than the polite pace, but not more than two at once: a kill loses the requests that are on their way.
TWO_AT_ONCE = {"CONCURRENT_REQUESTS": 2, "CONCURRENT_REQUESTS_PER_DOMAIN": 2}


def fetched(replica):
    return len([1 for _, target, _ in replica.requests if "/story" in target])


@pytest.mark.parametrize(("stories", "kills"), [(1000, 5), pytest.param(20_000, 10, marks=pytest.mark.full)])
def test_killed_again_and_again_it_is_complete_and_asks_for_little_twice(tmp_path, clock, stories, kills):
    newsroom = newsroom_with_past(clock, stories)
    killed = tmp_path / "killed"
    killed.mkdir()
    rng = random.Random(5)
    with Replica(newsroom) as replica:
        for kill in range(kills):
            target = round(stories * (kill + rng.random()) / (kills + 1))
            process = start_crawl(replica.url, killed, newsroom, "--quiet", spider="backfill", **TWO_AT_ONCE)
            wait_for(lambda target=target: fetched(replica) >= target, process)
            time.sleep(rng.uniform(0, 0.02))
            process.kill()
            process.communicate()
        run = start_crawl(replica.url, killed, newsroom, spider="backfill", **TWO_AT_ONCE)
        told = run.communicate()[0]
        assert run.returncode == 0, told
        needed = sum(story.fault is None for story in newsroom.every())
        asked = fetched(replica)
        again = crawl("backfill", replica.url, killed, newsroom)
        assert again.returncode == 0
        assert fetched(replica) == asked
    assert wrong_posts(newsroom, killed) == []
    names = [name for name in tree(killed) if name.startswith("_posts/")]
    assert len(names) == len({name.rpartition("-")[2] for name in names}) >= len(newsroom.expected())
    assert list((killed / ".zbcrawler" / "tmp").iterdir()) == []
    print(f"{asked} pages fetched for {needed} stories: {asked / needed - 1:.2%} more")
    assert asked <= needed * 1.03
