"""Edits are archived, and unchanged stories cost little."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest
from support.crawling import crawl, snapshot, start_crawl, tree, wait_for
from support.programs import needs

from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica

ALWAYS = {"RECHECK_GROWTH": 0}


def asked_since(replica, count):
    return [(target, status) for _, target, status in replica.requests[count:] if "/story" in target]


def ordinary(newsroom, section="china"):
    return [story for story in newsroom.listed(section) if story not in newsroom.cases.values()]


def test_pages_that_are_the_same_are_not_sent_again(newsroom, archive):
    with Replica(newsroom) as replica:
        replica.validators = True
        crawl("realtime", replica.url, archive, newsroom)
        before, asked = snapshot(archive), len(replica.requests)
        edited = ordinary(newsroom)[2]
        newsroom.edit(edited)
        run = crawl("realtime", replica.url, archive, newsroom, recheck="9d", settings=ALWAYS)
        statuses = [status for target, status in asked_since(replica, asked) if edited.number not in target]
        asked = len(replica.requests)
        again = crawl("realtime", replica.url, archive, newsroom, recheck="9d", settings=ALWAYS)
        later = asked_since(replica, asked)
    assert (run.returncode, again.returncode) == (0, 0)
    assert statuses.count(304) > 80
    assert "1 changed" in run.stdout
    assert all(status == 304 for target, status in later if edited.number in target)
    changed = [name for name, was in before.items() if snapshot(archive)[name] != was]
    assert [edited.number in name for name in changed] == [True]


def test_the_older_a_story_the_less_often_it_is_looked_at(newsroom, archive):
    young, old = ordinary(newsroom)[0], ordinary(newsroom)[-1]
    seen = {young.number: 0, old.number: 0}
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom, sections="china")
        for _ in range(4):
            newsroom.clock.advance(timedelta(minutes=30))
            asked = len(replica.requests)
            crawl("realtime", replica.url, archive, newsroom, sections="china")
            for target, _ in asked_since(replica, asked):
                for number in seen:
                    seen[number] += number in target
    assert seen[young.number] >= 2
    assert seen[old.number] == 0


@pytest.mark.parametrize("arguments", [{}, {"recheck": "off"}])
def test_edits_are_looked_for_unless_that_is_turned_off(newsroom, archive, arguments):
    edited = ordinary(newsroom)[0]
    summary = archive.parent / "summary.json"
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom, **arguments)
        newsroom.edit(edited)
        newsroom.clock.advance(timedelta(hours=2))
        asked = len(replica.requests)
        run = crawl("realtime", replica.url, archive, newsroom, "--summary-json", summary, **arguments)
        looks = len(asked_since(replica, asked))
        asked = len(replica.requests)
        again = crawl("realtime", replica.url, archive, newsroom, "--quiet", **arguments)
        then = asked_since(replica, asked)
    assert (run.returncode, again.returncode, again.stdout, then) == (0, 0, "", [])
    told = json.loads(summary.read_text("utf-8"))["looked_again"]
    if arguments:
        assert (looks, told, "looked again" in run.stdout) == (3, 0, False)  # those that answered 404
    else:
        assert "china: 0 new, 1 changed" in run.stdout
        assert f"\nlooked again at {told} archived stories\n" in run.stdout
        assert 3 < told <= looks


def test_a_story_that_leaves_the_window_is_looked_at_once_more_and_then_forgotten(newsroom, archive):
    edited, address = ordinary(newsroom)[0], StoryAddress.parse(ordinary(newsroom)[0].path)
    seen = []
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        for days, hours in ((6, 12), (0, 10), (0, 4), (1, 0), (1, 0)):
            newsroom.clock.advance(timedelta(days=days, hours=hours))
            newsroom.edit(edited)
            for section in newsroom.sections:
                newsroom.publish(section)
            asked = len(replica.requests)
            assert crawl("realtime", replica.url, archive, newsroom).returncode == 0
            seen.append(any(edited.number in target for target, _ in asked_since(replica, asked)))
    # The second time the age has not grown enough, the third time the story is more than 7 days old.
    assert seen == [True, False, True, False, False]
    assert Archive(archive).find(address)


def test_rechecks_come_after_news(newsroom, archive):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        newsroom.clock.advance(timedelta(hours=6))
        news = {newsroom.publish(section)[0].number for section in newsroom.sections}
        asked = len(replica.requests)
        one = {"CONCURRENT_REQUESTS": 1, "CONCURRENT_REQUESTS_PER_DOMAIN": 1}
        crawl("realtime", replica.url, archive, newsroom, settings=one)
        targets = [target for target, _ in asked_since(replica, asked)]
    assert len(targets) > 20
    assert {target.rpartition("-")[2] for target in targets[:3]} == news


def test_a_lost_state_makes_no_storm_and_other_sections_are_not_asked(archive, clock):
    newsroom = Newsroom(seed=7, clock=clock, stories=420)
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom, pages=20)
        shutil.rmtree(archive / ".zbcrawler")
        newsroom.clock.advance(timedelta(minutes=1))
        counts, numbers = [], []
        for sections in ("china", "china,world,singapore", "china,world,singapore", "china,world,singapore"):
            asked = len(replica.requests)
            run = crawl("realtime", replica.url, archive, newsroom, sections=sections)
            assert run.returncode == 0, run.stdout
            targets = [target for target, _ in asked_since(replica, asked)]
            counts.append(len(targets))
            numbers += targets
            if sections == "china":
                owed = {note.stem for note in archive.glob("_data/owed/*.json")}  # of any section
                assert {one.rpartition("-")[2] for one in targets if "/china/" not in one} <= owed
    # Each story once, at most 300 at a time; 404 at each run, because nobody knows when they were asked last.
    assert counts[0] <= 150
    assert counts[1] <= 310
    assert counts[3] <= 5
    assert len(numbers) <= 440


def test_a_run_that_only_looked_again_does_not_bother_git(newsroom, archive, monkeypatch, tmp_path):
    calls = tmp_path / "calls"
    (tmp_path / "bin").mkdir()
    git = tmp_path / "bin" / "git"
    git.write_text(f'#!/bin/sh\necho "$@" >> {calls}\nexec {needs("git")} "$@"\n')
    git.chmod(0o755)
    subprocess.run(["git", "init", "--quiet", archive], check=True)
    monkeypatch.setenv("PATH", f"{git.parent}:{os.environ['PATH']}")
    with Replica(newsroom) as replica:
        for _ in range(2):
            crawl("realtime", replica.url, archive, newsroom, settings={"ARCHIVE_COMMIT": 1})
        counts = []
        for change in (None, newsroom.edit):
            newsroom.clock.advance(timedelta(hours=2))
            if change:
                change(ordinary(newsroom)[0])
            calls.write_text("")
            run = crawl("realtime", replica.url, archive, newsroom, settings={"ARCHIVE_COMMIT": 1})
            assert "looked again at" in run.stdout
            counts.append(calls.read_text().count(" commit-tree "))
    assert not counts[0]
    assert counts[1]
    assert "committed: " in run.stdout


def test_stories_that_left_the_listing_are_looked_at_too(newsroom, archive):
    gone, withdrawn = ordinary(newsroom)[4:6]
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        before = tree(archive)
        gone.listed = False
        newsroom.edit(gone)
        newsroom.withdraw(withdrawn, listed=False)
        for hours in (1, 1, 26):
            newsroom.clock.advance(timedelta(hours=hours))
            for section in newsroom.sections:
                newsroom.publish(section)
            run = crawl("realtime", replica.url, archive, newsroom, recheck="3d", settings=ALWAYS)
            assert run.returncode == 0, run.stdout
    changed = {name for name, data in tree(archive).items() if name in before and before[name] != data}
    assert {gone.number in name for name in changed if name.startswith("_posts/")} == {True}
    # The withdrawn story stays archived, with a note.
    address = StoryAddress.parse(withdrawn.path)
    assert Archive(archive).find(address)
    assert Archive(archive).notes.absent.find(address) == "answered 404"


def test_a_story_whose_listed_time_changes_is_fetched_at_once(newsroom, archive):
    # Later pages of this edition's listing show times to the second.
    story = newsroom.listed("china")[26]
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        story.published -= timedelta(minutes=7)
        newsroom.clock.advance(timedelta(minutes=1))
        newsroom.publish("china")
        asked = len(replica.requests)
        run = crawl("realtime", replica.url, archive, newsroom)
        fetched = [target for target, _ in asked_since(replica, asked) if story.number in target]
    assert run.returncode == 0, run.stdout
    assert len(fetched) == 1


def test_a_listing_ahead_of_its_page_is_asked_again_until_the_page_follows(newsroom, archive):
    story = ordinary(newsroom)[3]
    with Replica(newsroom) as replica:
        replica.validators = True
        crawl("realtime", replica.url, archive, newsroom, recheck="off")
        stale = replica.answer(story.path)[0].body
        newsroom.retitle(story)
        # A cache keeps the old page, whatever it is asked.
        replica.faults.add(Fault(pattern=story.number, body=stale))
        seen = []
        for minutes in (0, 0, 5, 6, 15, 6):
            newsroom.clock.advance(timedelta(minutes=minutes))
            if len(seen) == 5:
                replica.faults.clear()
            asked = len(replica.requests)
            run = crawl("realtime", replica.url, archive, newsroom, recheck="off")
            assert run.returncode == 0, run.stdout
            seen.append(sum(story.number in target for target, _ in asked_since(replica, asked)))
    # At once, by the next run, after 10 minutes, after 20.
    assert seen == [1, 1, 0, 1, 0, 1]
    assert "1 changed" in run.stdout
    assert Archive(archive).title(Archive(archive).find(StoryAddress.parse(story.path))) == story.expected_title


@pytest.mark.parametrize("lost", [False, True])
def test_a_repeat_is_asked_for_without_conditions_and_survives_a_lost_state(newsroom, archive, lost):
    story = newsroom.cases["two_sections"]
    with Replica(newsroom) as replica:
        replica.validators = True
        crawl("realtime", replica.url, archive, newsroom, recheck="off")
        # Only the listing changes.
        story.repetitions = tuple(replace(one, title="短题") for one in story.repetitions)
        if lost:
            shutil.rmtree(archive / ".zbcrawler")
        statuses = []
        for _ in range(2):
            asked = len(replica.requests)
            crawl("realtime", replica.url, archive, newsroom, recheck="off")
            statuses += [status for target, status in asked_since(replica, asked) if story.number in target]
    assert statuses == [200 if lost else 304, 200]


def test_a_headline_that_the_listing_shortens_costs_a_few_requests_and_not_one_a_run(newsroom, archive):
    story = newsroom.cases["two_sections"]
    counts = []
    with Replica(newsroom) as replica:
        crawl("story", replica.url, archive, newsroom, url=story.url)
        story.repetitions = tuple(replace(one, title="短题") for one in story.repetitions)
        for minutes in (0, 0, 0, 10, 20, 40, 80, 160, 320, 640):
            newsroom.clock.advance(timedelta(minutes=minutes))
            asked = len(replica.requests)
            run = crawl("realtime", replica.url, archive, newsroom, recheck="off")
            assert run.returncode == 0, run.stdout
            counts.append(len([1 for target, _ in asked_since(replica, asked) if story.number in target]))
    assert counts == [1, 1, 0, 1, 1, 1, 1, 0, 0, 0]


def test_a_run_that_was_killed_between_repeats_goes_on_counting(newsroom, archive):
    story = newsroom.cases["two_sections"]
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom, recheck="off")
        story.repetitions = tuple(replace(one, title="短题") for one in story.repetitions)
        replica.faults.add(Fault(pattern=story.number, stall=True))
        asked = len(replica.requests)
        run = start_crawl(replica.url, archive, newsroom, "-a", "recheck=off")
        wait_for(lambda: any(story.number in target for target, _ in asked_since(replica, asked)), run)
        run.kill()
        run.communicate()
        replica.faults.clear()
        counts = []
        for _ in range(3):
            asked = len(replica.requests)
            assert crawl("realtime", replica.url, archive, newsroom, recheck="off").returncode == 0
            counts.append(len([1 for target, _ in asked_since(replica, asked) if story.number in target]))
    assert counts == [1, 1, 0]
