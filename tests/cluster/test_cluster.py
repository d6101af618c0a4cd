"""Several processes share a backfill, with a real Redis and a real git."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack

import pytest
import redis
from scrapy import Spider
from scrapy.utils.test import get_crawler
from support.crawling import MOMENT, PATIENCE, crawl, tree, wait_for
from support.hub import Hub, Worker, git, redis_server
from support.past import wrong_posts

from zbcrawler.cluster.shared import RedisPace
from zbcrawler.common.times import Clock
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.past import newsroom_with_past
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


def posts_in(clone):
    return [name for name in tree(clone) if name.startswith("_posts/")]


def entry(story):
    return json.dumps({"story": story.url, "section": "realtime/china"})


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
        wait_for(lambda: len(posts_in(workers[0].clone)) >= 30)  # the worker has not pushed these posts yet
        workers[0].kill()
        told = seed.communicate(timeout=PATIENCE)[0]
        for worker in workers[1:]:
            worker.stop()
        asked, moments = len(fetched(replica)) - needed, replica.moments[before:]
    assert seed.returncode == 0, told
    assert "round 2: " in told
    merged = hub.clone("merged")
    assert tree(merged) == tree(alone)
    assert wrong_posts(past, merged) == []
    assert git(merged, "log", "--format=%s").count(" new: ") > 2
    assert asked <= needed + 110  # the stories that the killed worker had not pushed
    # All workers together send no more requests per second than one run. The intervals vary a little.
    assert len(moments) * DELAY <= moments[-1] - moments[0] + 10 * DELAY
    print(f"{asked} pages fetched for {needed} stories")


def run(hub, spider, clone, *words, **settings):
    process = hub.start(spider, clone, *words, **settings)
    told = process.communicate(timeout=PATIENCE)[0]
    return process.returncode, told, (clone.parent / f"{clone.name}.log").read_text()


def test_what_could_not_be_had_is_owed_and_handed_out_once(tmp_path, server, clean_redis):
    past = newsroom_with_past(Clock(MOMENT), stories=30, months=3)
    gone, ill = past.expected()[5:7]
    past.withdraw(gone)
    with Replica(past) as replica:
        replica.faults.add(Fault(pattern=ill.path, status=404, times=2))
        hub = Hub(tmp_path, replica.url, server, past)
        worker, clone = Worker(hub, "worker"), hub.clone("seed")
        code, told, _ = run(hub, "seed", clone)
        assert code == 0, told
        assert "2 stories are absent from the site; they are owed" in told
        assert len([path for path in fetched(replica) if path in (gone.path, ill.path)]) == 2
        code, told, _ = run(hub, "seed", clone)  # not due
        worker.stop()
    assert code == 0, told
    assert f"{gone.number}.json" in "".join(tree(clone))


def test_what_is_no_story_of_ours_in_the_queue_is_told_and_left_out(tmp_path, server, clean_redis):
    past = newsroom_with_past(Clock(MOMENT), stories=10, months=1)
    story = past.expected()[3]
    bad = [b"\x80\x04K\x05.", b"{}", b"[" * 9000, entry(story).replace("www.zaobao.com", "evil.example"), "5", '"x"']
    with Replica(past) as replica:
        hub = Hub(tmp_path, replica.url, server, past)
        clean_redis.lpush("zbcrawler:queue", *bad, entry(story))
        code, told, _ = run(hub, "work", hub.clone("worker"))
    assert code == 1
    assert told.count("an entry of the queue was not written by zbcrawler") == len(bad)
    assert "1 new" in told
    assert len(fetched(replica)) == 1
    assert not list(clean_redis.scan_iter("zbcrawler:working:*"))


def test_a_worker_stops_when_it_has_done_enough_and_leaves_the_rest(tmp_path, server, clean_redis):
    past = newsroom_with_past(Clock(MOMENT), stories=20, months=1)
    with Replica(past) as replica:
        hub = Hub(tmp_path, replica.url, server, past, WORK_STORIES=7)
        for story in past.expected():
            clean_redis.lpush("zbcrawler:queue", entry(story))
        code, told, _ = run(hub, "work", hub.clone("worker"))
    assert code == 0, told
    assert "7 new" in told
    assert clean_redis.llen("zbcrawler:queue") == len(past.expected()) - 7


def test_without_redis_or_a_hub_nothing_begins(tmp_path, server):
    past = newsroom_with_past(Clock(MOMENT), stories=3, months=1)
    hub = Hub(tmp_path, "http://127.0.0.1:9", server, past)
    clone = hub.clone("alone")
    code, _, log = run(hub, "work", clone, REDIS_URL="redis://127.0.0.1:9/0")
    assert (code, "is redis-server running there?" in log) == (2, True)
    git(clone, "remote", "remove", "origin")
    code, _, log = run(hub, "seed", clone, ARCHIVE_PUSH=0)
    assert (code, "is not a clone of the repository that the workers push to" in log) == (2, True)


def test_where_redis_goes_away_nothing_more_is_asked(tmp_path):
    past = newsroom_with_past(Clock(MOMENT), stories=60, months=1)
    with Replica(past) as replica, ExitStack() as running:
        hub = Hub(tmp_path, replica.url, running.enter_context(redis_server(tmp_path)), past, DOWNLOAD_DELAY=0.1)
        seed = hub.start("seed", hub.clone("seed"))
        # The worker waits for the seed, however slowly that starts.
        worker = hub.start("work", hub.clone("worker"), WORK_WAIT=PATIENCE)
        wait_for(lambda: len(fetched(replica)) >= 10, worker)
        running.close()
        asked = len(fetched(replica))
        told = [process.communicate(timeout=PATIENCE)[0] for process in (seed, worker)]
        assert len(fetched(replica)) <= asked + 2
    assert (seed.returncode, worker.returncode) == (1, 1)
    assert all("failed: redis: " in one or "failed: round 1: " in one for one in told), told


@pytest.mark.quick
def test_turns_are_taken_one_after_the_other(server, clean_redis):
    crawler = get_crawler(Spider, {"REDIS_URL": server})
    paces = [RedisPace(crawler) for _ in range(3)]
    began = time.monotonic()
    waits = [pace.reserve("site", 10) for pace in paces * 2]
    passed = time.monotonic() - began
    assert waits == sorted(waits)
    assert all(10 * turn - passed - 0.1 <= wait <= 10 * turn + 0.1 for turn, wait in enumerate(waits))
    assert paces[0].reserve("another", 10) == pytest.approx(0, abs=0.1)
