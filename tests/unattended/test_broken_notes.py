"""Runs and commands on an archive with broken notes: each is named, and costs no more than itself."""

from __future__ import annotations

import os
import subprocess

from support.crawling import MOMENT, crawl, scrapy

from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.replica.server import Replica


def break_notes(archive):
    """Return the paths of broken notes of every kind that runs read."""
    owed = archive / "_data" / "owed"
    owed.mkdir(parents=True, exist_ok=True)
    (owed / "1.json").write_text("<<<<<<< HEAD")
    (owed / "2.json").write_text("[" * 1000)
    (owed / "3.json").mkdir()
    (owed / "4.json").symlink_to("nowhere")
    (owed / "5.json").write_text(
        '{"address": "https://www.zaobao.com.sg/realtime/china/story20260131-6", "section": "china"}'
    )
    os.mkfifo(owed / "6.json")
    (archive / "_data" / "gaps").mkdir(exist_ok=True)
    (archive / "_data" / "gaps" / "world.json").write_text('{"section": "world", "pages": "many"}')
    (archive / "_data" / "home.json").write_text("{")
    return [
        *sorted(owed.glob("[1-6].json")),
        archive / "_data" / "gaps" / "world.json",
        archive / "_data" / "home.json",
    ]


def test_a_run_names_each_broken_note_and_does_everything_else(newsroom, archive):
    subprocess.run(["git", "init", "--quiet", str(archive)], check=True)
    with Replica(newsroom) as replica:
        settings = {"ARCHIVE_COMMIT": 1}
        assert crawl("realtime", replica.url, archive, newsroom, settings=settings).returncode == 0
        owed = Archive(archive).notes.owed
        known = sorted(archive.glob("_posts/**/*.md"))[-1]
        address = StoryAddress.parse(Archive(archive).read(known).address.url)
        owed.add(address, "china", "answered 503", MOMENT)
        known.unlink()
        broken = break_notes(archive)
        newsroom.publish("china")
        run = crawl("realtime", replica.url, archive, newsroom, settings=settings, owed="now")
        assert run.returncode == 1, run.stdout
        assert "Traceback" not in run.stdout + run.stderr
        for path in broken:
            assert run.stdout.count(f"failed: notes: {path}: ") == 1, (path, run.stdout)
        assert run.stdout.count("\nfailed: ") == len(broken), run.stdout
        assert "china: 2 new" in run.stdout
        assert "committed: new: " in run.stdout
        assert not owed.has(address)
        gone = {path for path in broken if not os.path.lexists(path)}
        assert {path.name for path in gone} <= {"world.json"}  # the run read behind the widest gap

    listed = scrapy("owed", "-s", f"ARCHIVE_DIR={archive}")
    checked = scrapy("verify", archive)
    left = [path for path in broken if path not in gone]
    assert (listed.returncode, checked.returncode) == (1, 1)
    for path in left:
        assert f"failed: {path}: " in listed.stdout, (path, listed.stdout)
        assert f"{path.relative_to(archive)}: note: " in checked.stdout, (path, checked.stdout)
    assert "fault of zbcrawler" not in checked.stdout
    forgotten = scrapy("owed", "--forget", "1", "-s", f"ARCHIVE_DIR={archive}")
    assert forgotten.stdout == "forgotten: 1, whose note was broken\n"
    assert not (archive / "_data" / "owed" / "1.json").exists()
    assert scrapy("site", archive, archive.parent / "site").returncode == 0
