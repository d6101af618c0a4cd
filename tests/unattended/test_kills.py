"""The archive after a run was killed, stopped, or met another run."""

from __future__ import annotations

import os
import random
import signal
import time
from datetime import timedelta

import pytest
from support.crawling import PATIENCE, crawl, snapshot, start_crawl, tree, wait_for

from zbcrawler.replica.faults import Fault
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica

# So slow that a run never ends before it is killed.
SLOWLY = {"CONCURRENT_REQUESTS": 2, "CONCURRENT_REQUESTS_PER_DOMAIN": 2}
PRIVATE = {".gitignore", "realtime.lock", "realtime.run", "state.sqlite", "tmp"}


@pytest.mark.parametrize(
    ("stories", "kills"), [(400, 15), pytest.param(2000, 100, marks=pytest.mark.full)], ids=["400", "2000"]
)
def test_killed_again_and_again_no_story_is_lost_and_no_byte_differs(tmp_path, clock, stories, kills):
    newsroom = Newsroom(seed=3, clock=clock, stories=stories)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    whole.mkdir()
    killed.mkdir()
    rng = random.Random(5)
    with Replica(newsroom) as replica:
        run = crawl("realtime", replica.url, whole, newsroom, pages=100)
        assert run.returncode == 0, run.stdout
        needed = len(replica.requests)
        for _ in range(kills):
            asked = len(replica.requests)
            process = start_crawl(replica.url, killed, newsroom, **SLOWLY)
            # At any point: at the start, while the run reads listings, in the middle of the stories.
            after = rng.choice([0, 1, 3, 6, 10, 12, 15, 20])
            wait_for(lambda asked=asked, after=after: len(replica.requests) >= asked + after)
            time.sleep(rng.uniform(0, 0.4 if after == 0 else 0.02))
            process.kill()
            process.communicate()
            process.wait()
        fetched = len([1 for _, target, _ in replica.requests[needed:] if "/story" in target])
        run = crawl("realtime", replica.url, killed, newsroom, pages=100)
    assert run.returncode == 0, run.stdout
    assert tree(killed) == tree(whole)
    assert {path.name for path in (killed / ".zbcrawler").iterdir()} == PRIVATE
    assert list((killed / ".zbcrawler" / "tmp").iterdir()) == []
    # Each kill only costs the pages that were being fetched.
    assert fetched <= stories + kills * 4


@pytest.mark.parametrize("has_posts", [False, True], ids=["nothing is archived yet", "something is archived"])
@pytest.mark.parametrize("shows", ["its newest", "none"])
def test_what_was_planned_is_fetched_even_when_the_listing_has_moved_on(newsroom, archive, has_posts, shows):
    """Do not count the killed run's stories as missing, nor as the end of the known stories."""
    before = newsroom.every()
    newest = [next(one for one in newsroom.listed(name) if one.archivable) for name in newsroom.sections]
    with Replica(newsroom) as replica:
        # The server logs only requests that it has answered.
        replica.faults.add(Fault(pattern="/story", times=20 if has_posts else 1, status=None if has_posts else 503))
        replica.faults.add(Fault(pattern="/story", stall=True))
        process = start_crawl(replica.url, archive, newsroom, **SLOWLY)
        wait_for(
            lambda: len([1 for _, target, _ in replica.requests if "/story" in target]) >= (20 if has_posts else 1)
        )
        process.kill()
        process.communicate()
        assert any(name.startswith("_posts/") for name in tree(archive)) == has_posts
        replica.faults.clear()
        for story in before:
            story.listed = shows == "its newest" and story in newest
        fresh = newsroom.publish("china")[0]
        newsroom.publish("world")
        newsroom.publish("singapore")
        run = crawl("realtime", replica.url, archive, newsroom)
    missing = "section china: its last page still held news: stories from 2026-01-"
    assert run.returncode == (shows == "none"), run.stdout
    assert (missing in run.stdout) == (shows == "none")
    assert len([name for name in tree(archive) if name.startswith("_posts/")]) > 50
    assert any(fresh.number in name for name in tree(archive))


@pytest.mark.parametrize("harm", ["gone", "broken", "another version"])
def test_without_the_state_file_nothing_is_lost_and_nothing_changes(newsroom, archive, harm):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        before = snapshot(archive)
        state = archive / ".zbcrawler" / "state.sqlite"
        if harm == "gone":
            state.unlink()
        elif harm == "broken":
            state.write_bytes(b"SQLite format 3\0" + os.urandom(4096))
        else:
            state.write_bytes(b"")
        run = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == 0, run.stdout
    assert snapshot(archive) == before
    assert ("was replaced" in run.stdout) == (harm != "gone")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_run_ends_what_is_in_flight_and_the_next_one_goes_on(newsroom, archive, number):
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern="/story", delay=0.3))
        process = start_crawl(replica.url, archive, newsroom, **SLOWLY)
        wait_for(lambda: len([1 for _, target, _ in replica.requests if "/story" in target]) > 3)
        process.send_signal(number)
        output, _ = process.communicate(timeout=PATIENCE)
        answered = [target for _, target, status in replica.requests if "/story" in target and status == 200]
        posts = [name for name in tree(archive) if name.startswith("_posts/")]
        replica.faults.clear()
        run = crawl("realtime", replica.url, archive, newsroom)
    assert process.returncode == 1
    assert "failed: run: ended too early (shutdown); the next run goes on where it stopped" in output
    assert " left" in output
    assert len(posts) >= len(answered)
    assert not [name for name in tree(archive) if "/owed/" in name and b"ended" in (archive / name).read_bytes()]
    assert run.returncode == 0, run.stdout
    assert len([name for name in tree(archive) if name.startswith("_posts/")]) >= len(newsroom.expected()) - 3


def test_of_two_runs_at_once_one_works_and_the_other_says_so_at_once(newsroom, archive, tmp_path):
    summary = tmp_path / "summary.json"
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern="/story", delay=2))  # the first run lasts longer than the others
        first = start_crawl(replica.url, archive, newsroom, **SLOWLY)
        wait_for(lambda: len(replica.requests) > 3)
        second = crawl("realtime", replica.url, archive, newsroom, "--summary-json", summary)
        quiet = crawl("realtime", replica.url, archive, newsroom, "--quiet")
        hangs = crawl("realtime", replica.url, archive, newsroom, "--quiet", settings={"LOCK_LIMIT_HOURS": 0})
        assert first.poll() is None
        replica.faults.clear()
        story = crawl("story", replica.url, archive, newsroom, url=newsroom.listed("china")[0].url)
        told = first.communicate(timeout=PATIENCE)[0]
    assert (first.returncode, second.returncode, quiet.returncode, hangs.returncode) == (0, 75, 75, 75), told
    assert "another realtime run has been at work since 20" in second.stdout
    assert '"verdict": "locked"' in summary.read_text()
    assert quiet.stdout == ""
    assert "does it hang?" in hangs.stdout
    assert story.returncode == 0, story.stdout  # a run of another kind


def test_the_lock_is_gone_with_its_process(newsroom, archive):
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern="/story", delay=0.2))
        process = start_crawl(replica.url, archive, newsroom)
        wait_for(lambda: len(replica.requests) > 5)
        process.kill()
        process.communicate()
        replica.faults.clear()
        assert crawl("realtime", replica.url, archive, newsroom).returncode == 0


def test_a_clock_set_back_stops_nothing(newsroom, archive):
    victim = newsroom.publish("china")[0]
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern=victim.number, status=500))
        failed = crawl("realtime", replica.url, archive, newsroom)
        replica.faults.clear()
        before = tree(archive)
        back = (newsroom.clock.now() - timedelta(days=5)).isoformat()
        run = crawl("realtime", replica.url, archive, newsroom, settings={"CLOCK": back})
    assert failed.returncode == 1
    assert run.returncode == 1
    assert "is this machine's clock right?" in run.stdout
    posts = {name: data for name, data in tree(archive).items() if name.startswith("_posts/")}
    assert {name: data for name, data in before.items() if name in posts}.items() <= posts.items()
    assert any(victim.number in name for name in posts)  # although the next attempt was due five days later
