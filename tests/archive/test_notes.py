"""The notes beside the posts: they change only when the facts do."""

from __future__ import annotations

import json

import pytest

from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError


def address(number="1154260"):
    return StoryAddress.parse(f"/realtime/china/story20260131-{number}")


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
    assert (archive.notes.gaps.find("news/sea")[1], archive.notes.gaps.find("china")) == (3, None)
    archive.notes.gaps.add("news/sea", 1)
    archive.notes.gaps.add("news/sea", 5)
    assert archive.notes.gaps.find("news/sea")[1] == 1
    next(tmp_path.rglob("news-sea.json")).write_text("broken")
    assert archive.notes.gaps.find("news/sea")[1] == 0
    archive.notes.gaps.remove("news/sea")
    archive.notes.gaps.remove("news/sea")
    assert archive.notes.gaps.find("news/sea") is None


def test_an_archive_takes_the_site_it_began_with_for_its_own(tmp_path):
    archive = Archive(tmp_path)
    archive.notes.halves.add(address(), "mainland")
    archive.write(archive.path_of(address()), b"x")
    archive.notes.halves.add(address("7"), "singapore")
    archive.notes.halves.add(address("8"), "mainland")
    for reader in (archive, Archive(tmp_path)):
        assert [reader.notes.halves.find(address(number)) for number in ("1154260", "7", "8")] == [
            "mainland",
            "singapore",
            "mainland",
        ]
    notes = {path.relative_to(tmp_path).as_posix() for path in (tmp_path / "_data").rglob("*.json")}
    assert notes == {"_data/home.json", "_data/sites/7.json"}


def test_the_note_of_an_attempt_that_wrote_no_story_goes_with_the_next(tmp_path):
    archive = Archive(tmp_path)
    archive.write(archive.path_of(address("9")), b"x")
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
    assert Archive(tmp_path).notes.halves.find(address("7")) == "singapore"


@pytest.mark.parametrize("text", ["[", '{"site": "moon"}', '{"site": 5}', "[" * 1000, '"singapore"'])
def test_while_the_home_is_not_known_each_story_gets_a_note_of_its_own(tmp_path, text):
    archive = Archive(tmp_path)
    archive.notes.halves.add(address("9"), "mainland")
    archive.write(archive.path_of(address("9")), b"x")
    home = tmp_path / "_data" / "home.json"
    before = home.read_text()
    home.write_text(text)
    archive = Archive(tmp_path)
    archive.notes.halves.add(address("7"), "singapore")
    archive.notes.halves.add(address("8"), "mainland")
    assert [line.partition(": ")[0] for line in archive.notes.broken()] == [str(home)]
    home.write_text(before)
    halves = [Archive(tmp_path).notes.halves.find(address(number)) for number in "987"]
    assert halves == ["mainland", "mainland", "singapore"]


@pytest.mark.parametrize("pages", ["-1", "true", "1e999", "NaN", '"3"', "null", "9" * 5000])
def test_a_broken_note_of_a_gap_counts_as_the_widest_gap(tmp_path, pages):
    gaps = Archive(tmp_path).notes.gaps
    gaps.add("china", 3)
    gaps.add("news/sea", 2)
    gaps.path("china").write_text(f'{{"section": "china", "pages": {pages}}}')
    assert gaps.all() == {"china": 0, "news/sea": 2}
    assert len(gaps.broken()) == 1
    gaps.add("china", 1)
    assert gaps.all() == {"china": 0, "news/sea": 2}
    assert gaps.broken() == []


@pytest.mark.parametrize("reason", ["5", "null", '["x"]', '"\\ud800"'])
def test_a_note_with_a_value_of_another_type_is_named(tmp_path, reason):
    absent = Archive(tmp_path).notes.absent
    absent.add(address(), "answered 404")
    absent.path(address()).write_text(f'{{"address": "{address().url}", "reason": {reason}}}')
    with pytest.raises(PostError, match=r"1154260\.json: not a note"):
        absent.find(address())


@pytest.mark.parametrize("pictures", ['["x"]', '{"x": 5}', "null"])
def test_a_note_of_pictures_with_a_value_of_another_type_is_named(tmp_path, pictures):
    notes = Archive(tmp_path).notes.pictures
    notes.add(address(), {"https://x/1": "pictures/1.jpg"})
    assert notes.find(address())
    notes.path(address()).write_text(f'{{"address": "{address().url}", "pictures": {pictures}}}')
    with pytest.raises(PostError, match=r"1154260\.json: not a note"):
        notes.find(address())
