"""Edits are archived, and unchanged stories cost little."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from support.crawling import crawl, snapshot, tree

from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
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
            crawl("realtime", replica.url, archive, newsroom, sections="china", recheck="2d")
            for target, _ in asked_since(replica, asked):
                for number in seen:
                    seen[number] += number in target
    assert seen[young.number] >= 2
    assert seen[old.number] == 0


def test_stories_that_left_the_listing_are_looked_at_too(newsroom, archive):
    gone, withdrawn = ordinary(newsroom)[4:6]
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        before = tree(archive)
        gone.listed = False
        newsroom.edit(gone)
        newsroom.withdraw(withdrawn, listed=False)
        for hours in (1, 26, 1):
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


def test_a_headline_that_the_listing_shortens_costs_one_request_and_not_one_a_run(newsroom, archive):
    story = newsroom.cases["two_sections"]
    with Replica(newsroom) as replica:
        crawl("story", replica.url, archive, newsroom, url=story.url)
        for expected in (1, 0):
            asked = len(replica.requests)
            story.repetitions = tuple(replace(one, title="短题") for one in story.repetitions)
            crawl("realtime", replica.url, archive, newsroom)
            assert len([1 for target, _ in asked_since(replica, asked) if story.number in target]) == expected
