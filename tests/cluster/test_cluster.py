"""Several processes share a backfill, by a real Redis and a real git."""

from __future__ import annotations

import time

import pytest
import redis
from crawling import MOMENT, crawl, tree
from hub import Hub, Worker, git, redis_server
from past import newsroom_with_past, wrong_posts

from zbcrawler.clock import Clock
from zbcrawler.replica.server import Replica

DELAY = 0.02


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with redis_server(tmp_path_factory.mktemp("redis")) as address:
        yield address


@pytest.fixture
def clean_redis(server):
    client = redis.Redis.from_url(server)
    client.flushall()
    return client


def fetched(replica):
    return [target for _, target, _ in replica.requests if "/story" in target]


def test_a_worker_is_killed_and_the_archive_is_whole_all_the_same(tmp_path, server, clean_redis):
    past = newsroom_with_past(Clock(MOMENT), stories=300)
    gone = past.expected()[45]
    past.withdraw(gone)
    alone = tmp_path / "alone"
    alone.mkdir()
    with Replica(past) as replica:
        crawl("backfill", replica.url, alone, past)
        needed, before = len(fetched(replica)), len(replica.requests)
        hub = Hub(tmp_path, replica.url, server, past, DOWNLOAD_DELAY=DELAY, WORK_STORIES=100)
        seed = hub.start("seed", hub.clone("seed"))
        workers = [Worker(hub, f"worker-{place}") for place in range(3)]
        while len(fetched(replica)) < needed + needed // 2:
            time.sleep(0.01)
        workers[0].kill()
        told = seed.communicate(timeout=120)[0]
        for worker in workers[1:]:
            worker.stop()
        asked, moments = len(fetched(replica)) - needed, replica.moments[before:]
    assert seed.returncode == 0, told
    assert "round 2: " in told
    merged = hub.clone("merged")
    assert tree(merged) == tree(alone)
    assert wrong_posts(past, merged) == []
    assert git(merged, "log", "--format=%s").count("News: ") > 2
    assert asked <= needed + 110  # what the killed worker had not pushed
    # However many there are, each second has no more requests than one run's; they come a little unevenly.
    assert len(moments) * DELAY <= moments[-1] - moments[0] + 10 * DELAY
    print(f"{asked} pages fetched for {needed} stories")
