"""A week of a news desk: git log, scrapy history and the website tell what the newspaper did, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from support.crawling import MOMENT, crawl, scrapy
from support.hub import git
from support.sharing import shared
from support.sites import build

from zbcrawler.common.times import Clock
from zbcrawler.replica import Newsroom, Replica

SETTINGS = {"RECHECK_GROWTH": 0, "ARCHIVE_COMMIT": 1}
REDESIGN = "hashed"


def _play(folder):
    """Let a newsroom work for a week, with a redesign in its middle; a run follows each change."""
    archive = folder / "archive"
    archive.mkdir(parents=True)
    git(archive, "init", "--quiet")
    newsroom = Newsroom(seed=5, clock=Clock(MOMENT), stories=100)
    truth, codes = [], []

    def step(replica: Replica, kind: str = "", change: Callable[[Any], None] | None = None, place: int = 0) -> None:
        newsroom.clock.advance(timedelta(hours=12))
        for section in newsroom.sections:
            newsroom.publish(section)
        if change:
            story = [one for one in newsroom.listed("world") if one.content and one.published < MOMENT][place]
            change(story)
            truth.append((kind, story.number))
        run = crawl("realtime", replica.url, archive, newsroom, settings=SETTINGS)
        codes.append(run.returncode)

    with Replica(newsroom) as replica:
        for _ in range(2):
            step(replica)
        step(replica, "changed", newsroom.retitle, 3)
        step(replica, "changed", newsroom.edit, 5)
        step(replica, "shortened", newsroom.shorten, 8)
        replica.redesign(REDESIGN)
        for _ in range(2):
            step(replica)
        step(replica, "changed", newsroom.edit, 10)
        replica.redesign(None)
        for _ in range(2):
            step(replica)
        step(replica, "withdrawn", newsroom.withdraw, 12)
        for _ in range(4):
            step(replica)
    build(archive, folder / "site")
    (folder / "truth.json").write_text(json.dumps([truth, codes]))


@pytest.fixture(scope="module")
def week(tmp_path_factory):
    return shared(tmp_path_factory, "week", _play)


@pytest.fixture(scope="module")
def truth(week):
    edits, codes = json.loads((week / "truth.json").read_text())
    assert codes == [0, 0, 0, 0, 0, 1] + [0] * (len(codes) - 6), "only the run that meets the redesign fails"
    return [tuple(edit) for edit in edits]


def test_history_has_each_edit_once_and_no_other(week, truth):
    run = scrapy(
        "history",
        "--days",
        "10",
        "--json",
        "-s",
        f"ARCHIVE_DIR={week / 'archive'}",
        "-s",
        f"CLOCK={MOMENT + timedelta(days=8)}",
    )
    assert run.returncode == 0, run.stdout + run.stderr
    edits = [json.loads(line) for line in run.stdout.splitlines()]
    assert [(edit["kind"], edit["number"]) for edit in reversed(edits)] == truth


def test_the_log_names_each_edit_and_the_learnt_edition(week, truth):
    subjects = git(week / "archive", "log", "--format=%s").splitlines()
    assert not any(subject.startswith("Technical") for subject in subjects)
    assert sum("learnt" in subject for subject in subjects) == 1
    lines = git(week / "archive", "log", "--format=%b").splitlines()
    words = [line.partition(":")[0] for line in reversed(lines)]
    assert [word for word in words if word in ("changed", "shortened", "withdrawn")] == [kind for kind, _ in truth]


def test_the_website_has_a_page_of_versions_for_each_edited_story(week, truth):
    pages = {path.stem for path in (week / "site" / "edits").iterdir()}
    assert pages == {number for _, number in truth}
    edits = (week / "site" / "edits.html").read_text("utf-8")
    assert edits.count('class="edit"') == len(truth)
    assert "撤下的文章" in edits
    assert "缩短的文章" in edits
