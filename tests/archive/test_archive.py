"""Where posts are found in an archive, and how they are read."""

from __future__ import annotations

import os

import pytest

from zbcrawler.archive.archive import Archive
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


def test_a_broken_file_is_an_error_that_names_it(tmp_path):
    archive = Archive(tmp_path)
    path = archive.path_of(address())
    archive.write(path, b"\xff\xfe")
    with pytest.raises(PostError, match="1154260"):
        archive.read(path)
    assert archive.title(path) is None
