"""What real git tells of an archive's past."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import datetime

import pytest
from support.hub import git
from support.programs import needs
from support.sites import story_of, write

from zbcrawler.common.times import SINGAPORE
from zbcrawler.tools.website.catalogue import Catalogue
from zbcrawler.tools.website.edits import Edits

ONE, OTHER, THIRD = (f"_posts/2026/01/30/2026-01-30-{number}.md" for number in (1, 2, 3))


@pytest.fixture
def commit(archive, monkeypatch):
    """Return the function that writes stories and commits them on a day at ten, as a kind of run."""
    needs("git")
    git(archive, "init", "--quiet")

    def commit(day, *stories, spider="realtime", subject="News: x"):
        write(archive, list(stories))
        monkeypatch.setenv("GIT_AUTHOR_DATE", f"{day}T10:00:00+0800")
        git(archive, "add", "--all")
        trailer = ["--trailer", f"Spider: {spider}"] if spider else []
        git(archive, "commit", "--quiet", f"--message={subject}", *trailer)

    return commit


@pytest.fixture
def root(archive, commit):
    one, other = story_of(1, "一", ["<p>甲。</p>"]), story_of(2, "二", ["<p>乙。</p>"])
    commit("2026-01-30", one)
    commit("2026-01-31", other, replace(one, body=["<p>甲。</p>", "<p>丙。</p>"]))
    commit("2026-02-01", replace(other, title="三"))
    commit("2026-02-02", replace(other, title="四", body=["<p>title: 乙。</p>"]))
    return archive


def at(month, day):
    return datetime(2026, month, day, 10, tzinfo=SINGAPORE)


def past(root):
    """Return the counts of edits, and when runs saw stories as new, by the path of the post."""
    with closing(Catalogue()) as catalogue:
        edits = Edits(catalogue, root)
        edits.refresh()
        seen = dict(catalogue.db.execute("select path, time from seen where time is not null"))
        return edits.counts(), {path: datetime.fromtimestamp(time, SINGAPORE) for path, time in seen.items()}


def test_first_commits_edits_and_retitles(root):
    edits, seen = past(root)
    assert seen == {ONE: at(1, 30), OTHER: at(1, 31)}
    assert edits.months == {"2026-01": (1, 0), "2026-02": (2, 2)}
    assert not edits.is_cut


def test_what_zbcrawler_changed_is_no_edit(root, commit):
    cleaned = story_of(1, "一", ["<p>甲。</p>"])
    commit("2026-02-03", cleaned, subject="Technical: clean posts again")
    assert past(root)[0].months == {"2026-01": (1, 0), "2026-02": (2, 2)}


def test_only_stories_that_a_realtime_run_found_have_a_time(root, commit):
    commit("2026-02-03", story_of(3, "旧", ["<p>x</p>"]), spider="backfill")
    commit("2026-02-04", story_of(4, "不明", ["<p>x</p>"]), spider="")
    commit("2026-02-05", replace(story_of(3, "旧", ["<p>y</p>"])))
    assert past(root)[1].keys() == {ONE, OTHER}


def test_an_archive_within_a_repository_and_one_that_git_does_not_know(root, commit, tmp_path):
    (root / "inner").mkdir()
    write(root / "inner", [story_of(3, "五", ["<p>x</p>"])])
    commit("2026-02-03")
    assert past(root / "inner")[1].keys() == {THIRD}
    (tmp_path / "none").mkdir()
    assert past(tmp_path / "none") == (None, {})
    git(tmp_path / "none", "init", "--quiet")
    assert past(tmp_path / "none") == (None, {})  # no commit yet


def test_a_shallow_clone_is_told(root, tmp_path):
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{root}", "shallow")
    edits, seen = past(tmp_path / "shallow")
    assert edits.is_cut
    assert seen == {}  # that all of it came with the last commit is not true
    assert edits.months == {}


def test_what_came_back_came_when_it_was_first_there(root, commit):
    path = root / ONE
    data = path.read_bytes()
    git(root, "rm", "--quiet", str(path))
    commit("2026-02-03")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    commit("2026-02-04")
    assert past(root)[1][ONE] == at(1, 30)
