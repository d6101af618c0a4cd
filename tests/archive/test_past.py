"""The past of an archive in real git: what counts as an edit of the newspaper."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest
from support.crawling import MOMENT
from support.programs import needs

from zbcrawler.archive import posts
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.git import Git
from zbcrawler.archive.past import paths_of, read_changes, read_edits
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import GitError
from zbcrawler.items import Story

NAMES = {f"GIT_{role}_{what}": "x@localhost" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@pytest.fixture(params=["", "news [1] 报"])
def archive(request, tmp_path):
    needs("git")
    subprocess.run(["git", "init", "--quiet", tmp_path / "repository"], check=True)
    root = tmp_path / "repository" / request.param
    root.mkdir(exist_ok=True)
    return Archive(root)


def commit(archive, message="News", *stories, hours=0):
    for story in stories:
        archive.write(archive.path_of(story.address), posts.render(story).encode())
    when = {"GIT_AUTHOR_DATE": (MOMENT + timedelta(hours=hours)).isoformat()}
    for words in (["add", "--all"], ["commit", "--quiet", "--allow-empty", "-m", message]):
        subprocess.run(["git", *words], cwd=archive.root, check=True, env={**os.environ, **NAMES, **when})


def story(number, title="标题", text="第一句话。第二句话。"):
    address = StoryAddress.parse(f"/realtime/china/story20260131-{number}")
    return Story(address, title, MOMENT, [f"<p>{text}</p>"], MOMENT)


def edits(archive, *arguments):
    git = Git(archive.root)
    return list(read_edits(git, read_changes(git, *arguments)))


def test_only_what_the_newspaper_edited_is_an_edit(archive):
    one, two = story(1), story(2)
    commit(archive, "2 new\n\nnew: 标题\n\nSpider: realtime", one, two)
    title, text = replace(one, title="新标题"), replace(one, title="新标题", body=["<p>第一句话。</p>"])
    commit(archive, "changed: 标题\n:100644 100644 x\n\nSpider: backfill\n", title, hours=1)
    commit(archive, "Technical: 2 posts cleaned again", replace(two, body=["<p>又</p>"]), hours=2)
    commit(archive, "markup", replace(two, body=["<p><strong>又</strong></p>"]), hours=3)
    commit(archive, "broken", hours=3)
    (archive.root / "_posts" / "名 字\n.md").write_text("x")
    archive.path_of(two.address).write_text("broken")
    commit(archive, "broken", hours=3)
    commit(archive, "repaired", replace(two, body=["<p>又</p>"]), hours=3)
    commit(archive, "shortened", text, hours=4)
    found = edits(archive)
    assert [(edit.kind, edit.path[-4], edit.difference.summary) for edit in found] == [
        ("shortened", "1", "1 sentence"),
        ("changed", "1", "title"),
    ]
    assert (found[1].old.title, found[1].new.title) == ("标题", "新标题")
    assert found[1].time.isoformat() == "2026-01-31T13:00:00+08:00"
    changes = list(read_changes(Git(archive.root)))
    assert [change.spider for change in changes][-3:] == ["backfill", "realtime", "realtime"]
    assert edits(archive, f"{found[0].commit}..HEAD") == []
    assert edits(archive, f"{found[1].commit}..HEAD") == found[:1]


def test_withdrawals_of_archived_stories_are_edits_and_other_missing_stories_are_not(archive):
    one, two = story(1), story(2)
    commit(archive, "begin", one)
    archive.notes.absent.add(one.address, "answered 404")
    archive.notes.absent.add(two.address, "answered 404")
    commit(archive, "withdrawn", hours=1)
    archive.notes.absent.remove(one.address)
    archive.notes.absent.remove(two.address)
    commit(archive, "back", two, hours=2)
    found = edits(archive)
    assert [(edit.kind, edit.path, edit.new.title) for edit in found] == [
        ("back", "_posts/2026/01/31/2026-01-31-1.md", "标题"),
        ("withdrawn", "_posts/2026/01/31/2026-01-31-1.md", "标题"),
    ]
    assert edits(archive, "HEAD", paths_of(found[0].path)) == found


def test_a_revision_that_is_not_there_is_an_error(archive):
    commit(archive, "begin", story(1))
    for revision in ("nowhere", "--all", "a..b"):
        with pytest.raises(GitError, match="git log: "):
            edits(archive, revision)
