"""The file of the run state under damage: it is begun anew, and only a lock or a permission is an error."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from support.crawling import MOMENT

from zbcrawler.archive import state_file
from zbcrawler.archive.run_state import ListingRecord, PageRecord, PlannedStory, RunState
from zbcrawler.common.addresses import StoryAddress

KIND = "realtime"
LISTING = "singapore/china"


def address(number):
    return StoryAddress.parse(f"/realtime/china/story20260131-{number}")


def planned(number):
    story = address(number)
    return PlannedStory(story.key_in(()), KIND, story.path, "china", known=False)


@pytest.fixture
def path(tmp_path):
    return tmp_path / ".zbcrawler" / "state.sqlite"


@pytest.fixture
def whole(path):
    """Return the bytes of a file with rows in every table."""
    state = RunState(path, KIND)
    for number in range(40):
        state.add_listing_record(address(number), ListingRecord(LISTING, "标题" * 9, MOMENT), MOMENT)
        state.add_page_record(address(number), PageRecord(f"https://x/{number}", "etag", "", MOMENT))
        state.note_retry(address(number), 2, MOMENT)
    state.wait_until = MOMENT
    state.note_fact("untold gap of section china", "words")
    state.plan([planned(number) for number in range(20)])
    return path.read_bytes()


def use(path):
    """Use the state as a run does; the values of a damaged file need not be right, but the next run's are whole."""
    state = RunState(path, KIND)
    for story in state.planned_stories():
        assert all(isinstance(text, str) for text in story[:4])
    for number in range(40):
        record = state.listing_record(address(number), LISTING)
        assert record is None or (record.title + record.listing and (record.time or MOMENT) - MOMENT is not None)
        page = state.page_record(address(number))
        assert page is None or (page.url + page.etag + page.modified) + page.time.astimezone().isoformat()
        tries, due = state.retry(address(number))
        assert due is None or (due - MOMENT).days + tries is not None
    assert state.wait_until is None or state.wait_until.tzinfo
    assert isinstance(state.fact("untold gap of section china"), str)
    was_broken = state.was_broken
    state.is_committed = not state.is_committed
    state.plan([planned(99)])
    state.add_listing_record(address(99), ListingRecord(LISTING, "标题", None), MOMENT + timedelta(days=60))
    state.note_retry(address(0), 3, MOMENT)
    state.remove_planned(address(0))
    state.save(MOMENT + timedelta(days=1))
    later = RunState(path, KIND)
    # What cannot be written is begun anew with the last changes.
    assert address(99).key_in(()) in {story.key for story in later.planned_stories()} or was_broken < state.was_broken
    assert later.retry(address(0)).tries == 3
    assert not later.was_broken
    return state.was_broken


def test_no_wrong_byte_at_any_place_is_an_error(path, whole):
    rng = random.Random(13)
    offsets = [*range(200), *rng.sample(range(200, len(whole)), 250)]
    replaced = 0
    for offset in offsets:
        damaged = bytearray(whole)
        damaged[offset] ^= rng.choice([1 << rng.randrange(8), 0xFF])
        path.write_bytes(damaged)
        replaced += use(path)
    assert replaced > 20


def test_no_length_is_an_error(path, whole):
    rng = random.Random(14)
    for length in [0, 1, 15, 16, 99, 100, 101, *range(512, len(whole), 4096), *rng.sample(range(len(whole)), 40)]:
        path.write_bytes(whole[:length])
        use(path)
        path.write_bytes(whole[:length].ljust(len(whole), b"\0"))
        use(path)


@pytest.mark.parametrize("data", [b"", b"\0" * 4096, "文字\n".encode() * 99, b"SQLite format 3\0" * 999], ids=len)
def test_other_content_is_begun_anew(path, data):
    path.parent.mkdir()
    path.write_bytes(data)
    use(path)


VALUES = ["null", "'词'", "x'ff00'", "''", "9223372036854775807", "-1", "1e999", "-1e999", "1e15", "253402300800"]
COLUMNS = {
    "planned": "number kind path section known",
    "listed": "number listing title time seen",
    "pages": "number url etag modified fetched",
    "retries": "number tries due",
    "facts": "name value",
}


@pytest.mark.parametrize("table", COLUMNS)
def test_a_value_of_another_type_is_no_error(path, whole, table):
    for column in COLUMNS[table].split():
        for value in [*VALUES, "cast(x'ff' as text)"]:
            path.write_bytes(whole)
            with closing(sqlite3.connect(path)) as file:
                file.execute(f"create table copy as select * from {table}")  # noqa: S608
                file.execute(f"drop table {table}")
                # Without a type and a key, as any tool may have left it.
                file.execute(f"create table {table} as select * from copy")  # noqa: S608
                file.execute(f"update {table} set {column} = {value} where rowid % 3 = 1")  # noqa: S608
                file.commit()
            use(path)


@pytest.mark.parametrize(
    "sql",
    [
        *(f"drop table {table}" for table in COLUMNS),
        *(f"alter table {table} drop column {names.split()[-1]}" for table, names in COLUMNS.items()),
        *(f"alter table {table} add column more" for table in COLUMNS),
        *(f"alter table {table} rename to other" for table in COLUMNS),
        "create table more (x)",
        "create trigger t before insert on retries begin select raise(abort, 'no'); end",
        "create unique index i on facts (value) where name <> ''",
        "pragma user_version = 0",
        "pragma user_version = 2",
        "update facts set value = 'soon' where name like 'the site%'",
        "update facts set value = '2026-01-31T12:00:00' where name like 'the site%'",
        "update facts set value = '9999-12-31T23:59:59-12:00' where name like 'the site%'",
        "pragma journal_mode = wal",
    ],
)
def test_no_other_shape_of_the_tables_is_an_error(path, whole, sql):
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        if sql.startswith("alter table") and "drop column" in sql and "name value" not in sql:
            table = sql.split()[2]
            file.execute(f"create table copy as select * from {table}")  # noqa: S608
            file.execute(f"drop table {table}")
            file.execute(f"alter table copy rename to {table}")
        file.execute(sql)
    use(path)


def test_a_file_of_another_program_is_begun_anew(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as file:
        file.executescript("create table moz_places (id); create table planned (x); pragma user_version = 1;")
    assert use(path)


@pytest.mark.parametrize("beside", ["-journal", "-wal", "-shm"])
def test_nothing_beside_the_file_is_an_error(path, whole, beside, tmp_path):
    part = path.with_name(path.name + beside)
    for data in (b"", b"\0" * 512, b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\xff" * 2000, whole):
        path.write_bytes(whole)
        part.write_bytes(data)
        use(path)
        part.unlink(missing_ok=True)
    path.write_bytes(whole)
    part.mkdir()
    use(path)


@pytest.mark.parametrize("kind", ["folder", "full folder", "pipe", "link to nothing", "link to a folder", "circle"])
def test_what_is_no_file_makes_way(path, kind):
    path.parent.mkdir()
    if "folder" in kind:
        folder = path if "link" not in kind else path.with_name("elsewhere")
        folder.mkdir()
        if kind == "full folder":
            (folder / "kept").write_text("x")
    if kind == "pipe":
        os.mkfifo(path)
    elif "link" in kind:
        path.symlink_to("elsewhere")
    elif kind == "circle":
        path.symlink_to(path.name)
    assert use(path)
    assert path.is_file()
    if kind == "full folder":
        assert (
            path.with_name(
                "state.sqlite.broken",
            )
            .joinpath("kept")
            .read_text()
            == "x"
        )


def test_of_a_broken_file_what_can_be_read_of_the_journal_stays(path, whole):
    with closing(sqlite3.connect(path)) as file:
        file.execute("drop table pages")
    state = RunState(path, KIND)
    assert [story.key for story in state.planned_stories()] == [planned(number).key for number in range(20)]
    assert state.was_broken
    state.save()
    assert RunState(path, KIND).planned_stories() == state.planned_stories()


def test_a_locked_file_is_an_error_and_stays_as_it_is(path, whole, monkeypatch):
    monkeypatch.setattr(state_file, "_TIMEOUT_SECONDS", 0.05)
    state = RunState(path, KIND)
    assert state.planned_stories()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin exclusive")
        late = RunState(path, KIND)
        with pytest.raises(OSError, match=r"state\.sqlite: database is locked"):
            late.planned_stories()
        assert late.planned_stories() == []  # the error comes once
        with pytest.raises(OSError, match=r"state\.sqlite: database is locked"):
            state.plan([planned(50)])
        other.execute("rollback")
    assert path.read_bytes() == whole
    state.save()
    assert len(RunState(path, KIND).planned_stories()) == 21


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
@pytest.mark.parametrize("forbidden", ["file", "folder", "reading"])
def test_a_permission_is_an_error_and_the_file_stays_as_it_is(path, whole, forbidden):
    state = RunState(path, KIND)
    assert state.planned_stories()
    place = path.parent if forbidden == "folder" else path
    place.chmod({"file": 0o400, "folder": 0o500, "reading": 0}[forbidden])
    try:
        with pytest.raises(OSError, match=r"\.zbcrawler"):
            (RunState(path, KIND) if forbidden == "reading" else state).plan([planned(50)])
    finally:
        path.parent.chmod(0o700)
        path.chmod(0o600)
    assert path.read_bytes() == whole
