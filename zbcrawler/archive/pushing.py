"""Push an archive's commits, on top of what others pushed.

The commits are made anew without a worktree: a person's files stay, and a kill leaves nothing behind. Only then the
branch moves, with the files that others changed.
"""

import os
import re
from contextlib import suppress
from pathlib import Path

from zbcrawler.archive import merging
from zbcrawler.archive.clone_setup import MERGE_DRIVER, merge_by_rule
from zbcrawler.archive.git import Git, make_commit
from zbcrawler.archive.past import TECHNICAL
from zbcrawler.common.errors import GitError

_ATTEMPTS = 4
_REJECTED = re.compile(r"rejected|fetch first|non-fast-forward|cannot lock ref")
_CHANGED = ("diff-tree", "-r", "--name-only", "--no-renames", "-z")  # the files that differ between two commits


def push(git: Git, note: Path) -> bool:
    """Push what the upstream lacks, then follow it; return whether anything was pushed. GitError: push again."""
    if git.succeeds("config", "--local", MERGE_DRIVER):
        with suppress(GitError):
            merge_by_rule(git)  # an older version may have set a driver that no longer exists
    remote, branch = _upstream(git)
    if not remote:
        (remote,), branch = git("remote").split(), git.branch()
        name = branch.removeprefix("refs/heads/")
        git("config", "--local", f"branch.{name}.remote", remote)
        git("config", "--local", f"branch.{name}.merge", branch)
    old = tip = _id_of(git, "HEAD")
    if git.has_upstream() and not git("rev-list", "--max-count=1", f"@{{upstream}}..{tip}").strip():
        return False
    for left in reversed(range(_ATTEMPTS)):
        try:
            git("push", "--quiet", remote, f"{tip}:{branch}")
            break
        except GitError as error:
            if not left or not _REJECTED.search(str(error)):
                raise
            onto = _fetch(git)
            if git.succeeds("merge-base", "--is-ancestor", onto, tip) and "cannot lock ref" not in str(error):
                raise  # not because somebody else pushed
            tip = _replay(git, old, onto)
    _move(git, old, tip, note)
    return True


def pull(git: Git, note: Path) -> None:
    """Fetch what others pushed, and put the branch's own commits on top; after a GitError the branch is unchanged."""
    onto, old = _fetch(git), _id_of(git, "HEAD")
    if not git.succeeds("merge-base", "--is-ancestor", onto, old):
        _move(git, old, _replay(git, old, onto), note)


def repair_move(git: Git, note: Path) -> None:
    """Finish what a killed :func:`_move` left, or take it back. A person's changes stay. GitError: call again."""
    if not note.exists():
        return
    old, _, new = note.read_text("ascii", "replace").partition(" ")
    # After a power cut, the file may hold anything, and the commit may be lost.
    if _id_of(git, "HEAD") == old and git.succeeds("cat-file", "-e", f"{new}^{{commit}}"):
        staged = git.top.names("diff-index", "--cached", "--name-only", "--no-renames", "-z", new)
        if not set(git.top.names(*_CHANGED, old, new)).isdisjoint(staged):
            _take_back(git.top, old, new)
        else:  # git writes the index when all files are written
            git("update-ref", "-m", "zbcrawler: follow the upstream", "HEAD", new, old)
    note.unlink()


def _take_back(top: Git, old: str, new: str) -> None:
    """Give the files that git has written already, or in part, the content that the index has."""
    for path in top.names(*_CHANGED, "--diff-filter=d", old, new):
        file = top.folder / path
        if file.is_symlink() or not file.is_file():
            continue
        # Git may have been killed in the middle of a file. Anything else is a person's.
        if top.bytes_of("cat-file", "--filters", f"{new}:{path}").startswith(file.read_bytes()):
            file.unlink()
    before = top.names(*_CHANGED, "--diff-filter=a", old, new)
    lost = [path for path in before if not os.path.lexists(top.folder / path)]
    top("checkout-index", "--force", "--index", "-z", "--stdin", given="\0".join(lost))


def _move(git: Git, old: str, new: str, note: Path) -> None:
    """Move the branch and the files that differ; raise GitError, and change nothing, if a person has changed one."""
    if old == new or _id_of(git, "HEAD") != old:
        return  # a person has committed meanwhile; a later push lets the branch follow
    words = ("read-tree", "-m", "-u", old, new)
    git.succeeds("update-index", "-q", "--refresh")
    try:
        git(*words, "--dry-run")
    except GitError as error:
        what = "others have changed a file that has changes of yours, too; commit or stash them, or move the file away"
        raise GitError(f"{what}: {error}") from error
    note.write_text(f"{old} {new}")
    git(*words)
    git("update-ref", "-m", "zbcrawler: follow the upstream", "HEAD", new, old)
    note.unlink()


def _replay(git: Git, tip: str, onto: str) -> str:
    """Return the last of a branch's own commits, made anew on top of what others pushed, or raise GitError."""
    try:
        base = git("merge-base", onto, tip).strip()
    except GitError as error:
        what = "the upstream has no history in common with this branch; is it the right repository?"
        raise GitError(f"git: {what} If so, git pull --rebase") from error
    merge_by_rule(git)
    if git("rev-list", "--merges", "--max-count=1", f"{onto}..{tip}"):
        # Commits made anew would lack what a person wrote into a merge, so one more merge joins both.
        tree = merging.merge_trees(git, base, onto, tip)
        return make_commit(git, tree, [tip, onto], f"{TECHNICAL} merge what others have pushed\n", {})
    words = ("--reverse", "--topo-order", "--right-only", "--cherry-pick", f"{onto}...{tip}")
    for commit in git("rev-list", *words).split():
        tree = merging.merge_trees(git, f"{commit}^", onto, commit)
        if tree != git("rev-parse", f"{onto}^{{tree}}").strip():
            shown = ("--no-patch", "--no-show-signature", "--date=raw", "--format=%an%x00%ae%x00%ad%x00%B")
            name, mail, date, message = git("show", *shown, commit).split("\0", 3)
            author = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": mail, "GIT_AUTHOR_DATE": f"@{date}"}
            onto = make_commit(git, tree, [onto], message.rstrip("\n") + "\n", author)
    return onto


def _fetch(git: Git) -> str:
    """Fetch the upstream, and return its commit."""
    git("fetch", "--quiet", "--no-tags", *_upstream(git))
    # A fetch of a person at the same moment writes FETCH_HEAD, too.
    return _id_of(git, "@{upstream}" if git.has_upstream() else "FETCH_HEAD")


def _upstream(git: Git) -> tuple[str, str]:
    """Return the remote of the branch, and the full name of its upstream there."""
    words = ("for-each-ref", "--format=%(upstream:remotename)%00%(upstream:remoteref)")
    remote, name = git(*words, git.branch()).split("\0")
    return remote, name.strip()


def _id_of(git: Git, name: str) -> str:
    return git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").strip()
