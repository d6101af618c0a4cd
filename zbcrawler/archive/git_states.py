"""The states of a repository in which runs do not commit, and the lock files that a killed git leaves behind."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

from zbcrawler.archive.file_paths import NOTES, PICTURES, POSTS, edition_path, post_path
from zbcrawler.archive.git import GRACE_SECONDS, Git, clean_message
from zbcrawler.archive.notes import PLACES
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import GitError

# Git's file or folder, what is unfinished, and how a person ends it.
_OPERATIONS = (
    ("rebase-merge", "a rebase", "git rebase --continue or git rebase --abort"),
    ("rebase-apply", "a rebase or git am", "git rebase --continue, git am --continue, or --abort"),
    ("MERGE_HEAD", "a merge", "git merge --continue or git merge --abort"),
    ("CHERRY_PICK_HEAD", "a cherry-pick", "git cherry-pick --continue or git cherry-pick --abort"),
    ("REVERT_HEAD", "a revert", "git revert --continue or git revert --abort"),
    ("sequencer", "a series of cherry-picks or reverts", "git cherry-pick or git revert, with --continue or --abort"),
    ("BISECT_LOG", "a bisect", "git bisect reset"),
)
# Files that git locks while it commits, fetches, pushes and moves a branch, as git names them.
_LOCKED = ("index", "HEAD", "config", "packed-refs", "shallow", "ORIG_HEAD", "gc.log")
# Posts of every month are asked for: a pattern may name a year.
_SAMPLE_YEARS = range(2000, 2100)
# Seconds; some disks round the times of files.
_ROUNDING = 2
_PROCESSES = Path("/proc")


def check_ready(git: Git) -> None:
    """Raise GitError, with the remedy, if a commit or a push would get into a person's unfinished work."""
    if unfinished := _describe_unfinished(git):
        raise GitError(f"nothing was committed or pushed: {unfinished}")


def _describe_unfinished(git: Git) -> str:
    """Return what a person has to finish in this worktree, and how; empty if there is nothing."""
    paths = _git_paths(git, *(name for name, _, _ in _OPERATIONS))
    for path, (_, what, remedy) in zip(paths, _OPERATIONS, strict=True):
        if path.exists():
            return f"{what} is not finished in this repository; finish or abort it ({remedy})"
    if not git.succeeds("symbolic-ref", "--quiet", "HEAD"):
        if git.is_unborn():
            return "the branch of HEAD cannot be read, as after a power cut; git fsck says what is broken"
        return "HEAD is detached, so a commit would be on no branch; git switch BRANCH first"
    if names := git.names("ls-files", "--unmerged", "-z", "--", ":/"):
        name = clean_message(names[0].partition("\t")[2])
        return f"{name} has a conflict that is not resolved; resolve it, then git add {name}"
    return ""


def describe_strange_folders(git: Git) -> str:
    """Return which folder of an archive holds no files that this repository could have; empty if there is none."""
    for name in (POSTS, NOTES, PICTURES):
        folder = git.folder / name
        if folder.is_symlink():
            return f"{name} is a link, and git does not look behind links; move the folder here, or mount it here"
        if (folder / ".git").exists():
            return f"{name} is a repository of its own, so git here does not see what is in it; remove {name}/.git"
    if not any((git.folder / POSTS).glob("*")) and git.succeeds("ls-files", "--error-unmatch", "--", POSTS):
        return f"{POSTS} is empty, but git has posts; is its disk mounted? If they were removed: git restore {POSTS}"
    return ""


def describe_ignored(git: Git) -> str:
    """Return which file of an archive git would ignore, and the pattern to blame; empty if git ignores none."""
    days = [date(year, month, 1) for year in _SAMPLE_YEARS for month in range(1, 13)]
    samples = [post_path(StoryAddress("", day, "1234567")) for day in days]
    samples += [place if place.endswith(".json") else f"{place}/1234567.json" for place in PLACES]
    samples += [edition_path("learnt")]
    samples += [f"{PICTURES}/ab/{'ab' * 20}.{kind}" for kind in ("jpg", "png", "gif", "webp", "avif")]
    try:
        told = git("check-ignore", "--verbose", "-z", "--stdin", given="\0".join(samples)).split("\0")
    except GitError as error:
        # Otherwise git ignores none of them.
        return f"git does not look behind links ({error})" if "beyond a symbolic link" in str(error) else ""
    for file, line, pattern, path in zip(*(told[start::4] for start in range(4)), strict=False):
        if not pattern.startswith("!"):
            what = f"git would ignore {path}, by the pattern {pattern} in {file}, line {line}"
            return clean_message(f"{what}; change the pattern, or run git init here")
    return ""


def remove_stale_locks(git: Git, since: float) -> None:
    """Remove lock files and half-written files of a git that was killed with its run, which began at ``since``.

    An older file is a person's, and stays; git reports it.

    :raises GitError: if a git is at work in the repository, or a program has one of the files open
    """
    found = [path for path in _leftovers(git) if path.is_file() and path.lstat().st_mtime >= since - _ROUNDING]
    end = time.monotonic() + GRACE_SECONDS
    while found and _is_git_at_work(git, found):
        if all(path.name == "gc.log.lock" for path in found):
            return  # git gc runs in the background, and stops no commit
        if time.monotonic() > end or not _PROCESSES.is_dir():
            what = "is locked by a git that is still at work, or was killed; if no git is running, remove the file"
            raise GitError(f"git: {found[0]}: {what}")
        time.sleep(0.2)  # the git of a killed run ends soon
        found = [path for path in found if path.exists()]
    for path in found:
        path.unlink(missing_ok=True)


def _leftovers(git: Git) -> Iterator[Path]:
    with suppress(GitError):
        refs = git("for-each-ref", "--format=%(refname)%0a%(upstream)", git.branch()).split()
        for path in _git_paths(git, *_LOCKED, *refs, git.branch()):
            yield path.with_name(f"{path.name}.lock")
        (folder,) = _git_paths(git, ".")
        yield from folder.glob("next-index-*.lock")
        yield from git.top.folder.glob(".merge_file_*")


def _git_paths(git: Git, *names: str) -> list[Path]:
    words = [word for name in names for word in ("--git-path", name)]
    return [git.folder / line for line in git("rev-parse", *words).splitlines()]


def _is_git_at_work(git: Git, locks: list[Path]) -> bool:
    """Whether a live process may hold one of the locks; True on systems that do not show it."""
    if not _PROCESSES.is_dir():
        return True
    tops = git("rev-parse", "--show-toplevel", "--absolute-git-dir").splitlines()
    # An editor, or git itself when it waits for one, holds a lock file that it has closed.
    folders = {os.path.realpath(folder) for folder in tops}
    files = {os.path.realpath(lock) for lock in locks}
    for process in _PROCESSES.glob("[0-9]*"):
        is_git = False
        try:
            words = (process / "cmdline").read_bytes()
            is_git = (process / "comm").read_text().startswith("git") and b"daemon" not in words
            if is_git and any(Path(os.readlink(process / "cwd")).is_relative_to(folder) for folder in folders):
                return True
            if any(os.readlink(file) in files for file in (process / "fd").iterdir()):
                return True
        except FileNotFoundError:  # the process has ended
            continue
        except OSError:
            if is_git:  # another user's
                return True
    return False
