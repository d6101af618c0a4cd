"""The state of the runs, and the file that it is kept in."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from support.crawling import MOMENT

from zbcrawler.archive.run_state import KEPT_FOR, ListingRecord, PageRecord, PlannedStory, Retry, RunState
from zbcrawler.common.addresses import StoryAddress

# As version 0 of the project wrote it, before these classes.
OLD_FILE = f"""
create table planned (number text, kind text, path text, section text, known int, primary key (number, kind));
create table listed (number text, listing text, title text, time real, seen real, primary key (number, listing));
create table pages (number text primary key, url text, etag text, modified text, fetched real);
create table retries (number text primary key, tries int, due real);
create table facts (name text primary key, value text);
insert into planned values ('1', 'realtime', '/realtime/china/story20260131-1', 'china', 0), ('2', 'backfill', '', '', 1);
insert into listed values ('3', 'singapore/china', '标题', null, {MOMENT.timestamp()});
insert into pages values ('4', 'https://x/4', 'e', 'm', {MOMENT.timestamp()});
insert into retries values ('5', 2, {MOMENT.timestamp()});
insert into facts values ('committed', 'yes'), ('the site is left alone until', '2026-01-31T12:00:00+08:00'),
    ('untold gap of section china', 'words');
pragma user_version = 1;
"""  # noqa: S608


def story(number, day="20260131"):
    return StoryAddress.parse(f"/realtime/china/story{day}-{number}")


@pytest.fixture
def path(tmp_path):
    return tmp_path / ".zbcrawler" / "state.sqlite"


def test_a_file_of_an_older_version_of_the_program_is_read(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as file:
        file.executescript(OLD_FILE)
    state = RunState(path, "realtime")
    assert state.planned_stories() == [
        PlannedStory("1", "realtime", "/realtime/china/story20260131-1", "china", known=False)
    ]
    assert state.listing_record(story(3), "singapore/china") == ListingRecord("singapore/china", "标题", None)
    assert state.page_record(story(4)) == PageRecord("https://x/4", "e", "m", MOMENT)
    assert state.retry(story(5)) == Retry(2, MOMENT)
    assert (state.is_committed, state.wait_until, state.fact("untold gap of section china")) == (True, MOMENT, "words")
    assert not state.was_broken
    # The first change upgrades the file, and loses nothing.
    page = PageRecord("https://x/6", "", "", MOMENT, MOMENT - timedelta(hours=1))
    state.add_page_record(story(6), page)
    state.save()
    later = RunState(path, "realtime")
    assert later.page_records() == {"4": PageRecord("https://x/4", "e", "m", MOMENT), story(6).key_in(()): page}
    assert (later.retry(story(5)), later.was_broken) == (Retry(2, MOMENT), False)


def test_what_is_saved_is_read_again(path):
    state = RunState(path, "realtime")
    state.plan([PlannedStory(story(one).key_in(()), "realtime", "/x", "china", known=True) for one in "12"])
    state.add_listing_record(story(3), ListingRecord("singapore/china", "标题", MOMENT), MOMENT)
    state.add_page_record(story(4), PageRecord("https://x/4", "e", "m", MOMENT))
    state.note_retry(story(5), 2, MOMENT)
    state.note_retry(story(6), 1, MOMENT)
    state.forget_retry(story(6))
    state.remove_planned(story(1))
    state.is_committed = True
    state.wait_until = MOMENT
    state.note_fact("untold gap of section china", "words")
    state.save()
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("select name, value from facts order by name").fetchall() == [
            ("committed", "yes"),
            ("the site is left alone until", MOMENT.isoformat()),
            ("untold gap of section china", "words"),
        ]
    later = RunState(path, "realtime")
    assert [one.key for one in later.planned_stories()] == ["2026-01-31-2"]
    assert later.listing_record(story(3), "singapore/china").time == MOMENT
    assert later.page_record(story(4)).url == "https://x/4"
    assert (later.retry(story(5)), later.retry(story(6))) == (Retry(2, MOMENT), Retry())
    assert (later.is_committed, later.wait_until, later.fact("untold gap of section china")) == (True, MOMENT, "words")
    later.wait_until, later.is_committed = None, False
    later.note_fact("untold gap of section china", "")
    later.save(MOMENT + KEPT_FOR + timedelta(seconds=1))
    last = RunState(path, "backfill")
    assert (last.is_committed, last.wait_until, last.fact("untold gap of section china")) == (False, None, "")
    assert (last.planned_stories(), last.page_record(story(4)), last.retry(story(5))) == ([], None, Retry())


def test_a_plan_takes_back_that_all_is_committed(path):
    state = RunState(path, "realtime")
    state.is_committed = True
    state.plan([PlannedStory("1", "realtime", "/x", "china", known=False)])
    assert not RunState(path).is_committed


def test_a_broken_file_is_begun_anew(path):
    path.parent.mkdir()
    path.write_bytes(b"SQLite format 3\0" + os.urandom(4096))
    state = RunState(path, "realtime")
    assert state.planned_stories() == []
    assert state.was_broken
    assert not path.exists()


def test_a_dry_run_writes_nothing(path):
    state = RunState(path, dry_run=True)
    state.plan([PlannedStory("1", "", "/x", "china", known=False)])
    assert state.is_planned(story(1))
    assert not path.parent.exists()


def test_a_number_that_is_used_again_has_a_state_of_its_own(path):
    state = RunState(path, "realtime")
    first, near, again = story(1), story(1, "20260201"), story(1, "20261101")
    state.plan([PlannedStory(one.key_in(()), "realtime", one.path, "china", known=False) for one in (first, again)])
    state.add_listing_record(first, ListingRecord("singapore/china", "标题", None), MOMENT)
    state.add_page_record(first, PageRecord("https://x/1", "e", "m", MOMENT))
    state.note_retry(first, 3, MOMENT)
    state.remove_planned(near)
    state.save()
    later = RunState(path, "realtime")
    assert [one.path for one in later.planned_stories()] == [again.path]
    for one in (first, near):
        assert later.listing_record(one, "singapore/china")
        assert later.page_record(one)
        assert later.retry(one).tries == 3
    assert (later.listing_record(again, "singapore/china"), later.page_record(again)) == (None, None)
    assert later.retry(again) == Retry()
