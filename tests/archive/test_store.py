from __future__ import annotations

import json
import os
import stat
import subprocess
import threading
import time

import pytest
from support.programs import needs

from zbcrawler.archive.lock import try_lock
from zbcrawler.archive.store import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError


def address(day="20210610", number="1154260"):
    return StoryAddress.parse(f"/realtime/china/story{day}-{number}")


def test_the_path_follows_from_the_address(tmp_path):
    path = Archive(tmp_path).path_of(address())
    assert path.relative_to(tmp_path).as_posix() == "_posts/2021/06/10/2021-06-10-1154260.md"


@pytest.mark.parametrize("day", ["20210608", "20210609", "20210610", "20210611", "20210612"])
def test_found_under_its_day_and_two_days_beside_it(tmp_path, day):
    archive = Archive(tmp_path)
    archive.write(archive.path_of(address(day)), b"x")
    assert archive.find(address()) == archive.path_of(address(day))


@pytest.mark.parametrize("day", ["20210607", "20210613"])
def test_not_further_away(tmp_path, day):
    archive = Archive(tmp_path)
    archive.write(archive.path_of(address(day)), b"x")
    assert archive.find(address()) is None


def test_a_look_up_costs_five_stats_whatever_the_archive_holds(tmp_path, monkeypatch):
    archive = Archive(tmp_path)
    asked = []
    real = os.stat
    monkeypatch.setattr(os, "stat", lambda path, **options: asked.append(path) or real(path, **options))
    archive.find(address())
    assert len(asked) <= 5


def test_written_once_and_then_only_if_bytes_differ(tmp_path):
    archive = Archive(tmp_path)
    path = archive.path_of(address())
    assert archive.write(path, b"one")
    before = path.stat()
    assert not archive.write(path, b"one")
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino
    assert archive.write(path, b"two")
    assert path.read_bytes() == b"two"
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    archive = Archive(tmp_path)
    path = archive.path_of(address())
    archive.write(path, b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        archive.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert [found.name for found in path.parent.iterdir()] == [path.name]
    assert list((tmp_path / ".zbcrawler" / "tmp").iterdir()) == []


def test_half_written_files_of_dead_runs_are_swept_and_those_of_living_ones_are_not(tmp_path):
    archive = Archive(tmp_path)
    archive.sweep()
    folder = archive.private_folder("tmp")
    (folder / "dead.md.1").write_bytes(b"x")
    with (folder / "living.md.2").open("wb") as file:
        try_lock(file.fileno())
        archive.sweep()
        assert [path.name for path in folder.iterdir()] == ["living.md.2"]
    archive.sweep()
    assert list(folder.iterdir()) == []


def test_a_run_that_sweeps_takes_nothing_from_one_that_writes(tmp_path):
    archive, over = Archive(tmp_path), threading.Event()

    def sweep():
        while not over.is_set():
            Archive(tmp_path).sweep()
            time.sleep(0.001)  # the writer's turn

    sweepers = [threading.Thread(target=sweep) for _ in range(3)]
    for sweeper in sweepers:
        sweeper.start()
    try:
        for number in range(300):
            assert archive.write(tmp_path / f"{number}.md", b"x")
    finally:
        over.set()
        for sweeper in sweepers:
            sweeper.join()
    assert len(list(tmp_path.glob("*.md"))) == 300


def test_what_runs_keep_to_themselves_is_not_in_git(tmp_path):
    needs("git")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    archive = Archive(tmp_path)
    (archive.private_folder() / "state.sqlite").write_bytes(b"x")
    done = subprocess.run(["git", "status", "--porcelain"], cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout == b""


def test_a_new_file_obeys_the_umask(tmp_path):
    archive = Archive(tmp_path)
    archive.write(archive.path_of(address()), b"x")
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(archive.path_of(address()).stat().st_mode) == 0o666 & ~umask


def test_a_broken_file_is_an_error_that_names_it(tmp_path):
    archive = Archive(tmp_path)
    path = archive.path_of(address())
    archive.write(path, b"\xff\xfe")
    with pytest.raises(PostError, match="1154260"):
        archive.read(path)
    assert archive.title(path) is None


def test_notes_of_absent_stories(tmp_path):
    archive = Archive(tmp_path)
    assert not archive.notes.absent.has(address())
    archive.notes.absent.add(address(), "answered 404")
    note = archive.notes.absent.path(address().number)
    assert json.loads(note.read_text()) == {"address": address().url, "reason": "answered 404"}
    before = note.stat().st_mtime_ns
    archive.notes.absent.add(address(), "answered 404")
    assert note.stat().st_mtime_ns == before
    archive.notes.absent.remove(address())
    archive.notes.absent.remove(address())
    assert not archive.notes.absent.has(address())


def test_notes_of_gaps(tmp_path):
    archive = Archive(tmp_path)
    archive.notes.gaps.add("news/sea", 3)
    assert (archive.notes.gaps.find("news/sea"), archive.notes.gaps.find("china")) == (3, None)
    archive.notes.gaps.add("news/sea", 1)
    archive.notes.gaps.add("news/sea", 5)
    assert archive.notes.gaps.find("news/sea") == 1
    next(tmp_path.rglob("news-sea.json")).write_text("broken")
    assert archive.notes.gaps.find("news/sea") == 0
    archive.notes.gaps.remove("news/sea")
    archive.notes.gaps.remove("news/sea")
    assert archive.notes.gaps.find("news/sea") is None


def test_an_archive_takes_the_site_it_began_with_for_its_own(tmp_path):
    archive = Archive(tmp_path)
    archive.notes.halves.add(address(), "mainland")
    archive.write(archive.path_of(address()), b"x")
    archive.notes.halves.add(address(number="7"), "singapore")
    archive.notes.halves.add(address(number="8"), "mainland")
    for reader in (archive, Archive(tmp_path)):
        assert [reader.notes.halves.find(address(number=number)) for number in ("1154260", "7", "8")] == [
            "mainland",
            "singapore",
            "mainland",
        ]
    notes = {path.relative_to(tmp_path).as_posix() for path in (tmp_path / "_data").rglob("*.json")}
    assert notes == {"_data/home.json", "_data/sites/7.json"}


def test_the_note_of_an_attempt_that_wrote_no_story_goes_with_the_next(tmp_path):
    archive = Archive(tmp_path)
    archive.write(archive.path_of(address(number="9")), b"x")
    archive.notes.halves.add(address(), "mainland")  # and the disk is full
    archive.notes.halves.add(address(), "singapore")
    assert archive.notes.halves.find(address()) == "singapore"
    assert not list((tmp_path / "_data" / "sites").iterdir())


def test_an_archive_of_the_singapore_site_needs_no_note(tmp_path):
    archive = Archive(tmp_path)
    archive.notes.halves.add(address(), "singapore")
    assert archive.notes.halves.find(address()) == "singapore"
    assert not (tmp_path / "_data").exists()


def test_a_broken_note_is_named(tmp_path):
    (tmp_path / "_data" / "sites").mkdir(parents=True)
    (tmp_path / "_data" / "sites" / "1154260.json").write_text("[")
    with pytest.raises(PostError, match=r"1154260\.json: not a note"):
        Archive(tmp_path).notes.halves.find(address())


def test_clones_of_both_sites_agree_on_singapores_if_none_may_choose(tmp_path):
    archive = Archive(tmp_path, chooses_home=False)
    archive.notes.halves.add(address(), "mainland")
    assert not (tmp_path / "_data" / "home.json").exists()
    assert Archive(tmp_path).notes.halves.find(address()) == "mainland"
    assert Archive(tmp_path).notes.halves.find(address(number="7")) == "singapore"
