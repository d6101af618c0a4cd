"""The notes about owed stories: they change only when the facts do."""

from __future__ import annotations

import json
import os
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
    owed.add(address(), "china", "answered 404", absent_from, "absent")
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


def note_with(**fields):
    return {"address": address().url, "section": "china", "reason": "answered 503", **fields}


TEXTS = [
    "",
    "[]",
    '{"address": "x", "section": "china"}',
    '{"address": 5}',
    "[" * 1000 + "]" * 1000,
    '{"a":' * 1000 + "1" + "}" * 1000,
    f'{{"a": {"9" * 5000}}}',
    "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> x\n",
    "\ufeff{}",
    "x" * 2_000_000,
    *(
        json.dumps(note_with(**fields))
        for fields in (
            {"address": address("7").url},
            {"address": address().url + "\ud800"},
            {"reason": "\ud800"},
            {"reason": None},
            {"reason": ["x"]},
            {"section": 5},
            {"absent": "no"},
            {"since": 5},
            {"since": "soon"},
            {"since": "2026-01-31"},
            {"since": "0001-01-01T00:00:00+14:00"},
            {"since": "9999-12-31T23:59:59-12:00"},
            {"address": "https://www.zaobao.com.sg/realtime/china/story99991231-1154260"},
            {"more": "x" * 1_000_000},
        )
    ),
]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:40] + text[-20:])
def test_a_broken_note_is_named_and_costs_no_other(owed, text):
    owed.add(address(), "china", "answered 503", MOMENT)
    owed.add(address("2"), "china", "answered 503", MOMENT)
    note = owed.path("1154260")
    note.write_bytes(text.encode("utf-8"))
    with pytest.raises(PostError, match=r"1154260\.json: not a note of zbcrawler \(.{3,220}\); restore or remove it"):
        owed.find(address())
    assert [debt.address for debt in owed.all().values()] == [address("2")]
    assert len(owed.broken()) == 1
    assert "\n" not in owed.broken()[0]
    # A fresh note takes its place.
    owed.add(address(), "china", "answered 503", MOMENT)
    assert len(owed.all()) == 2
    assert owed.broken() == []


@pytest.mark.parametrize("kind", ["invalid bytes", "pipe", "link to nothing", "circle", "folder"])
def test_what_is_no_readable_file_is_named_and_costs_no_other(owed, kind):
    owed.add(address("2"), "china", "answered 503", MOMENT)
    note = owed.path("1154260")
    {
        "invalid bytes": lambda: note.write_bytes(b'{"address": "\xff"}'),
        "pipe": lambda: os.mkfifo(note),
        "link to nothing": lambda: note.symlink_to("nowhere"),
        "circle": lambda: note.symlink_to(note.name),
        "folder": note.mkdir,
    }[kind]()
    assert [debt.address for debt in owed.all().values()] == [address("2")]
    assert [line.partition(": ")[0] for line in owed.broken()] == [str(note)]
    if kind == "folder":
        with pytest.raises(PostError, match="a folder, not a note; move it away"):
            owed.add(address(), "china", "answered 503", MOMENT)
        with pytest.raises(PostError, match="a folder, not a note; move it away"):
            owed.remove(address())
    else:
        owed.add(address(), "china", "answered 503", MOMENT)
        assert len(owed.all()) == 2
        owed.remove(address())
        assert not os.path.lexists(note)


def test_many_broken_notes_are_few_lines(owed, tmp_path):
    for number in range(50):
        owed.add(address(str(number)), "china", "answered 503", MOMENT)
        owed.path(str(number)).write_text("{")
    lines = Archive(tmp_path).notes.broken()
    assert len(lines) == 21
    assert lines[-1] == "30 more notes cannot be read; scrapy verify names them"


@pytest.mark.parametrize(("off", "gone"), [(-25, True), (-23, False), (23, False), (24 * 400, True)])
def test_a_story_is_absent_for_a_day_and_not_until_a_wrong_clock_is_right(owed, off, gone):
    owed.add(address(), "china", "answered 404", MOMENT + timedelta(hours=off), "absent")
    assert owed.find(address()).is_gone(MOMENT) is gone
