"""Commits of an archive, with real git: what is in them, what is not, and what they say."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from support.crawling import MOMENT
from support.programs import needs

from zbcrawler.archive import committing, posts, written_files
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.committing import Committer
from zbcrawler.archive.git import Git
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


@pytest.fixture(params=["part of a repository", "a repository of its own", "large"])
def archive(request, tmp_path, monkeypatch):
    if request.param == "large":  # git and runs treat an archive as they treat one with 100,000 posts
        monkeypatch.setattr(written_files, "_LARGE", -1)
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


def edit(archive, *stories):
    """Write what a run found edited."""
    for one in stories:
        committing.mark_news(archive, archive.path_of(one.address))
    write(archive, *stories)


def log(archive):
    return git(archive.root, "log", "--format=%s")


@pytest.mark.parametrize("few_paths", [committing.FEW_PATHS, 0])
def test_one_line_a_story_and_nothing_when_nothing_changed(archive, few_paths, monkeypatch):
    monkeypatch.setattr(committing, "FEW_PATHS", few_paths)
    one, two, three = story(1, "一"), story(2, "# 二 “三”"), story(3, "三")
    write(archive, one, two, three)
    committer = Committer(archive)
    assert committer.commit(MOMENT, "realtime") == "3 new: 一"
    message = "3 new: 一\n\nnew: 一\nnew: # 二 “三”\nnew: 三\n\nSpider: realtime"
    assert git(archive.root, "log", "--format=%B").strip() == message
    assert committer.commit(MOMENT) == ""
    edit(archive, replace(one, title="一又"), replace(two, body=["<p>更多。</p>"]))
    write(archive, story(4, "四"))
    archive.notes.absent.add(three.address, "answered 404")
    for number in (5, 6):
        archive.notes.owed.add(story(number).address, "china", "answered 503", MOMENT)
    archive.notes.absent.add(story(7).address, "answered 404")
    assert committer.commit(MOMENT + timedelta(hours=1)) == "1 new, 2 changed, 1 withdrawn: 四"
    body = git(archive.root, "log", "-1", "--format=%b").strip().splitlines()
    assert body == [
        "new: 四",
        "changed: 一 → 一又 (title)",
        "changed: # 二 “三” (1 sentence)",
        "withdrawn: 三",
        f"gone: {story(7).address} (answered 404)",
        f"owed: 2, first {story(5).address} (answered 503)",
    ]
    archive.notes.owed.remove(story(5).address)
    archive.notes.absent.remove(three.address)
    assert committer.commit(MOMENT) == "back: 三"
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
    assert [name.rpartition("/")[2] for name in changed] == [".gitattributes", "2026-01-31-1.md"]
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
    assert committer.commit(MOMENT) == "new: 标题"


def test_a_removed_post_is_told(archive):
    write(archive, story(1, "一"), story(2, "二"))
    committer = Committer(archive)
    committer.commit(MOMENT)
    archive.path_of(story(1).address).unlink()
    archive.path_of(story(2).address).unlink()
    assert committer.commit(MOMENT) == "Technical: 2 removed"
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
    assert log(one).splitlines() == ["3 new: 三", "2 new: 二", "new: 一"]
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


def owe(archive, *numbers, reason="answered 503"):
    for number in numbers:
        archive.notes.owed.add(story(number).address, "china", reason, MOMENT)


def settle(archive, *numbers):
    for number in numbers:
        archive.notes.owed.remove(story(number).address)


def publish(archive):
    committer = Committer(archive)
    committer.commit(MOMENT)
    committer.push()


def commit_file(archive, name, text):
    (archive.root / name).write_text(text)
    git(archive.root, "add", name)
    git(archive.root, "commit", "--quiet", "-m", f"{name}: {text}", **SOMEBODY)


def push_file(archive, name, text):
    commit_file(archive, name, text)
    git(archive.root, "push", "--quiet")


def pushed(archive):
    return set(git(archive.root, "ls-tree", "-r", "--name-only", "origin/main").split())


def test_a_note_that_both_settled_is_not_taken_for_the_new_note_of_another_story(clones):
    one, two = clones
    owe(one, 10)
    publish(one)
    git(two.root, "pull", "--quiet")
    settle(one, 10)
    owe(one, 11)
    publish(one)
    settle(two, 10)
    owe(two, 12)
    publish(two)
    assert {name for name in pushed(two) if "owed" in name} == {"_data/owed/11.json", "_data/owed/12.json"}
    assert [str(address).rpartition("-")[2] for address, *_ in two.notes.owed.reasons()] == ["11", "12"]
    assert git(two.root, "status", "--porcelain") == ""


@pytest.mark.parametrize("settled_here", [True, False])
def test_a_note_that_one_settled_and_the_other_changed_is_settled(clones, settled_here):
    one, two = clones
    owe(one, 10)
    publish(one)
    git(two.root, "pull", "--quiet")
    settle(two if settled_here else one, 10)
    owe(one if settled_here else two, 10, reason="answered 404")
    write(one, story(2))
    publish(one)
    write(two, story(3))
    publish(two)
    assert not two.notes.owed.has(story(10).address)
    assert {name for name in pushed(two) if "owed" in name} == set()
    assert git(two.root, "status", "--porcelain") == ""


def test_a_post_that_a_person_removed_and_the_site_changed_is_left_to_a_person(clones):
    one, two = clones
    one.path_of(story(1).address).unlink()
    publish(one)
    write(two, story(1, "一", "字字字"))
    Committer(two).commit(MOMENT)
    with pytest.raises(GitError, match=r"resolve it: _posts/\S*-1\.md: removed by one and changed by the other"):
        Committer(two).push()
    assert two.path_of(story(1).address).exists()


def test_what_a_person_wrote_into_a_merge_survives_when_others_push(clones):
    one, two = clones
    push_file(one, "README", "one")
    commit_file(two, "README", "two")
    git(two.root, "fetch", "--quiet")
    with pytest.raises(subprocess.CalledProcessError):
        git(two.root, "merge", "origin/main", **SOMEBODY)
    commit_file(two, "README", "both")
    push_file(one, "other", "1")
    write(two, story(2))
    publish(two)
    assert (two.root / "README").read_text() == "both"
    assert {"other", "README", "_posts/2026/01/31/2026-01-31-2.md"} <= pushed(two)
    assert git(two.root, "status", "--porcelain") == ""
    assert log(two).startswith("Technical: merge what others have pushed")


def test_a_file_that_becomes_a_folder_and_a_folder_that_becomes_a_file_are_followed(clones):
    one, two = clones
    push_file(one, "file", "1")
    (one.root / "folder").mkdir()
    push_file(one, "folder/file", "1")
    git(two.root, "pull", "--quiet")
    git(one.root, "rm", "--quiet", "file", "folder/file")
    (one.root / "file").mkdir()
    commit_file(one, "file/in-it", "2")
    push_file(one, "folder", "2")
    write(two, story(2))
    publish(two)
    assert (two.root / "folder").read_text() == (two.root / "file" / "in-it").read_text() == "2"
    assert git(two.root, "status", "--porcelain") == ""


def test_an_archive_in_a_folder_with_brackets_is_merged_by_rule(clones):
    one, two = (Archive(clone.root / "news[1]") for clone in clones)
    one.root.mkdir()
    write(one, story(1, "一"))
    publish(one)
    git(two.root.parent, "pull", "--quiet")
    for archive, text in ((one, "字字"), (two, "字字字")):
        write(archive, story(1, "一", text))
        publish(archive)
    assert "字字字" in two.path_of(story(1).address).read_text()


def test_the_files_of_an_editor_and_drafts_are_no_news(archive):
    write(archive, story(1))
    owe(archive, 2)
    post, note = archive.path_of(story(1).address), archive.root / "_data" / "owed" / "2.json"
    beside = [post.with_name(f"{post.name}~"), post.with_name(f".{post.name}.swp"), post.with_name(f"{post.name}.orig")]
    beside += [archive.root / "_posts" / "draft.md", note.with_name(".DS_Store"), note.with_name(".#2.json")]
    beside.append(archive.root / "_posts" / os.fsdecode(b"caf\xe9.md"))
    for file in beside:
        file.write_text("mine")
    assert Committer(archive).commit(MOMENT) == "new: 标题"
    assert len(git(archive.root, "show", "--format=", "--name-only").split()) == 3
    assert all(file.read_text() == "mine" for file in beside)


@pytest.mark.parametrize(
    ("words", "author"),
    [
        (("user.email a@b.c", "user.useConfigOnly true"), "zbcrawler <zbcrawler@localhost>"),
        (("author.name x", "author.email a@b.c", "user.useConfigOnly true"), "x <a@b.c>"),
        (("i18n.commitEncoding GBK", "i18n.logOutputEncoding GBK"), "zbcrawler <zbcrawler@localhost>"),
        (("remote.origin.tagOpt --tags",), "zbcrawler <zbcrawler@localhost>"),
    ],
)
def test_half_a_name_another_encoding_and_tags_of_a_person_stop_nothing(clones, words, author):
    one, two = clones
    for each in words:
        git(two.root, "config", *each.split())
    git(two.root, "tag", "mine")
    git(one.root, "tag", "mine", "HEAD")
    push_file(one, "README", "1")
    git(one.root, "tag", "--force", "mine")
    git(one.root, "push", "--quiet", "origin", "mine")
    write(two, story(2, "海湾大桥"))
    publish(two)
    assert git(one.root.parent / "remote.git", "log", "-1", "--format=%an <%ae> %B").strip() == (
        f"{author} new: 海湾大桥\n\nnew: 海湾大桥"
    )


def test_git_speaks_english_whatever_the_persons_language(clones, monkeypatch):
    one, two = clones
    push_file(one, "README", "1")
    write(two, story(2))
    monkeypatch.setenv("LANGUAGE", "zh_CN:zh")
    publish(two)
    assert "README" in pushed(two)


def test_a_branch_without_an_upstream_joins_what_others_pushed(clones):
    one, two = clones
    git(two.root, "branch", "--unset-upstream")
    push_file(one, "README", "1")
    write(two, story(2))
    publish(two)
    assert {"README", "_posts/2026/01/31/2026-01-31-2.md"} <= pushed(two)


@pytest.mark.parametrize("holder", ["a person", "another archive of the repository"])
def test_a_lock_that_is_held_for_a_moment_is_waited_for(clones, tmp_path, holder):
    _, two = clones
    begun = tmp_path / "begun"
    hook = two.root / ".git" / "hooks" / "pre-commit"
    hook.write_text(f"#!/bin/sh\n[ -e {begun} ] || {{ touch {begun}; sleep 2; }}\n")
    hook.chmod(0o755)
    (two.root / "mine").write_text("1")
    git(two.root, "add", "mine")
    command = ["git", "commit", "--quiet", "--all", "--message=mine"]
    if holder != "a person":
        other = Archive(two.root / "other")
        write(other, story(1))
        code = "import sys; from zbcrawler.archive import archive, committing; from support.crawling import MOMENT\n"
        code += "committing.Committer(archive.Archive(sys.argv[1])).commit(MOMENT)"
        command = [sys.executable, "-c", code, str(other.root)]
    environment = {**os.environ, **SOMEBODY, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, cwd=two.root, env=environment) as process:
        while not begun.exists():
            assert process.poll() is None
        write(two, story(2))
        assert Committer(two).commit(MOMENT) == "new: 标题"
    assert process.returncode == 0


@pytest.mark.parametrize("data", [b"", b"\0" * 81, b"\xff\xfe", b"HEAD " + b"1" * 40])
def test_a_broken_note_of_a_move_is_forgotten(archive, data):
    write(archive, story(1))
    committer = Committer(archive)
    committer.commit(MOMENT)
    note = archive.private_folder() / "git.move"
    note.write_bytes(data.replace(b"HEAD", git(archive.root, "rev-parse", "HEAD").strip().encode()))
    write(archive, story(2))
    assert committer.commit(MOMENT) == "new: 标题"
    assert not note.exists()


def test_a_person_who_commits_during_a_push_finds_no_changes_staged(clones, monkeypatch):
    one, two = clones
    push_file(one, "README", "1")
    hook = two.root / ".git" / "hooks" / "pre-push"
    hook.write_text("#!/bin/sh\ngit commit --quiet --allow-empty --message=mine\n")
    hook.chmod(0o755)
    write(two, story(2))
    for name, value in SOMEBODY.items():
        monkeypatch.setenv(name, value)
    publish(two)
    assert git(two.root, "status", "--porcelain") == ""


@pytest.mark.parametrize("place", ["_posts", "_posts/2016", "_data"])
def test_folders_behind_links_are_wrong_usage_because_git_would_not_keep_them(archive, tmp_path, place):
    (tmp_path / "elsewhere").mkdir()
    (archive.root / place).parent.mkdir(exist_ok=True)
    (archive.root / place).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ArgumentError, match="git does not look behind links"):
        Committer(archive).check(push=False)


def test_posts_that_are_a_repository_of_their_own_are_wrong_usage(archive):
    (archive.root / "_posts").mkdir()
    git(archive.root / "_posts", "init", "--quiet")
    with pytest.raises(ArgumentError, match="_posts is a repository of its own"):
        Committer(archive).check(push=False)


def test_an_archive_whose_posts_are_all_missing_is_not_committed(archive):
    write(archive, story(1))
    Committer(archive).commit(MOMENT)
    post = archive.path_of(story(1).address)
    post.rename(archive.root / "away")
    for folder in list(post.parents)[:4]:
        folder.rmdir()
    with pytest.raises(ArgumentError, match="_posts is empty, but git has posts; is its disk mounted"):
        Committer(archive).check(push=False)
    git(archive.root, "restore", "_posts")
    Committer(archive).check(push=False)


def test_two_clones_with_notes_of_one_gap_and_of_the_pictures_of_one_story_agree(clones):
    one, two = clones
    files = [f"pictures/{letter * 2}/{letter * 40}.jpg" for letter in "abc"]
    for archive, pages, kept in ((one, 5, files[:2]), (two, 3, files[1:])):
        archive.notes.gaps.add("china", pages)
        archive.notes.pictures.add(story(1).address, {f"https://x/{file[-5]}": file for file in kept})
        publish(archive)
    assert two.notes.gaps.all() == {"china": 3}
    assert sorted(two.notes.pictures.find(story(1).address).values()) == files
    git(one.root, "pull", "--quiet")
    one.notes.gaps.add("china", 2)
    publish(one)
    two.notes.gaps.remove("china")
    publish(two)
    assert two.notes.gaps.all() == {"china": 2}
    assert git(two.root, "status", "--porcelain") == ""


def test_a_file_that_both_changed_has_the_mode_of_the_one_who_changed_it(clones):
    one, two = clones
    push_file(one, "tool", "1\n\n\n\n2")
    git(two.root, "pull", "--quiet")
    push_file(one, "tool", "1\n\n\n\n3")
    (two.root / "tool").chmod(0o755)
    commit_file(two, "tool", "0\n\n\n\n2")
    write(two, story(2))
    publish(two)
    assert git(two.root, "ls-files", "--stage", "tool").startswith("100755")
    assert (two.root / "tool").read_text() == "0\n\n\n\n3"


def test_posts_that_a_person_commits_at_the_same_moment_are_no_failure(archive, tmp_path, monkeypatch):
    write(archive, story(1))
    real, wrapper, flag = shutil.which("git"), tmp_path / "bin" / "git", tmp_path / "flag"
    wrapper.parent.mkdir()
    person = f"touch {flag}; {real} commit --quiet --all --message=mine"
    wrapper.write_text(
        f'#!/bin/sh\ncase "$*" in *"commit --quiet"*) [ -e {flag} ] || {{ {person}; }};; esac\nexec {real} "$@"\n'
    )
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}")
    assert Committer(archive).commit(MOMENT) == ""
    assert flag.exists()
    assert log(archive) == "mine\n"
    write(archive, story(2))
    assert Committer(archive).commit(MOMENT) == "new: 标题"


def subjects(archive):
    return git(archive.root, "log", "--format=%s").splitlines()


@pytest.mark.parametrize("few_paths", [committing.FEW_PATHS, 0])
def test_posts_that_no_edit_of_the_newspaper_changed_get_a_commit_of_their_own(archive, few_paths, monkeypatch):
    monkeypatch.setattr(committing, "FEW_PATHS", few_paths)
    one, two, three = story(1, "一"), story(2, "二"), story(3, "三")
    write(archive, one, two, three)
    Committer(archive).commit(MOMENT)
    write(archive, replace(one, body=["<p>又清理</p>"]))
    edit(archive, replace(two, title="二又"))
    archive.path_of(three.address).unlink()
    write(archive, story(4, "四"))
    assert Committer(archive).commit(MOMENT, "realtime") == "1 new, 1 changed: 四"
    assert sorted(subjects(archive)[:2]) == ["1 new, 1 changed: 四", "Technical: 1 changed, 1 removed"]
    technical = git(archive.root, "log", "-1", "--grep=^Technical", "--format=%b").split("\n\n")[0]
    assert technical == "changed: 一\nremoved: 三"
    # The mark of an edit holds for one commit.
    write(archive, replace(two, title="二", body=["<p>又清理</p>"]))
    assert Committer(archive).commit(MOMENT) == "Technical: 1 changed"
    assert git(archive.root, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    "title", ["Technical: 1 changed", "x\n\nSpider: import", "\x1b[31m红\x07", "标" * 5000, "\ud800"]
)
def test_no_title_looks_like_another_part_of_the_message(archive, title):
    write(archive, story(1, "标题"))
    post = archive.path_of(story(1).address)
    post.write_text(post.read_text().replace('title: "标题"', f"title: {json.dumps(title)}"))
    subject = Committer(archive).commit(MOMENT, "realtime")
    assert subject.startswith("new: ")
    assert len(subject) < 210
    message = git(archive.root, "log", "-1", "--format=%B")
    assert message.count("\n") == 6
    assert not set(message) & {"\x1b", "\x07"}
    assert git(archive.root, "log", "-1", "--format=%(trailers:key=Spider,valueonly)").strip() == "realtime"


def test_notes_alone_wait_for_the_next_news_unless_a_story_was_withdrawn(archive):
    write(archive, story(1, "一"))
    committer = Committer(archive)
    committer.commit(MOMENT, may_wait=True)
    owe(archive, 2)
    archive.notes.absent.add(story(3).address, "answered 404")
    assert (committer.commit(MOMENT, may_wait=True), committer.is_waiting) == ("", True)
    assert git(archive.root, "diff", "--cached", "--name-only") == ""
    assert (committer.commit(MOMENT), committer.is_waiting) == ("1 gone, 1 owed", False)
    owe(archive, 4)
    archive.notes.absent.add(story(1).address, "answered 404")
    assert committer.commit(MOMENT, may_wait=True) == "withdrawn: 一"
    assert git(archive.root, "status", "--porcelain") == ""


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
@pytest.mark.parametrize("has_own", [False, True])
def test_git_shows_single_changed_characters(archive, locale, has_own):
    if has_own:
        (archive.root / ".gitattributes").write_text("*.jpg binary\n")
    one = story(1, "大桥", "大桥今年8时通车，报道说。")
    write(archive, one)
    Committer(archive).commit(MOMENT)
    edit(archive, replace(one, body=["<p>天桥今季18时通车，报导说。</p>"]))
    Committer(archive).commit(MOMENT)
    shown = git(archive.root, "log", "-1", "-p", "--word-diff", LC_ALL=locale)
    assert "<p>[-大-]{+天+}桥今[-年8-]{+季18+}时通车，报[-道-]{+导+}说。</p>" in shown
    assert "@@ 大桥" in shown
    assert (archive.root / ".gitattributes").read_text().startswith("*.jpg" if has_own else "# git log")
    assert git(archive.root, "ls-files", "--others", "--exclude-standard").split() == (
        [".gitattributes"] if has_own else []
    )


def test_the_paths_that_commits_change_are_kept_for_a_fast_log(archive):
    write(archive, story(1))
    Committer(archive).commit(MOMENT)
    graphs = archive.root / git(archive.root, "rev-parse", "--git-path", "objects/info/commit-graphs").strip()
    assert any(b"BDAT" in graph.read_bytes() for graph in graphs.glob("*.graph"))  # the filters of changed paths


def shared_indexes(archive):
    """Return the files in which git keeps most of the index."""
    return {path.name for path in (archive.root / ".git").glob("sharedindex.*")}


@pytest.mark.parametrize("archive", ["large"], indirect=True)
def test_a_commit_in_a_large_archive_compares_no_old_post_and_writes_no_whole_index(archive, monkeypatch):
    asked = []
    run = Git.start
    monkeypatch.setattr(Git, "start", lambda git, *words, **more: asked.append(words) or run(git, *words, **more))
    write(archive, *(story(number) for number in range(1, 9)))
    committer = Committer(archive)
    committer.commit(MOMENT)
    write(archive, story(10))
    committer.commit(MOMENT)
    git(archive.root, "config", "splitIndex.maxPercentChange", "100")  # 20 by default; these are few posts
    before = shared_indexes(archive)
    asked.clear()
    write(archive, story(11))
    edit(archive, story(1, "改了"))
    archive.remove(archive.path_of(story(2).address))
    assert committer.commit(MOMENT) == "1 new, 1 changed: 标题"
    assert git(archive.root, "status", "--porcelain") == ""
    assert shared_indexes(archive) == before
    compares_all = {"--modified", "--others", "--refresh", "status", "add", "diff", "diff-files"}
    assert not [words for words in asked if compares_all & set(words)]
    # The removed post is no news, so it has a commit of its own, which git makes from single paths.
    assert [words[words.index("commit") :][-2] for words in asked if "commit" in words] == ["--pathspec-from-file=-"]


@pytest.mark.parametrize("archive", ["large"], indirect=True)
def test_what_an_editor_writes_into_a_post_of_a_large_archive_is_found_after_a_day(archive):
    write(archive, story(1), story(2))
    committer = Committer(archive)
    committer.commit(MOMENT)
    write(archive, story(3))
    committer.commit(MOMENT)
    path, searched = archive.path_of(story(1).address), archive.root / ".zbcrawler" / "git.searched"
    hours_ago = searched.stat().st_mtime - 7200
    path.write_text("written by a person")
    for changed in (path, path.parent):
        os.utime(changed, (hours_ago, hours_ago))
    assert committer.commit(MOMENT) == ""
    os.utime(searched, (hours_ago - 86_400, hours_ago - 86_400))
    assert committer.commit(MOMENT) == "Technical: 1 changed"
    os.utime(searched, (hours_ago + 86_400, hours_ago + 86_400))  # a clock that was set back
    path.write_text("written again")
    assert committer.commit(MOMENT) == "Technical: 1 changed"


def test_a_commit_never_packs_the_repository(archive):
    git(archive.root, "config", "gc.auto", "1")
    git(archive.root, "config", "gc.autoDetach", "false")
    for number in range(3):
        write(archive, story(number))
        Committer(archive).commit(MOMENT)
    assert "packs: 0" in git(archive.root, "count-objects", "--verbose")
