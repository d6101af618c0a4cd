"""An archive that cannot be written: the run prints one line and exits 1, all files stay whole, the next run completes."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from support.crawling import PROJECT, crawl, snapshot, tree
from support.programs import needs

from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.replica.server import Replica


@pytest.fixture
def small_disk(tmp_path):
    """Mount a disk of a few hundred kilobytes and yield its folder."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_one_line_and_the_next_run_completes(newsroom, small_disk, tmp_path):
    archive, whole = small_disk / "archive", tmp_path / "whole"
    archive.mkdir()
    whole.mkdir()
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, whole, newsroom)
        full = crawl("realtime", replica.url, archive, newsroom, "--quiet")
        before = tree(archive)
        again = crawl("realtime", replica.url, archive, newsroom, "--quiet")
        still = {name: data for name, data in tree(archive).items() if name in before}
        subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
        healed = crawl("realtime", replica.url, archive, newsroom, owed="now")
    for run in (full, again):
        assert run.returncode == 1, run.stdout
        assert f"failed: archive {archive}: cannot be written: [Errno 28] No space left on device" in run.stdout or (
            "database or disk is full" in run.stdout
        )
        # The archive fails, not the stories. The run state may fail too.
        assert run.stdout.count("\nfailed: ") <= 2, run.stdout
        assert "/realtime/" not in run.stdout
        assert "Traceback" not in run.stdout
    assert 0 < len(before) < len(tree(whole))
    for name, data in before.items():
        assert data == tree(whole)[name] or "/owed/" in name
    assert still == before
    assert healed.returncode == 0, healed.stdout
    assert tree(archive) == tree(whole)
    assert list((archive / ".zbcrawler" / "tmp").iterdir()) == []


def test_a_read_only_archive_is_one_line_and_nothing_is_asked_for(newsroom, archive):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        newsroom.publish("china")
        before, asked = snapshot(archive), len(replica.requests)
        mounted = ["mount", "--bind", "-o", "ro", str(archive), str(archive)]
        if subprocess.run(mounted, capture_output=True, check=False).returncode:
            pytest.skip("this machine lets nobody mount a disk")
        try:
            run = crawl("realtime", replica.url, archive, newsroom)
        finally:
            subprocess.run(["umount", "--lazy", str(archive)], check=True)
        assert len(replica.requests) == asked
    assert run.returncode == 1
    assert f"failed: archive {archive}: cannot be written: [Errno 30] Read-only file system" in run.stdout
    assert run.stdout.count("\n") == 2
    assert snapshot(archive) == before


def test_without_permission_it_is_one_line(newsroom, archive):
    needs("setpriv")
    archive.chmod(0o555)
    with Replica(newsroom) as replica:
        words = ["crawl", "realtime", "-s", f"SITE_URL={replica.url}", "-s", f"ARCHIVE_DIR={archive}"]
        # root may write everywhere until it drops these capabilities.
        drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
        command = [*drop, sys.executable, "-m", "scrapy", *words]
        run = subprocess.run(command, cwd=PROJECT, capture_output=True, encoding="utf-8", check=False)
        assert replica.requests == []
    assert run.returncode == 1, run.stdout + run.stderr
    assert f"failed: archive {archive}: cannot be written: [Errno 13] Permission denied" in run.stdout
    assert list(archive.iterdir()) == []


def test_a_folder_that_takes_nothing_fails_its_stories_and_no_others(newsroom, archive):
    story = newsroom.listed("china")[0]
    folder = Archive(archive).path_of(StoryAddress.parse(story.path)).parent
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where a folder should be")
    with Replica(newsroom) as replica:
        run = crawl("realtime", replica.url, archive, newsroom)
        folder.unlink()
        healed = crawl("realtime", replica.url, archive, newsroom, owed="now")
    assert run.returncode == 1
    assert re.search("^failed: .*stories: .*Errno", run.stdout, re.MULTILINE)
    assert healed.returncode == 0, healed.stdout
    assert len([name for name in tree(archive) if name.startswith("_posts/")]) == len(newsroom.expected())
