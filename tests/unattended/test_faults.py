"""A site in trouble: every kind of fault has an outcome and a line, and leaves every file whole."""

from __future__ import annotations

import gzip
import json
import time
from datetime import timedelta
from email.utils import format_datetime

import pytest
from support.crawling import crawl, snapshot, tree

from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.server import Replica

BOMB = gzip.compress(bytes(60_000_000), 9)
CAPTCHA = b"<html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1></body></html>"
WAYS = {
    "error": {"status": 500},
    "overload": {"status": 503},
    "too many requests": {"status": 429, "headers": {"Retry-After": "1"}},
    "absent": {"status": 404},
    "withdrawn": {"status": 410},
    "reset": {"reset": True},
    "cut off": {"cut": True},
    "stalled": {"stall": True},
    "endless redirect": {"status": 302, "headers": {"Location": "?again"}},
    "front page": {"status": 302, "headers": {"Location": "/"}},
    "elsewhere": {"status": 302, "headers": {"Location": "http://127.0.0.1:9/x"}},
    "bomb": {"body": BOMB, "headers": {"Content-Encoding": "gzip"}},
    "broken gzip": {"body": BOMB[:100], "headers": {"Content-Encoding": "gzip"}},
    "captcha": {"body": CAPTCHA},
    "empty": {"body": b""},
    "huge": {"flood": 200_000_000},
    "broken address": {"status": 302, "headers": {"Location": "http://["}},
}
# One attempt shows the outcome. A stalled page must not hold up a test for long.
AT_ONCE = {"RETRY_TIMES": 0, "DOWNLOAD_TIMEOUT": 5}


def posts_of(folder):
    return {name: data for name, data in tree(folder).items() if name.startswith("_posts/")}


def the_whole(newsroom, folder):
    folder.mkdir()
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, folder, newsroom)
    return tree(folder)


def test_a_site_that_fails_in_every_way_and_heals_leaves_the_archive_complete(newsroom, archive, tmp_path):
    absent = ("absent", "withdrawn", "elsewhere")
    with Replica(newsroom) as replica:
        for _ in range(3):
            replica.faults.storm("/story", 5, [Fault(**way) for way in WAYS.values()])
            asked = len(replica.requests)
            summary = ("--summary-json", tmp_path / "summary.json")
            run = crawl("realtime", replica.url, archive, newsroom, *summary, owed="now", settings=AT_ONCE)
            report = json.loads(summary[1].read_text("utf-8"))
            known = [note for note in report["notes"] if note["what"].endswith("(reported before)")]
            failed = len([line for line in [*report["failed"], *known] if "/story" in line["where"]])
            owed = [name for name in tree(archive) if name.startswith("_data/owed/")]
            assert run.returncode == bool(report["failed"]), run.stdout
            assert f"\n{len(report['failed']) or 'ok'}" in run.stdout
            assert 0 < failed <= len(owed)
            hit = (len([1 for _, target, _ in replica.requests[asked:] if "/story" in target]) - failed) // 5
            assert failed >= hit - len(absent), "a failure was not named"
        replica.faults.clear()
        newsroom.clock.advance(timedelta(hours=1))
        healed = crawl("realtime", replica.url, archive, newsroom, owed="now", settings=AT_ONCE)
    assert healed.returncode == 0, healed.stdout
    newsroom.clock.advance(timedelta(hours=-1))
    whole = the_whole(newsroom, tmp_path / "whole")
    assert posts_of(archive) == {name: data for name, data in whole.items() if name.startswith("_posts/")}
    assert {name for name in tree(archive) if "/owed/" in name} == {name for name in whole if "/owed/" in name}


@pytest.mark.parametrize("way", WAYS)
def test_nothing_but_the_story_takes_the_place_of_a_story(newsroom, archive, way):
    story = newsroom.listed("china")[4]
    fresh = newsroom.publish("china")[0]
    with Replica(newsroom) as replica:
        crawl("story", replica.url, archive, newsroom, url=story.url)
        before = posts_of(archive)
        newsroom.retitle(story)
        for one in (story, fresh):
            replica.faults.add(Fault(pattern=f"{one.number}", **WAYS[way]))
        urls = f"{story.url},{fresh.url}"
        run = crawl("story", replica.url, archive, newsroom, url=urls, settings=AT_ONCE)
        replica.faults.clear()
        crawl("story", replica.url, archive, newsroom, url=urls)
    absent = way in ("absent", "withdrawn", "elsewhere")  # the site sends some listed stories to other hosts
    assert run.returncode == (0 if absent else 1), run.stdout
    assert ("2 owed" if absent else "failed: http") in run.stdout
    assert "fault of zbcrawler" not in run.stdout
    assert "Traceback" not in run.stdout
    after = posts_of(archive)
    assert before.keys() < after.keys()
    assert all(before[name] != after[name] for name in before)  # in the end the post is that of the site


def test_a_teaser_an_empty_body_an_error_page_and_a_captcha_change_no_post(newsroom, archive):
    ordinary = [story for story in newsroom.listed("china") if story not in newsroom.cases.values()][:5]
    with Replica(newsroom, "drupal") as replica:
        crawl("realtime", replica.url, archive, newsroom)
        before = posts_of(archive)
        teaser, empty, error, captcha, other = ordinary
        for story, body in ((teaser, "<p>只有一句。</p>"), (empty, "")):
            story.raw_body, story.content, story.version = body, None, story.version + 1
        replica.faults.add(Fault(pattern=error.number, body=b"<h1>503 Service Unavailable</h1>"))
        replica.faults.add(Fault(pattern=captcha.number, body=CAPTCHA))
        other_page = other.path.replace(other.number, newsroom.decoys[0].number)
        replica.faults.add(Fault(pattern=other.number, status=302, headers={"Location": other_page}))
        again = {"RECHECK_GROWTH": 0}
        run = crawl("realtime", replica.url, archive, newsroom, recheck="9d", settings=again)
    assert run.returncode == 1
    for story in (teaser, empty, error, captcha):
        assert f"{story.path}: " in run.stdout
    assert posts_of(archive) == before


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"status": 503}, "robots.txt: answered 503"),
        ({"reset": True}, "robots.txt: no answer: "),
        ({"stall": True}, "robots.txt: no answer: "),
    ],
)
def test_without_robots_txt_nothing_else_is_asked_for(newsroom, archive, fault, said):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        newsroom.publish("china")
        before, asked = snapshot(archive), len(replica.requests)
        replica.faults.add(Fault(pattern="^/robots.txt", **fault))
        run = crawl("realtime", replica.url, archive, newsroom, settings=AT_ONCE)
        requests = {target for _, target, _ in replica.requests[asked:]}
    assert run.returncode == 1
    assert run.stdout.count("\nfailed: ") == 1
    assert said in run.stdout
    assert requests == {"/robots.txt"}
    assert snapshot(archive) == before


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_robots_txt_that_is_not_there_allows_all(newsroom, archive, status):
    page = b"User-agent: *\nDisallow: /\n"
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern="^/robots.txt", status=status, body=page))
        run = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == 0, run.stdout


def test_a_robots_txt_of_30_mb_is_obeyed_in_its_first_lines(newsroom, archive):
    rules = b"User-agent: *\nDisallow: /realtime/china\n" + b"Disallow: /x*y\n" * 2_000_000
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern="^/robots.txt", body=rules))
        run = crawl("realtime", replica.url, archive, newsroom, sections="china,world")
    assert run.stdout.count("\nfailed: ") == 1
    assert "/realtime/china: not fetched: Forbidden by robots.txt" in run.stdout
    assert any(name.startswith("_posts/") for name in tree(archive))


def test_robots_that_forbid_stories_only_are_obeyed_and_named(newsroom, archive):
    with Replica(newsroom) as replica:
        replica.robots = "User-agent: *\nDisallow: /realtime/china/\n"
        run = crawl("realtime", replica.url, archive, newsroom, sections="china")
        asked = [target for _, target, _ in replica.requests if "/realtime/china/story" in target]
    assert run.returncode == 1
    assert "not fetched: Forbidden by robots.txt" in run.stdout
    assert asked == []


@pytest.mark.parametrize(
    ("site", "said"),
    [
        ("http://127.0.0.1:9", "http://127.0.0.1:9/robots.txt: no answer: "),
        ("http://zaobao.invalid", "http://zaobao.invalid/robots.txt: no answer: "),
    ],
)
def test_no_network_is_one_line(newsroom, archive, site, said):
    run = crawl("realtime", site, archive, newsroom, "--quiet")
    assert run.returncode == 1
    assert run.stdout.count("\nfailed: ") == 1
    assert said in run.stdout
    assert tree(archive) == {}


def test_a_storm_of_errors_ends_the_asking_and_the_rest_is_left_for_the_next_run(newsroom, archive):
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern="/story", status=502))
        settings = {**AT_ONCE, "GIVE_UP_AFTER": 5}
        run = crawl("realtime", replica.url, archive, newsroom, settings=settings)
        asked = [target for _, target, _ in replica.requests if "/story" in target]
        owed = [name for name in tree(archive) if "/owed/" in name]
        replica.faults.clear()
        newsroom.clock.advance(timedelta(minutes=10))
        healed = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == 1
    assert "failed: site: 5 stories in a row failed (GIVE_UP_AFTER), the last: " in run.stdout
    assert "left" in run.stdout
    assert len(asked) < 30  # of 87; how many are on their way when the fifth answer comes is a matter of time
    assert len(owed) == len(asked)
    assert healed.returncode == 0, healed.stdout
    assert len(posts_of(archive)) == len(newsroom.expected())


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_short_wait_is_waited(newsroom, archive, form):
    victim = newsroom.listed("china")[6]
    # The clock of these runs stands still. A date is compared with this clock.
    later = format_datetime(newsroom.clock.now() + timedelta(seconds=2), usegmt=True)
    headers = {"Retry-After": "2" if form == "seconds" else later}
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern=victim.number, status=429, times=1, headers=headers))
        began = time.monotonic()
        run = crawl("story", replica.url, archive, newsroom, url=victim.url)
    assert run.returncode == 0, run.stdout
    assert time.monotonic() - began >= 2


def test_a_long_wait_is_respected_by_this_run_and_the_next(newsroom, archive):
    with Replica(newsroom) as replica:
        fault = {"status": 429, "headers": {"Retry-After": "3600"}}
        replica.faults.add(Fault(pattern=newsroom.listed("china")[6].number, **fault))
        settings = {"CONCURRENT_REQUESTS": 1, "CONCURRENT_REQUESTS_PER_DOMAIN": 1}
        first = crawl("realtime", replica.url, archive, newsroom, settings=settings)
        asked = len(replica.requests)
        replica.faults.clear()
        second = crawl("realtime", replica.url, archive, newsroom)
        asked_too_soon = [target for _, target, _ in replica.requests[asked:] if target != "/robots.txt"]
        newsroom.clock.advance(timedelta(minutes=61))
        third = crawl("realtime", replica.url, archive, newsroom)
    assert (first.returncode, second.returncode, third.returncode) == (1, 1, 0), third.stdout
    assert "the site asks to be left alone until 2026-01-31 13:00 SGT (Retry-After)" in first.stdout
    assert "asked to be left alone until 2026-01-31 13:00 SGT" in second.stdout
    assert asked_too_soon == []
    assert len(posts_of(archive)) == len(newsroom.expected())


def test_a_known_story_that_fails_is_owed_until_its_edit_is_archived(newsroom, archive):
    story = next(one for one in newsroom.listed("china") if one not in newsroom.cases.values())
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        newsroom.retitle(story)
        replica.faults.add(Fault(pattern=story.number, status=500))
        failed = crawl("realtime", replica.url, archive, newsroom, settings=AT_ONCE)
        owed = (archive / "_data" / "owed" / f"{story.number}.json").exists()
        not_due = crawl("realtime", replica.url, archive, newsroom)
        replica.faults.clear()
        story.listed = False
        newsroom.clock.advance(timedelta(minutes=10))
        healed = crawl("realtime", replica.url, archive, newsroom)
    assert (failed.returncode, not_due.returncode, healed.returncode) == (1, 0, 0)
    assert owed
    assert not (archive / "_data" / "owed" / f"{story.number}.json").exists()
    address = StoryAddress.parse(story.path)
    assert Archive(archive).title(Archive(archive).find(address)) == story.title
