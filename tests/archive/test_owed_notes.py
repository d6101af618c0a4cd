"""The notes about owed stories: they change only when the facts do."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from support.crawling import MOMENT, tree

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.note_files import write_note
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.times import SINGAPORE


def address(number="1154260"):
    return StoryAddress.parse(f"/realtime/china/story20260131-{number}")


@pytest.fixture
def owed(tmp_path):
    return Archive(tmp_path).notes.owed


def test_a_note_says_what_is_owed_and_why(owed, tmp_path):
    owed.add(address(), "china", f"http://127.0.0.1:80{address().path}: answered 503", MOMENT)
    note = json.loads(tree(tmp_path)["_data/owed/1154260.json"])
    assert note == {
        "address": address().url,
        "section": "china",
        "reason": "answered 503",
        "since": "2026-01-31T12:00:00+08:00",
    }
    assert owed.find(address()) == owed.all()[address().key_in(())]
    assert owed.find(address("2")) is None


@pytest.mark.parametrize("reason", ["answered 500", "answered 429", "no answer: DNS lookup failed"])
def test_a_site_in_trouble_is_one_fact(owed, tmp_path, reason):
    owed.add(address(), "china", "answered 503", MOMENT)
    before = tree(tmp_path)
    owed.add(address(), "china", reason, MOMENT + timedelta(hours=1))
    assert tree(tmp_path) == before


def test_another_reason_is_another_fact_and_the_day_it_began_stays(owed):
    owed.add(address(), "china", "answered 503", MOMENT)
    owed.add(address(), "china", "the react page has no title", MOMENT + timedelta(hours=1))
    debt = owed.find(address())
    assert (debt.reason, debt.since) == ("the react page has no title", MOMENT)


def test_gone_is_what_has_been_absent_for_a_day(owed):
    owed.add(address(), "china", "answered 503", MOMENT)
    absent_from = MOMENT + timedelta(hours=5)
    owed.add(address(), "china", "answered 404", absent_from, absent=True)
    debt = owed.find(address())
    assert debt.since == absent_from
    assert not debt.is_gone(absent_from + timedelta(hours=23, minutes=59))
    assert debt.is_gone(absent_from + timedelta(days=1))


def test_settled_debts_leave_nothing(owed, tmp_path):
    owed.add(address("1"), "china", "answered 503", MOMENT)
    owed.add(address("2"), "news/sea", "answered 503", MOMENT)
    owed.remove(address("1"))
    owed.remove(address("1"))
    assert [debt.address for debt in owed.all().values()] == [address("2")]


def test_a_note_of_an_older_version_is_read(owed):
    write_note(owed.folder, owed.path("7"), {"address": address("7").url, "section": "china"})
    debt = owed.find(address("7"))
    assert (debt.reason, debt.since, debt.absent) == ("", datetime(2026, 1, 31, tzinfo=SINGAPORE), False)


@pytest.mark.parametrize("text", ["[]", "", '{"address": "x", "section": "china"}', '{"address": 5}'])
def test_a_broken_note_is_an_error_that_names_it(owed, text):
    owed.add(address(), "china", "answered 503", MOMENT)
    note = owed.path("1154260")
    note.write_text(text)
    with pytest.raises(PostError, match=r"1154260\.json"):
        owed.all()
    # A fresh note takes its place.
    owed.add(address(), "china", "answered 503", MOMENT)
    assert owed.all()
