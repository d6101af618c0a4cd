"""What real git tells of an archive's past."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from support.hub import git
from support.programs import needs
from support.sites import story_of, write

from zbcrawler.common.times import SINGAPORE
from zbcrawler.tools.report.coverage import read_history


@pytest.fixture
def root(archive, monkeypatch):
    needs("git")
    git(archive, "init", "--quiet")

    def commit(moment, *stories):
        write(archive, list(stories))
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{moment}T10:00:00+0800")
        git(archive, "add", "--all")
        git(archive, "commit", "--quiet", "--message=news")

    one, other = story_of(1, "一", ["<p>甲</p>"]), story_of(2, "二", ["<p>乙</p>"])
    commit("2026-01-30", one)
    commit("2026-01-31", other, replace(one, body=["<p>甲</p>", "<p>丙</p>"]))
    commit("2026-02-01", replace(other, title="三"))
    commit("2026-02-02", replace(other, title="四", body=["<p>title: 乙</p>"]))
    return archive


def at(month, day):
    return datetime(2026, month, day, 10, tzinfo=SINGAPORE)


def test_first_commits_edits_and_retitles(root):
    history = read_history(root)
    assert history.first == {
        "_posts/2026/01/30/2026-01-30-1.md": at(1, 30),
        "_posts/2026/01/30/2026-01-30-2.md": at(1, 31),
    }
    assert history.edits == [("2026-01", 1, 0), ("2026-02", 2, 2)]
    assert not history.cut


def test_an_archive_within_a_repository_and_one_that_git_does_not_know(root, tmp_path):
    (root / "inner").mkdir()
    write(root / "inner", [story_of(3, "五", ["<p>x</p>"])])
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=inner")
    assert list(read_history(root / "inner").first) == ["_posts/2026/01/30/2026-01-30-3.md"]
    (tmp_path / "none").mkdir()
    assert read_history(tmp_path / "none") is None
    git(tmp_path / "none", "init", "--quiet")
    assert read_history(tmp_path / "none") is None  # no commit yet


def test_a_shallow_clone_is_told(root, tmp_path):
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{root}", "shallow")
    history = read_history(tmp_path / "shallow")
    assert history.cut
    assert history.first == {}  # that all of it came with the last commit is not true


def test_what_came_back_came_when_it_was_first_there(root):
    path = root / "_posts" / "2026" / "01" / "30" / "2026-01-30-1.md"
    data = path.read_bytes()
    git(root, "rm", "--quiet", str(path))
    git(root, "commit", "--quiet", "--message=away")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=back")
    assert read_history(root).first["_posts/2026/01/30/2026-01-30-1.md"] == at(1, 30)
