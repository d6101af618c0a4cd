"""Posts of another archive of ours, whose pictures lie beside them there."""

from __future__ import annotations

from datetime import datetime, timezone

from support.crawling import scrapy

from zbcrawler.archive import posts
from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.items import Story

ADDRESS = StoryAddress.parse("/realtime/china/story20260131-5")
ORIGIN = "https://static.zaobao.com/s3fs-public/2026-01/a.jpg?x=1&itok=2"


def other_archive(folder):
    archive = Archive(folder)
    moment = datetime(2026, 1, 31, 1, tzinfo=timezone.utc)
    body = ['<figure><img src="../../../../pictures/ab/abc.jpg" alt=""></figure>', "<p>字</p>"]
    archive.write(archive.path_of(ADDRESS), posts.render(Story(ADDRESS, "标题", moment, body, moment)).encode())
    return archive


def test_pictures_are_linked_where_they_came_from(tmp_path):
    other = other_archive(tmp_path / "other")
    (tmp_path / "own").mkdir()
    other.notes.pictures.add(ADDRESS, {ORIGIN: "pictures/ab/abc.jpg"})
    run = scrapy("import", tmp_path / "other", "-s", f"ARCHIVE_DIR={tmp_path / 'own'}")
    assert run.returncode == 0, run.stdout + run.stderr
    own = Archive(tmp_path / "own")
    assert (
        own.read(own.path_of(ADDRESS)).body[0] == f'<figure><img src="{ORIGIN.replace("&", "&amp;")}" alt=""></figure>'
    )


def test_without_the_note_the_post_is_named_and_not_imported(tmp_path):
    other_archive(tmp_path / "other")
    (tmp_path / "own").mkdir()
    run = scrapy("import", tmp_path / "other", "-s", f"ARCHIVE_DIR={tmp_path / 'own'}")
    assert run.returncode == 1
    assert "2026-01-31-5.md: body: its pictures are kept in another archive" in run.stdout
    assert not (tmp_path / "own" / "_posts").exists()
