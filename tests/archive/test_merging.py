"""Two versions of one file of the archive, in two clones, and real git."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.hub import git
from support.programs import needs

from zbcrawler.archive import posts, pushing
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.committing import Committer
from zbcrawler.archive.merging import main, merge
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.times import SINGAPORE
from zbcrawler.items import Story

TIME = datetime(2026, 1, 31, 8, 30, tzinfo=SINGAPORE)
STORY = Story(
    StoryAddress.parse("https://www.zaobao.com/realtime/china/story20260131-3120268"),
    "海湾大桥今早通车",
    TIME,
    ["<p>海湾大桥星期六上午8时通车。</p>", "<p>车程将缩短到15分钟。</p>"],
    TIME,
)
FULLER = replace(STORY, body=[*STORY.body, "<p>当局明日公布收费。</p>"])
RETITLED = replace(STORY, title="海湾大桥通车 首日平稳")
CUT = replace(STORY, body=STORY.body[:1], title="海湾大桥通车了")
CLAMPED = replace(STORY, date=TIME - timedelta(hours=1))
TWIN = replace(FULLER, address=StoryAddress.parse("/news/china/story20260131-3120268"), date=TIME + timedelta(hours=1))
PATH = "_posts/2026/01/31/2026-01-31-3120268.md"


def post(story):
    return posts.render(story).encode()


def both_ways(one, other, path=PATH):
    merged = {merge(one, other, path), merge(other, one, path)}
    assert len(merged) == 1
    return merged.pop()


@pytest.mark.parametrize(
    ("one", "other", "chosen"),
    [
        (STORY, FULLER, FULLER),
        (CUT, STORY, STORY),
        (CUT, FULLER, FULLER),
        (CLAMPED, STORY, CLAMPED),  # the same, so what was first
        (STORY, STORY, STORY),
        (FULLER, RETITLED, FULLER),
        (STORY, replace(RETITLED, updated=TIME + timedelta(hours=2), optional_keys=frozenset({"updated"})), None),
        (STORY, TWIN, replace(TWIN, address=STORY.address)),
    ],
)
def test_what_counts_does_not_depend_on_whose_it_is(one, other, chosen):
    assert both_ways(post(one), post(other)) == post(chosen or other)


def test_any_two_of_several_lead_to_the_same():
    versions = [post(story) for story in (STORY, FULLER, RETITLED, CUT, CLAMPED)]
    ends = set()
    for order in itertools.permutations(versions):
        merged = order[0]
        for version in order[1:]:
            merged = merge(merged, version, PATH)
        ends.add(merged)
    assert ends == {post(FULLER)}


def test_of_the_lengths_of_longer_versions_the_greater_counts():
    less, more = (json.dumps({"address": "x", "characters": count}).encode() for count in (303, 1200))
    assert both_ways(less, more, "_data/longest/1.json") == more
    less, more = (json.dumps({"address": "x", "characters": count}).encode() for count in (140, 303))
    assert both_ways(less, more, "_data/longest/1.json") == more


def test_of_notes_the_older_counts():
    old, new = (json.dumps({"address": "x", "since": f"2026-01-3{day}T08:00:00+08:00"}).encode() for day in (0, 1))
    assert both_ways(old, new, "_data/owed/1.json") == old


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b"[" * 1000, b"<<<<<<< HEAD", b"\xff", b'{"a": "\\ud800"}'])
def test_a_broken_note_gives_way(broken):
    note = json.dumps({"address": "x", "since": "2026-01-31T08:00:00+08:00"}).encode()
    assert both_ways(note, broken, "_data/owed/1.json") == note


@pytest.mark.parametrize(
    ("other", "path"),
    [
        (b"<<<<<<< x", PATH),
        (b"\xff", PATH),
        (post(replace(STORY, address=StoryAddress.parse("/realtime/china/story20260131-9"))), PATH),
        (b"{", "_data/owed/1.json"),
        (b"[]", "_data/owed/1.json"),
    ],
)
def test_what_is_none_of_ours_is_left_to_a_person(other, path, tmp_path, capsys):
    one = post(STORY) if path == PATH else b"["
    with pytest.raises(PostError, match=path):
        merge(one, other, path)
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.write_bytes(one)
    theirs.write_bytes(other)
    assert main(str(ours), str(theirs), path) == 1
    assert ours.read_bytes() == one
    assert path in capsys.readouterr().err


@pytest.mark.parametrize("folder", [".", "an archive"])
def test_git_merges_so_when_it_rebases_and_when_it_pulls(tmp_path, folder):
    needs("git")
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "hub.git")
    git(tmp_path, "clone", "--quiet", "hub.git", "one")
    (tmp_path / "one" / ".gitignore").write_text(".zbcrawler/\n")
    git(tmp_path / "one", "add", "--all")
    git(tmp_path / "one", "commit", "--quiet", "--message=begun")
    git(tmp_path / "one", "push", "--quiet", "--set-upstream", "origin", "HEAD:main")
    git(tmp_path, "clone", "--quiet", "hub.git", "two")
    committers = []
    for name, story in (("one", STORY), ("two", FULLER)):
        archive = Archive(tmp_path / name / folder)
        archive.root.mkdir(exist_ok=True)
        archive.write(archive.path_of(story.address), post(story))
        committers.append(Committer(archive))
        committers[-1].commit(TIME)
    Committer(committers[0].archive).push()
    Committer(committers[1].archive).push()  # is rejected, and rebased
    committers[0].archive.write(committers[0].archive.path_of(STORY.address), post(RETITLED))
    committers[0].commit(TIME)
    pushing.merge_by_rule(committers[0].git)
    git(committers[0].archive.root, "pull", "--quiet", "--no-rebase", "--no-edit")
    for committer in committers:
        assert (committer.archive.root / PATH).read_bytes() == post(FULLER)
        assert git(committer.archive.root, "status", "--porcelain") == ""


def test_notes_about_two_stories_with_one_number_are_left_to_a_person():
    notes = [
        json.dumps(
            {"address": f"https://www.zaobao.com/realtime/china/story{day}-7", "reason": "answered 404"}
        ).encode()
        for day in ("20251101", "20260131")
    ]
    with pytest.raises(PostError, match="notes about two stories"):
        merge(*notes, "_data/owed/7.json")


def test_posts_of_two_stories_with_one_number_are_left_to_a_person():
    again = replace(STORY, address=StoryAddress.parse("/realtime/china/story20261031-3120268"))
    with pytest.raises(PostError, match="posts of two stories"):
        merge(post(STORY), post(again), PATH)
