"""Two machines fill two clones of one archive, and git merges the clones."""

from __future__ import annotations

import subprocess

import pytest
from support.crawling import MOMENT, crawl, tree
from support.past import wrong_posts
from support.programs import needs

from zbcrawler.common.times import Clock
from zbcrawler.replica.past import newsroom_with_past
from zbcrawler.replica.server import Replica


def git(folder, *words):
    names = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *names, *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def clones(tmp_path):
    """Return an archive in git and a clone of it."""
    needs("git")
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    git(first, "init", "--initial-branch=main")
    git(first, "commit", "--allow-empty", "--message=begun")
    git(tmp_path, "clone", "--quiet", str(first), str(second))
    return first, second


def test_clones_with_overlapping_months_merge_without_a_conflict(clones, tmp_path):
    past = newsroom_with_past(Clock(MOMENT), stories=90, months=6)
    gone = past.expected()[45]
    past.withdraw(gone)
    whole = tmp_path / "whole"
    whole.mkdir()
    with Replica(past) as replica:
        crawl("backfill", replica.url, whole, past)
        for clone, months in zip(clones, [{"until": "2025-12"}, {"since": "2025-10"}], strict=True):
            run = crawl("backfill", replica.url, clone, past, **months)
            assert run.returncode == 0, run.stdout
            git(clone, "add", "--all")
            git(clone, "commit", "--quiet", "--message=filled")
    first, second = clones
    assert set(tree(first)) & set(tree(second))
    git(first, "pull", "--quiet", "--no-rebase", "--no-edit", str(second), "main")
    assert git(first, "status", "--porcelain") == ""
    assert tree(first) == tree(whole)
    assert wrong_posts(past, first) == []
    # Both clones owe the story that was gone, with the same note.
    assert [name for name in tree(first) if "/owed/" in name] == [f"_data/owed/{gone.number}.json"]
