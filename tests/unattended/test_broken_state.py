"""Runs whose private files are broken: they are begun anew, with a note, and no story is lost."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from contextlib import closing

import pytest
from support.crawling import crawl, start_crawl, tree, wait_for

from zbcrawler.replica.server import Replica

NOTE = "note: state of the runs: "
REPLACED = "broken, and was replaced; runs send more requests, but no story is lost"


def flip_bits(path):
    rng = random.Random(16)
    data = bytearray(path.read_bytes())
    for offset in rng.sample(range(len(data)), 200):
        data[offset] ^= 1 << rng.randrange(8)
    path.write_bytes(data)


def cut(path):
    path.write_bytes(path.read_bytes()[:5000])


def empty(path):
    path.write_bytes(b"")


def make_text(path):
    path.write_text("文字\n" * 99, "utf-8")


def make_folder(path):
    path.unlink()
    path.mkdir()
    (path / "kept").write_text("x")


def make_pipe(path):
    path.unlink()
    os.mkfifo(path)


def link_to_nothing(path):
    path.unlink()
    path.symlink_to("/nowhere/state.sqlite")


def damage_journal(path):
    path.with_name("state.sqlite-journal").mkdir()


def execute(sql):
    def damage(path):
        with closing(sqlite3.connect(path, isolation_level=None)) as file:
            file.execute(sql)

    damage.__name__ = sql
    return damage


DAMAGES = [
    flip_bits,
    cut,
    empty,
    make_text,
    make_folder,
    make_pipe,
    link_to_nothing,
    damage_journal,
    execute("drop table listed"),
    execute("update listed set title = null"),
    execute("update pages set fetched = 9e18"),
    execute("insert into retries values ('3120268', 'many', 'tomorrow')"),
    execute("insert or replace into facts values ('the site is left alone until', 'soon')"),
    execute("create trigger no before insert on planned begin select raise(abort, 'no'); end"),
]


def test_a_broken_state_is_begun_anew_with_a_note_and_no_story_is_lost(newsroom, archive, tmp_path):
    state, whole = archive / ".zbcrawler" / "state.sqlite", tmp_path / "whole"
    whole.mkdir()
    with Replica(newsroom) as replica:
        assert crawl("realtime", replica.url, archive, newsroom).returncode == 0
        for damage in DAMAGES:
            newsroom.publish("china")
            damage(state)
            run = crawl("realtime", replica.url, archive, newsroom)
            assert run.returncode == 0, (damage.__name__, run.stdout, run.stderr)
            assert "china: 1 new" in run.stdout, (damage.__name__, run.stdout)
            # SQLite takes an empty file for a new one.
            is_noted = f"{NOTE}{state}: {REPLACED}" in run.stdout
            assert is_noted or damage in (empty, link_to_nothing), (damage.__name__, run.stdout)
            run = crawl("realtime", replica.url, archive, newsroom)
            assert (run.returncode, NOTE in run.stdout) == (0, False), (damage.__name__, run.stdout)
            shutil.rmtree(state.with_name("state.sqlite.broken"), ignore_errors=True)
        crawl("realtime", replica.url, whole, newsroom)
    assert tree(archive).items() >= tree(whole).items()


@pytest.mark.parametrize("damage", [flip_bits, make_text, execute("drop table planned")])
def test_stories_that_a_killed_run_had_planned_are_found_again_if_its_journal_is_broken(
    newsroom, archive, tmp_path, damage
):
    whole = tmp_path / "whole"
    whole.mkdir()
    with Replica(newsroom) as replica:
        process = start_crawl(replica.url, archive, newsroom, CONCURRENT_REQUESTS=1)
        wait_for(lambda: len(tree(archive)) > 20, process)
        process.kill()
        process.communicate()
        assert len(tree(archive)) < 80
        damage(archive / ".zbcrawler" / "state.sqlite")
        run = crawl("realtime", replica.url, archive, newsroom)
        assert run.returncode == 0, run.stdout
        assert REPLACED in run.stdout
        crawl("realtime", replica.url, whole, newsroom)
    assert tree(archive) == tree(whole)


@pytest.mark.parametrize("name", ["realtime.lock", "git.lock", "site.pace", ".gitignore", "tmp", ""])
@pytest.mark.parametrize("kind", ["folder", "text", "pipe", "link"])
def test_no_other_private_file_stops_a_run(newsroom, archive, name, kind):
    place = archive / ".zbcrawler" / name
    if name:
        place.parent.mkdir()
    if kind == "folder":
        place.mkdir()
        (place / "kept").write_text("x")
    elif kind == "text":
        place.write_text("文字", "utf-8")
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to("/nowhere/file")
    with Replica(newsroom) as replica:
        settings = {"DOWNLOAD_DELAY": 0.001}
        run = crawl("realtime", replica.url, archive, newsroom, settings=settings, sections="china")
    assert run.returncode == 0, (run.stdout, run.stderr)
    assert "china: " in run.stdout
    assert list(archive.glob("_posts/**/*.md"))


@pytest.mark.parametrize(
    "damage",
    [
        flip_bits,
        cut,
        make_text,
        make_folder,
        link_to_nothing,
        execute("drop table files"),
        execute("alter table pages drop column date"),
        execute("update files set size = 'x'"),
        execute("update files set size = size - 1000"),
        execute("update files set size = null"),
        execute("update pages set date = x'00', file = 7"),
    ],
)
def test_a_broken_index_of_raw_pages_is_begun_anew_and_no_page_is_lost(newsroom, archive, tmp_path, damage):
    raw = tmp_path / "raw"
    raw.mkdir()
    settings = {"KEEP_RAW": raw}
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom, settings=settings, sections="china")
        before = {path.name: path.read_bytes() for path in raw.glob("*.gz")}
        damage(raw / "index.sqlite")
        run = crawl("realtime", replica.url, archive, newsroom, settings=settings, sections="world")
        assert run.returncode == 0, run.stdout
    after = {path.name: path.read_bytes() for path in raw.glob("*.gz")}
    for name, data in before.items():
        assert after[name].startswith(data)
    assert len(b"".join(after.values())) > len(b"".join(before.values()))
