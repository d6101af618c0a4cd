"""Sections that the site does not have: mistyped, or gone."""

from __future__ import annotations

import sys

import pytest
from support.crawling import crawl, scrapy
from support.repositories import git

from zbcrawler.replica.server import Replica

KNOWN = "zbcrawler knows china, world, singapore, finance"


def everything(folder):
    """Return all files of an archive and their times, without what only paces requests."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pace")
    return {path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@pytest.mark.parametrize("words", [(), ("--quiet",)])
def test_a_run_of_sections_that_nobody_knows_is_wrong_usage_and_leaves_no_trace(newsroom, archive, tmp_path, words):
    alarm = tmp_path / "alarm"
    script = f"{sys.executable} -c \"open('{alarm}', 'w')\""
    git(archive, "init", "--quiet")
    settings = {"ARCHIVE_COMMIT": 1, "ALARM_COMMAND": script}
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom, settings=settings)
        newsroom.publish("china")
        before, asked = everything(archive), len(replica.requests)
        wrong = crawl(
            "realtime", replica.url, archive, newsroom, "-L", "ERROR", *words, settings=settings, sections="chinna,wrld"
        )
        targets = [target for _, target, _ in replica.requests[asked:]]
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == f"scrapy crawl: sections=chinna,wrld: the site has no such section; {KNOWN}\n"
    assert sorted(targets) == ["/realtime/chinna", "/realtime/wrld", "/robots.txt"]
    assert everything(archive) == before
    assert not alarm.exists()


def test_a_new_archive_does_not_count_it_as_a_run(newsroom, archive):
    with Replica(newsroom) as replica:
        assert crawl("realtime", replica.url, archive, newsroom, sections="chinna").returncode == 2
    assert "none yet on this machine" in scrapy("status", archive).stdout


@pytest.mark.parametrize("sections", ["finance", "finance,chinna", "china,chinna"])
def test_a_known_section_that_the_site_lacks_needs_a_person(newsroom, archive, sections):
    with Replica(newsroom) as replica:
        run = crawl("realtime", replica.url, archive, newsroom, sections=sections)
    assert run.returncode == 1
    lacking = [name for name in sections.split(",") if name != "china"]
    assert all(f"/realtime/{name}: answered 404" in run.stdout for name in lacking)
    assert ("china: " in run.stdout) == ("china" in sections)
