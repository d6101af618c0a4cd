"""Commits and pushes of real runs in repositories in any state: no post is lost, and nothing of a person's is touched."""

from __future__ import annotations

import signal
import subprocess

import pytest
from support.crawling import PATIENCE, crawl, start_crawl, tree, wait_for
from support.programs import needs
from support.repositories import Killer, commit_file, git, set_hook

from zbcrawler.replica.server import Replica

COMMIT = {"ARCHIVE_COMMIT": 1}
PUSH = {"ARCHIVE_COMMIT": 1, "ARCHIVE_PUSH": 1}


@pytest.fixture(autouse=True)
def nobody(tmp_path_factory, monkeypatch):
    """As from cron: a home without a git configuration."""
    needs("git")
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def site(newsroom):
    with Replica(newsroom) as replica:
        yield replica


def run(site, archive, settings=COMMIT, section="china", **arguments):
    return crawl("realtime", site.url, archive, site.newsroom, settings=settings, sections=section, **arguments)


def posts_in(folder):
    return {name for name in tree(folder) if "_posts/" in name}


def committed_posts(folder, revision="HEAD"):
    return {
        name for name in git(folder, "ls-tree", "-r", "--name-only", "-z", revision).split("\0") if "_posts/" in name
    }


def refs_of(folder):
    return git(folder, "rev-parse", "HEAD") + git(folder, "for-each-ref")


def in_conflict(top, command):
    """Leave a merge, a rebase or the like of a person in the middle."""
    commit_file(top, "README", "0")
    git(top, "branch", "other")
    commit_file(top, "README", "1")
    git(top, "switch", "--quiet", "other")
    commit_file(top, "README", "2")
    git(top, "switch", "--quiet", "-")
    git(top, *command.split(), fails=True)


STATES = {
    "rebase": ("a rebase is not finished", "rebase other", "rebase --abort"),
    "rebase with patches": ("a rebase or git am is not finished", "rebase --apply other", "rebase --abort"),
    "merge": ("a merge is not finished", "merge other", "merge --abort"),
    "cherry-pick": ("a cherry-pick is not finished", "cherry-pick other", "cherry-pick --abort"),
    "revert": ("a revert is not finished", "revert --no-edit HEAD~1", "revert --abort"),
}


def make_top(tmp_path, place):
    """Return the top of a repository with one commit, and the folder of the archive in it."""
    first = tmp_path / "first"
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "first")
    commit_file(first, "begun", "x")
    if place == "a linked worktree":
        git(first, "worktree", "add", "--quiet", "-b", "work", "../linked")
        return tmp_path / "linked", tmp_path / "linked"
    if place == "a submodule":
        git(tmp_path, "init", "--quiet", "--initial-branch=main", "super")
        git(
            tmp_path / "super", "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(first), "archive"
        )
        return tmp_path / "super" / "archive", tmp_path / "super" / "archive"
    if place == "a folder":
        (first / "archive").mkdir()
        return first, first / "archive"
    return first, first


@pytest.mark.parametrize(
    ("state", "place"),
    [
        *((state, "a repository") for state in STATES),
        ("merge", "a folder"),
        ("rebase", "a linked worktree"),
        ("cherry-pick", "a submodule"),
    ],
)
def test_in_the_middle_of_a_persons_work_nothing_is_committed_and_the_posts_wait(site, tmp_path, state, place):
    said, command, end = STATES[state]
    top, archive = make_top(tmp_path, place)
    in_conflict(top, command)
    before, status = refs_of(top), git(top, "status")
    told = run(site, archive)
    assert told.returncode == 1, told.stdout
    (line,) = [line for line in told.stdout.splitlines() if line.startswith("failed: ")]
    assert f"{said} in this repository; finish or abort it (git " in line
    assert refs_of(top) == before
    assert git(top, "status").splitlines()[:3] == status.splitlines()[:3]
    assert len(posts_in(archive)) > 20
    git(top, *end.split())
    told = run(site, archive)
    assert told.returncode == 0, told.stdout
    assert committed_posts(archive) == posts_in(archive)


def test_during_a_bisect_and_without_a_branch_nothing_is_committed(site, archive):
    git(archive, "init", "--quiet", "--initial-branch=main")
    for number in range(4):
        commit_file(archive, "README", str(number))
    git(archive, "bisect", "start", "HEAD", "HEAD~3")
    before = refs_of(archive)
    told = run(site, archive)
    assert (told.returncode, "a bisect is not finished" in told.stdout) == (1, True), told.stdout
    git(archive, "bisect", "reset")
    git(archive, "switch", "--quiet", "--detach", "HEAD~1")
    told = run(site, archive)
    assert (told.returncode, "HEAD is detached" in told.stdout) == (1, True), told.stdout
    git(archive, "switch", "--quiet", "main")
    assert refs_of(archive).splitlines()[1:] != before.splitlines()[1:]  # the bisect's own refs are gone
    told = run(site, archive)
    assert told.returncode == 0, told.stdout
    assert committed_posts(archive) == posts_in(archive)


def test_a_branch_that_a_power_cut_has_emptied_is_named_and_the_posts_wait(site, archive):
    git(archive, "init", "--quiet", "--initial-branch=main")
    commit_file(archive, "README", "1")
    branch = archive / ".git" / "refs" / "heads" / "main"
    whole = branch.read_text()
    branch.write_text("")
    told = run(site, archive)
    assert (told.returncode, "the branch of HEAD cannot be read" in told.stdout) == (1, True), told.stdout
    branch.write_text(whole)
    told = run(site, archive)
    assert told.returncode == 0, told.stdout
    assert committed_posts(archive) == posts_in(archive)


def test_a_post_in_conflict_is_not_committed_with_the_marks_of_the_conflict(site, archive):
    git(archive, "init", "--quiet")
    run(site, archive)
    name = min(posts_in(archive))
    for text in ("mine", "mine and theirs"):
        (archive / name).write_text(f"{text}\n")
        git(archive, "stash", "push", "--quiet")
    git(archive, "stash", "apply", "--quiet", "stash@{1}")
    git(archive, "commit", "--quiet", "--all", "--message=mine")
    git(archive, "stash", "apply", "--quiet", "stash@{0}", fails=True)
    site.newsroom.publish("china")
    told = run(site, archive)
    assert told.returncode == 1
    assert f"{name} has a conflict that is not resolved" in told.stdout
    assert "<<<<" not in git(archive, "show", f"HEAD:{name}")


@pytest.fixture
def clones(site, tmp_path):
    """Return two clones of one hub; the first has pushed the posts of a section, the second has not fetched them."""
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "hub.git")
    git(tmp_path, "clone", "--quiet", "hub.git", "one")
    one, two = tmp_path / "one", tmp_path / "two"
    commit_file(one, "README", "1")
    git(one, "push", "--quiet", "--set-upstream", "origin", "HEAD:main")
    git(tmp_path, "clone", "--quiet", "hub.git", "two")
    told = run(site, one, PUSH, "world")
    assert told.returncode == 0, told.stdout
    return one, two


def start(site, archive):
    return start_crawl(site.url, archive, site.newsroom, "-a", "sections=china", **PUSH)


@pytest.mark.parametrize("moment", Killer.MOMENTS)
def test_a_run_that_is_killed_with_its_git_is_recovered_by_the_next(site, clones, tmp_path, moment):
    _, two = clones
    commit_file(two, "mine", "1")
    git(two, "push", "--quiet", fails=True)
    (two / "README").write_text("changed, not staged")
    (two / "mine").write_text("changed and staged")
    git(two, "add", "mine")
    killer = Killer(tmp_path, two)
    killer.aim(moment)
    killed = start(site, two)
    killed.communicate(timeout=PATIENCE)
    assert killer.has_killed
    assert killed.returncode == -signal.SIGKILL
    site.newsroom.publish("china")
    told = run(site, two, PUSH)
    assert told.returncode == 0, told.stdout
    assert committed_posts(two) == posts_in(two) == committed_posts(tmp_path / "hub.git", "main")
    assert git(two, "status", "--porcelain") == " M README\nM  mine\n"
    assert git(two, "rev-parse", "HEAD") == git(two, "rev-parse", "origin/main")
    assert (two / "README").read_text() == "changed, not staged"
    git_folder = two / ".git"
    assert not [path for path in git_folder.rglob("*.lock") if "objects" not in path.parts]
    assert not list(git_folder.glob("rebase*"))
    assert sorted(path.name for path in two.iterdir() if path.name.startswith(".")) == [
        ".git",
        ".gitattributes",
        ".zbcrawler",
    ]


@pytest.mark.parametrize("skipped", [1, 2, 5])
def test_a_post_that_was_half_written_when_git_was_killed_becomes_whole(site, clones, tmp_path, skipped):
    """Kill git when it has written some of the posts that others pushed, and leave the last one cut."""
    _, two = clones
    killer = Killer(tmp_path, two)
    told = run(site, two)
    assert told.returncode == 0, told.stdout
    before = posts_in(two)
    git(
        two,
        "config",
        "filter.killer.smudge",
        f"echo x >>{tmp_path}/written; test $(wc -l <{tmp_path}/written) -le {skipped} || {git(two, 'config', 'filter.killer.smudge').strip()}; cat",
    )
    killer.aim("smudge")
    killed = start(site, two)
    killed.communicate(timeout=PATIENCE)
    assert killer.has_killed
    git(two, "config", "--unset", "filter.killer.smudge")
    new = sorted(posts_in(two) - before)
    assert len(new) >= skipped
    (two / new[-1]).write_bytes((two / new[-1]).read_bytes()[:20])
    told = run(site, two, PUSH)
    assert told.returncode == 0, told.stdout
    assert git(two, "status", "--porcelain") == ""
    assert committed_posts(two) == committed_posts(tmp_path / "hub.git", "main") > before


def test_a_rebase_of_a_person_is_never_aborted(site, clones):
    one, two = clones
    commit_file(one, "README", "2")
    git(one, "push", "--quiet")
    commit_file(two, "README", "3")
    git(two, "fetch", "--quiet")
    git(two, "rebase", "origin/main", fails=True)
    before = refs_of(two)
    told = run(site, two, PUSH)
    assert told.returncode == 1
    assert "a rebase is not finished" in told.stdout
    assert refs_of(two) == before
    assert "<<<<" in (two / "README").read_text()


def test_changes_of_a_person_neither_block_a_push_nor_are_touched(site, clones, tmp_path):
    one, two = clones
    commit_file(two, "mine", "1")
    (two / "README").write_text("mine")  # not staged; the others change it, too
    (two / "mine").write_text("staged")
    git(two, "add", "mine")
    (two / "mine").write_text("staged, then changed")
    (two / "new").write_text("not tracked")
    commit_file(one, "README", "theirs")
    git(one, "push", "--quiet")
    status = git(two, "status", "--porcelain")
    told = run(site, two, PUSH)
    assert told.returncode == 1
    (line,) = [line for line in told.stdout.splitlines() if line.startswith("failed: ")]
    assert "others have changed a file that has changes of yours, too; commit or stash them" in line
    assert "'README'" in line
    assert git(two, "status", "--porcelain") == status
    assert (two / "README").read_text() == "mine"
    # The posts are pushed all the same, also those of the next run.
    assert committed_posts(tmp_path / "hub.git", "main") == posts_in(one) | posts_in(two)
    site.newsroom.publish("china")
    run(site, two, PUSH)
    assert committed_posts(tmp_path / "hub.git", "main") == posts_in(one) | posts_in(two)
    git(two, "restore", "README")
    site.newsroom.publish("china")
    told = run(site, two, PUSH)
    assert told.returncode == 0, told.stdout
    assert (two / "README").read_text() == "theirs"
    assert git(two, "status", "--porcelain") == "MM mine\n?? new\n"
    assert git(two, "show", ":mine") == "staged"
    assert committed_posts(two) == committed_posts(tmp_path / "hub.git", "main")
    subjects = git(two, "log", "--format=%s").splitlines()
    assert len([line for line in subjects if " new: " in line or line.startswith("new: ")]) == 4
    assert len(subjects) == len(set(subjects))


def test_a_lock_of_a_living_git_of_a_person_stays_although_a_run_was_killed(site, archive, tmp_path):
    git(archive, "init", "--quiet")
    commit_file(archive, "README", "1")
    killer = Killer(tmp_path, archive)
    killer.aim("pre-commit")
    start_crawl(site.url, archive, site.newsroom, **COMMIT).communicate(timeout=PATIENCE)
    assert killer.has_killed
    lock = archive / ".git" / "index.lock"
    lock.unlink(missing_ok=True)
    opened, closed = tmp_path / "opened", tmp_path / "closed"
    editor = tmp_path / "editor"
    editor.write_text(f"#!/bin/sh\necho mine >$1; touch {opened}; while [ ! -e {closed} ]; do sleep 0.1; done\n")
    editor.chmod(0o755)
    (archive / "README").write_text("2")
    words = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "--quiet", "README"]
    with subprocess.Popen(words, cwd=archive, env={"PATH": "/usr/bin:/bin", "GIT_EDITOR": str(editor)}) as person:
        wait_for(opened.exists)
        assert lock.exists()
        told = run(site, archive)
        assert told.returncode == 1
        assert "index.lock: is locked by a git that is still at work" in told.stdout
        assert lock.exists()
        closed.touch()
    assert person.returncode == 0
    told = run(site, archive)
    assert told.returncode == 0, told.stdout
    assert committed_posts(archive) == posts_in(archive)
    assert git(archive, "show", "HEAD~1:README") == "2"


def test_an_old_lock_of_a_person_is_reported_and_stays(site, archive):
    git(archive, "init", "--quiet")
    lock = archive / ".git" / "index.lock"
    lock.touch()
    for _ in range(2):
        told = run(site, archive)
        assert told.returncode == 1
        assert "index.lock': File exists" in told.stdout
        assert lock.exists()
    lock.unlink()
    told = run(site, archive)
    assert told.returncode == 0, told.stdout
    assert committed_posts(archive) == posts_in(archive)


def test_a_run_that_is_stopped_in_a_hook_stops_git_gently_and_at_once(site, archive, tmp_path):
    git(archive, "init", "--quiet")
    begun, ended = tmp_path / "begun", tmp_path / "ended"
    hook = set_hook(archive, "pre-commit", f"trap 'echo TERM >{ended}; exit 1' TERM; touch {begun}; sleep 60 & wait")
    process = start_crawl(site.url, archive, site.newsroom, "-a", "sections=china", **COMMIT)
    wait_for(begun.exists, process)
    process.terminate()
    told = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 1
    assert "stopped by SIGTERM; the next run tries again" in told
    wait_for(lambda: ended.exists() and ended.read_text() == "TERM\n")  # the hook may end after git
    assert not (archive / ".git" / "index.lock").exists()
    hook.unlink()
    told = run(site, archive)
    assert told.returncode == 0, told.stdout
    assert committed_posts(archive) == posts_in(archive)


@pytest.mark.parametrize(
    ("pattern", "place"),
    [
        ("*.md", ".gitignore"),
        ("*.json", ".git/info/exclude"),
        ("_posts/2026*", ".gitignore"),
        ("_data/owed/*", "_data/.gitignore"),
        ("*.webp", "home"),
        ("pictures", ".gitignore"),
    ],
)
def test_patterns_that_hide_posts_notes_or_pictures_are_found_at_the_start(site, archive, tmp_path, pattern, place):
    git(archive, "init", "--quiet")
    file = archive / place
    if place == "home":
        file = tmp_path / "ignore"
        git(archive, "config", "core.excludesFile", str(file))
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"# mine\n{pattern.rpartition('/')[2] if place.startswith('_') else pattern}\n")
    told = run(site, archive)
    assert told.returncode == 2, told.stdout
    assert "git would ignore " in told.stderr
    assert f"by the pattern {pattern.removeprefix('_data/owed/')} in " in told.stderr
    assert ", line 2; change the pattern" in told.stderr
    assert site.requests == []
    file.write_text("*.md\n!*.md\nnotes.txt\n.zbcrawler\n")
    told = run(site, archive)
    assert told.returncode == 0, told.stdout + told.stderr


def test_the_words_of_a_hook_are_printed_plainly_and_shortly(site, archive):
    git(archive, "init", "--quiet")
    words = r"printf '\033[31mred\033[0m \033]0;title\007 over\rwritten \302\233 \342\200\256right to left\377\n' >&2"
    set_hook(archive, "pre-commit", f"head -c 300000 /dev/urandom >&2; echo >&2; {words}; exit 1")
    told = run(site, archive)
    assert told.returncode == 1
    (line,) = [line for line in told.stdout.split("\n") if line.startswith("failed: ")]
    assert line.replace("\u2026", "").isprintable() or "\ufffd" in line
    assert not set(line) & {"\x1b", "\r", "\x07", "\x9b", "\u202e"}
    assert len(line) < 900
    assert "red over; written right to left" in line


@pytest.mark.parametrize("trouble", ["the branch was renamed", "the upstream was deleted", "the clone is shallow"])
def test_a_push_copes_with_what_people_do_to_branches(site, clones, tmp_path, trouble):
    one, two = clones
    branch = "main"
    if trouble == "the branch was renamed":
        git(two, "branch", "--move", "main", "work")
    elif trouble == "the upstream was deleted":
        git(tmp_path / "hub.git", "branch", "--move", "main", "old")
        git(two, "fetch", "--quiet", "--prune")
    else:
        for number in range(3):
            commit_file(one, "README", f"later {number}")
        git(one, "push", "--quiet")
        git(tmp_path, "clone", "--quiet", "--depth=1", (tmp_path / "hub.git").as_uri(), "shallow")
        two = tmp_path / "shallow"
        commit_file(one, "README", "after the clone")
        git(one, "push", "--quiet")
    told = run(site, two, PUSH)
    assert told.returncode == 0, told.stdout
    assert posts_in(two) <= committed_posts(tmp_path / "hub.git", branch)
    assert git(two, "status", "--porcelain") == ""
    assert git(two, "rev-parse", "HEAD") == git(tmp_path / "hub.git", "rev-parse", branch)


def test_a_push_into_another_repository_by_mistake_is_refused(site, clones, tmp_path):
    _, two = clones
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "strange")
    commit_file(tmp_path / "strange", "README", "of others")
    git(tmp_path, "clone", "--quiet", "--bare", "strange", "strange.git")
    git(two, "remote", "set-url", "origin", str(tmp_path / "strange.git"))
    told = run(site, two, PUSH)
    assert told.returncode == 1
    assert "has no history in common with this branch" in told.stdout
    assert git(tmp_path / "strange.git", "log", "--format=%s") == "README: of others\n"
    assert committed_posts(two) == posts_in(two)


def test_a_configuration_of_a_person_changes_nothing(site, clones, tmp_path, monkeypatch):
    one, two = clones
    for line in (
        "core.autocrlf true|core.safecrlf true|rebase.autosquash true|rebase.updateRefs true|pull.rebase merges|"
        "merge.conflictStyle diff3|push.default nothing|log.showSignature true|diff.noprefix true|core.quotePath true|"
        "color.ui always|fetch.prune true|push.autoSetupRemote true|commit.verbose true|status.short true"
    ).split("|"):
        git(two, "config", *line.split())
    git(two, "branch", "kept")
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    told = run(site, two, PUSH)
    assert told.returncode == 0, told.stdout
    monkeypatch.delenv("GIT_LITERAL_PATHSPECS")
    assert git(two, "rev-parse", "kept") == git(one, "rev-parse", "HEAD~1")
    shared = posts_in(one)
    assert {name: (two / name).read_bytes() for name in shared} == {name: (one / name).read_bytes() for name in shared}
    assert committed_posts(tmp_path / "hub.git", "main") == posts_in(two) > shared


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ({"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}, "git config --global --add safe.directory"),
        ({"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "nonsense", "GIT_CONFIG_VALUE_0": ""}, "nonsense"),
    ],
)
def test_what_makes_a_repository_unusable_is_told_in_gits_words(site, archive, monkeypatch, variable, said):
    git(archive, "init", "--quiet")
    for name, value in variable.items():
        monkeypatch.setenv(name, value)
    told = run(site, archive)
    assert told.returncode == 2
    assert said in told.stderr
    assert site.requests == []


def test_a_hook_that_asks_or_leaves_a_process_behind_does_not_hold_up_a_run(site, archive, tmp_path):
    git(archive, "init", "--quiet")
    git(archive, "config", "commit.gpgsign", "true")
    git(archive, "config", "gpg.program", "false")
    told = run(site, archive)
    assert (told.returncode, "gpg failed to sign the data" in told.stdout) == (1, True), told.stdout
    git(archive, "config", "commit.gpgsign", "false")
    alive = tmp_path / "alive"
    set_hook(archive, "pre-commit", f"read answer </dev/tty; read answer; sleep 300 & echo $! >{alive}")
    told = run(site, archive)
    subprocess.run(["kill", alive.read_text().strip()], check=True)
    assert told.returncode == 0, told.stdout
    assert committed_posts(archive) == posts_in(archive)
