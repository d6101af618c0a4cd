"""Commits of an archive, with real git: what is in them, what is not, and what they say."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest
from support.crawling import MOMENT
from support.programs import needs

from zbcrawler.archive import committing, posts
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.committing import Committer
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import ArgumentError, GitError
from zbcrawler.items import Story

SOMEBODY = {"GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x@localhost"} | {
    "GIT_COMMITTER_NAME": "x",
    "GIT_COMMITTER_EMAIL": "x@localhost",
}


@pytest.fixture(autouse=True)
def nobody(tmp_path_factory, monkeypatch):
    """As from cron: a home without a git configuration."""
    needs("git")
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("EMAIL", raising=False)


def git(folder, *words, **environment):
    command = ["git", "-c", "init.defaultBranch=main", *words]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, encoding="utf-8", check=True
    )
    return done.stdout


@pytest.fixture(params=["part of a repository", "a repository of its own"])
def archive(request, tmp_path):
    root = tmp_path / "repository" / ("archive" if request.param.startswith("part") else "")
    root.mkdir(parents=True)
    git(tmp_path / "repository", "init", "--quiet")
    return Archive(root)


def story(number, title="标题", text="字"):
    address = StoryAddress.parse(f"/realtime/china/story20260131-{number}")
    return Story(address, title, MOMENT, [f"<p>{text}</p>"], MOMENT)


def write(archive, *stories):
    for one in stories:
        archive.write(archive.path_of(one.address), posts.render(one).encode())


def log(archive):
    return git(archive.root, "log", "--format=%s")


@pytest.mark.parametrize("few_paths", [committing.FEW_PATHS, 0])
def test_one_line_a_story_and_nothing_when_nothing_changed(archive, few_paths, monkeypatch):
    monkeypatch.setattr(committing, "FEW_PATHS", few_paths)
    one, two, three = story(1, "一"), story(2, "# 二 “三”"), story(3, "三")
    write(archive, one, two, three)
    committer = Committer(archive)
    assert committer.commit(MOMENT) == "News: 3 new"
    assert git(archive.root, "log", "--format=%B").strip() == "News: 3 new\n\nnew: 一\nnew: # 二 “三”\nnew: 三"
    assert committer.commit(MOMENT) == ""
    write(archive, replace(one, title="一又"), replace(two, body=["<p>更多</p>"]), story(4, "四"))
    archive.notes.absent.add(three.address, "answered 404")
    archive.notes.owed.add(story(5).address, "china", "answered 503", MOMENT)
    assert committer.commit(MOMENT + timedelta(hours=1)) == "News: 1 new, 2 changed, 1 gone, 1 owed"
    body = git(archive.root, "log", "-1", "--format=%b").strip().splitlines()
    assert body == [
        "new: 四",
        "changed: 一 → 一又",
        "changed: # 二 “三”",
        f"gone: {three.address} (answered 404)",
        f"owed: {story(5).address} (answered 503)",
    ]
    archive.notes.owed.remove(story(5).address)
    archive.notes.absent.remove(three.address)
    assert committer.commit(MOMENT) == "News: 1 back, 1 no longer owed"
    assert git(archive.root, "status", "--porcelain") == ""
    dates = git(archive.root, "log", "--format=%aI").split()
    assert dates[-1] == "2026-01-31T12:00:00+08:00"
    assert git(archive.root, "log", "-1", "--format=%an <%ae>").strip() == "zbcrawler <zbcrawler@localhost>"


def test_whoever_git_knows_is_the_author(archive):
    git(archive.root, "config", "user.name", "李")
    git(archive.root, "config", "user.email", "li@localhost")
    write(archive, story(1))
    Committer(archive).commit(MOMENT)
    assert git(archive.root, "log", "-1", "--format=%an <%ae>").strip() == "李 <li@localhost>"


def test_what_is_not_the_archives_is_left_alone(archive):
    top = archive.root.parent if archive.root.name == "archive" else archive.root
    for name in ("README.md", "staged.txt"):
        (top / name).write_text("1")
    (archive.root / "_config.yml").write_text("1")
    git(top, "add", "--all")
    git(top, "commit", "--quiet", "-m", "begin", **SOMEBODY)
    (top / "README.md").write_text("2")
    (archive.root / "_config.yml").write_text("2")
    (top / "staged.txt").write_text("2")
    git(top, "add", "staged.txt")
    (top / "untracked.txt").write_text("1")
    write(archive, story(1))
    Committer(archive).commit(MOMENT)
    changed = git(top, "show", "--format=", "--name-only").split()
    assert [name.rpartition("/")[2] for name in changed] == ["2026-01-31-1.md"]
    status = git(top, "status", "--porcelain").splitlines()
    assert sum(line.startswith("M  staged.txt") for line in status) == 1
    assert sum(line.startswith(" M") for line in status) == 2
    assert sum(line.startswith("??") for line in status) == 1


def test_a_hook_that_refuses_is_an_error_and_loses_nothing(archive):
    hook = archive.root / git(archive.root, "rev-parse", "--git-path", "hooks/pre-commit").strip()
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho the hook says no >&2\nexit 1\n")
    hook.chmod(0o755)
    write(archive, story(1))
    committer = Committer(archive)
    with pytest.raises(GitError, match="git commit: the hook says no"):
        committer.commit(MOMENT)
    hook.unlink()
    assert committer.commit(MOMENT) == "News: 1 new"


def test_a_removed_post_is_told(archive):
    write(archive, story(1, "一"), story(2, "二"))
    committer = Committer(archive)
    committer.commit(MOMENT)
    archive.path_of(story(1).address).unlink()
    archive.path_of(story(2).address).unlink()
    assert committer.commit(MOMENT) == "News: 2 removed"
    assert git(archive.root, "status", "--porcelain") == ""


def test_where_nothing_can_be_committed_is_found_at_once(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    with pytest.raises(ArgumentError, match="is not in a usable git repository"):
        Committer(Archive(outside)).check(push=False)
    git(outside, "init", "--quiet")
    (outside / ".gitignore").write_text("archive/\n")
    (outside / "archive").mkdir()
    with pytest.raises(
        ArgumentError, match=r"git would ignore _posts/.* by the pattern archive/ in \.gitignore, line 1"
    ):
        Committer(Archive(outside / "archive")).check(push=False)
    write(Archive(outside), story(1))
    Committer(Archive(outside)).commit(MOMENT)
    with pytest.raises(ArgumentError, match="has no upstream"):
        Committer(Archive(outside)).check(push=True)


@pytest.fixture
def clones(tmp_path):
    """Two clones of one archive, with a post in it."""
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    git(tmp_path, "clone", "--quiet", "remote.git", "one")
    one = Archive(tmp_path / "one")
    write(one, story(1, "一"))
    Committer(one).commit(MOMENT)
    git(one.root, "push", "--quiet", "--set-upstream", "origin", "HEAD:main")
    git(tmp_path / "remote.git", "symbolic-ref", "HEAD", "refs/heads/main")
    git(tmp_path, "clone", "--quiet", "remote.git", "two")
    return one, Archive(tmp_path / "two")


def test_a_push_that_is_rejected_is_rebased_and_tried_again(clones):
    one, two = clones
    write(one, story(2, "二"), story(4, "四"))
    Committer(one).commit(MOMENT)
    assert Committer(one).push()
    write(two, story(3, "三"), story(4, "四"))  # the same story is the same bytes
    (two.root / "notes.txt").write_text("not committed")
    write(two, story(5, "五"))
    Committer(two).commit(MOMENT)
    assert Committer(two).push()
    assert not Committer(two).push()
    git(one.root, "pull", "--quiet", "--rebase")
    assert {path.stem[-1] for path in (one.root / "_posts").rglob("*.md")} == set("12345")
    assert log(one).splitlines() == ["News: 3 new", "News: 2 new", "News: 1 new"]
    assert (two.root / "notes.txt").exists()


def test_a_push_that_cannot_be_rebased_is_an_error_and_loses_nothing(clones):
    one, two = clones
    write(one, story(1, "一甲"))
    Committer(one).commit(MOMENT)
    Committer(one).push()
    two.write(two.path_of(story(1).address), "写在这里的笔记\n".encode())  # no rule knows what to do with it
    Committer(two).commit(MOMENT)
    with pytest.raises(GitError, match=r"no rule can merge .* not a post as zbcrawler writes it"):
        Committer(two).push()
    assert two.path_of(story(1).address).read_text() == "写在这里的笔记\n"
    assert git(two.root, "status", "--porcelain") == ""
    assert "rebase" not in git(two.root, "status")


def test_a_push_to_nowhere_is_an_error_and_goes_out_with_the_next(clones, tmp_path):
    one, _ = clones
    write(one, story(2, "二"))
    Committer(one).commit(MOMENT)
    (tmp_path / "remote.git").rename(tmp_path / "away.git")
    with pytest.raises(GitError, match="git push: "):
        Committer(one).push()
    (tmp_path / "away.git").rename(tmp_path / "remote.git")
    assert Committer(one).push()


def test_a_push_renews_a_merge_driver_of_an_older_version(clones):
    one, two = clones
    git(one.root, "config", "merge.zbcrawler.driver", "python -m zbcrawler.merging %A %B %P")
    assert not Committer(one).push()
    assert not Committer(two).push()
    assert "-m zbcrawler.archive.merging %A %B %P" in git(one.root, "config", "merge.zbcrawler.driver")
    # A clone that has no driver gets it with the first merge.
    assert "merge.zbcrawler" not in git(two.root, "config", "--list")
