"""Run git in the archive's folder, stop it gently, and find out whether a person or a killed git is in the way."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from zbcrawler.common.errors import GitError, StoppedError
from zbcrawler.common.text import one_line, shorten

TIMEOUT_SECONDS = 600  # a hook or a slow network may take a while, but a run must end
GRACE_SECONDS = 10  # after SIGTERM, git removes its lock files
# If a hook starts a run, git sets these variables, and would use the hook's repository.
_REPOSITORY_VARIABLES = frozenset(
    {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"}
    | {"GIT_NAMESPACE", "GIT_SHALLOW_FILE", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"}
)
# git must neither convert the line ends of posts, nor quote their paths.
_SETTINGS = {"core.quotePath": "false", "core.autocrlf": "false", "core.safecrlf": "false"}
# Messages are UTF-8 here, whatever a person's editor writes.
_SETTINGS |= {"i18n.commitEncoding": "UTF-8", "i18n.logOutputEncoding": "UTF-8"}
# A submodule is a person's. A run from cron packs no repository: with many stories that takes minutes.
_SETTINGS |= {"submodule.recurse": "false", "gc.auto": "0", "maintenance.auto": "false"}
ANONYMOUS = {"NAME": "zbcrawler", "EMAIL": "zbcrawler@localhost"}
_ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_LONGEST_MESSAGE = 600
_IS_BUSY = re.compile(rb"index\.lock': File exists|cannot lock ref 'refs/remotes/")
# What is unfinished, by git's file or folder.
_OPERATIONS = {"rebase-merge": "a rebase", "rebase-apply": "a rebase or git am", "MERGE_HEAD": "a merge"}
_OPERATIONS |= {"CHERRY_PICK_HEAD": "a cherry-pick", "REVERT_HEAD": "a revert", "BISECT_LOG": "a bisect"}
_OPERATIONS |= {"sequencer": "a series of cherry-picks or reverts"}
_GRAPH = "objects/info/commit-graphs/commit-graph-chain"
# Files that git locks while it commits, fetches, pushes and moves a branch, as git names them.
_LOCKED = ("index", "HEAD", "config", "packed-refs", "shallow", "ORIG_HEAD", "gc.log", _GRAPH)
_ROUNDING = 2  # seconds; some disks round the times of files
_PROCESSES = Path("/proc")
_File = IO[bytes] | int


class Git:
    """Git in one folder; ``was_killed``: a git did not end on SIGTERM, and may have left its lock files."""

    def __init__(self, folder: Path, most_seconds: float = TIMEOUT_SECONDS) -> None:
        self.folder = folder
        self.most_seconds = most_seconds  # of one git
        self.was_killed = False

    def __call__(self, *words: str, given: str = "", variables: Mapping[str, str] | None = None) -> str:
        """Run git with ``given`` as its input, and return what it prints; raise GitError with git's message."""
        return self.bytes_of(*words, given=given, variables=variables).decode("utf-8", "replace")

    def bytes_of(self, *words: str, given: str = "", variables: Mapping[str, str] | None = None) -> bytes:
        """Run git as ``__call__`` does, and return the bytes that it prints."""
        end = time.monotonic() + GRACE_SECONDS
        while True:
            code, printed, told = self._run(words, given, variables or {})
            if not code:
                return printed
            # A person's git, or an editor that calls git, holds the lock for a moment. Nothing has been done yet.
            if not _IS_BUSY.search(told) or time.monotonic() > end:
                break
            time.sleep(0.2)
        message = clean_message((told or printed).decode("utf-8", "replace"))
        raise GitError(f"git {words[0]}: {message or f'exit code {code}'}")

    def _run(self, words: Sequence[str], given: str, variables: Mapping[str, str]) -> tuple[int, bytes, bytes]:
        """Run git once; return its exit code, what it prints, and its errors."""
        try:
            # Files, not pipes: a process that a hook leaves behind would keep a pipe open.
            with TemporaryFile() as stdin, TemporaryFile() as stdout, TemporaryFile() as stderr:
                stdin.write(given.encode())
                stdin.seek(0)
                process = self.start(*words, stdin=stdin, stdout=stdout, stderr=stderr, variables=variables)
                try:
                    code = process.wait(self.most_seconds)
                except BaseException:  # git took too long, or this run is being stopped
                    self.was_killed = not _stop(process) or self.was_killed
                    raise
                stdout.seek(0)
                stderr.seek(0)
                return code, stdout.read(), stderr.read() if code else b""
        except subprocess.TimeoutExpired as error:
            raise GitError(f"git {words[0]}: took longer than {self.most_seconds} seconds, and was stopped") from error
        except OSError as error:
            raise GitError(f"git {words[0]}: {error}") from error

    def start(
        self, *words: str, stdin: _File, stdout: _File, stderr: _File, variables: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start git; raise OSError if it cannot be started. The caller waits for its end."""
        env = {name: value for name, value in os.environ.items() if name not in _REPOSITORY_VARIABLES}
        env |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8", "LANGUAGE": "", **(variables or {})}
        command = ["git", *(word for each in _SETTINGS.items() for word in ("-c", "=".join(each))), *words]
        # In a session of its own, git and its hooks have no terminal to ask questions on.
        return subprocess.Popen(  # noqa: S603
            command, cwd=self.folder, env=env, stdin=stdin, stdout=stdout, stderr=stderr, start_new_session=True
        )

    def stream(self, *words: str) -> Iterator[str]:
        """Run git, and yield what it prints between NUL bytes, at once. Git ends when the caller stops reading.

        :raises GitError: at the end, with git's message
        """
        with (
            TemporaryFile() as stderr,
            self.start(*words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr) as process,
        ):
            try:
                rest = b""
                while process.stdout and (data := process.stdout.read(1 << 16)):
                    *parts, rest = (rest + data).split(b"\0")
                    yield from (part.decode("utf-8", "replace") for part in parts)
                if code := process.wait():
                    stderr.seek(0)
                    message = clean_message(stderr.read().decode("utf-8", "replace"))
                    raise GitError(f"git {words[0]}: {message or f'exit code {code}'}")
            finally:
                process.kill()

    def names(self, *words: str, variables: Mapping[str, str] | None = None) -> list[str]:
        return [name for name in self(*words, variables=variables).split("\0") if name]

    def succeeds(self, *words: str) -> bool:
        with suppress(GitError):
            self(*words)
            return True
        return False

    @cached_property
    def top(self) -> Git:
        """Git in the folder of the whole worktree, which may be above the archive's."""
        return Git(Path(self("rev-parse", "--show-toplevel").strip()))

    def branch(self) -> str:
        """Return the full name of the branch; raise GitError if HEAD is detached."""
        return self("symbolic-ref", "--quiet", "HEAD").strip()

    def is_unborn(self) -> bool:
        return not self.succeeds("rev-parse", "--verify", "--quiet", "HEAD")

    def has_upstream(self) -> bool:
        return self.succeeds("rev-parse", "--abbrev-ref", "@{upstream}")

    def identity(self) -> dict[str, str]:
        """Return the variables that name an author, if git has none configured."""
        # Under cron git may have no name, and would refuse, or make one up from the host name.
        asked = ("-c", "user.useConfigOnly=true", "var")
        nameless = [role for role in ("AUTHOR", "COMMITTER") if not self.succeeds(*asked, f"GIT_{role}_IDENT")]
        return {f"GIT_{role}_{what}": ANONYMOUS[what] for role in nameless for what in ANONYMOUS}


def make_commit(git: Git, tree: str, parents: Iterable[str], message: str, author: Mapping[str, str]) -> str:
    """Return a new commit of a tree, signed if commits are to be; ``author``: the variables that say who and when."""
    signs = git("config", "--type=bool", "--default=false", "commit.gpgSign").strip() == "true"
    made = ["commit-tree", *(["-S"] if signs else []), *(f"-p{parent}" for parent in parents), "-F", "-", tree]
    return git(*made, given=message, variables={**git.identity(), **author}).strip()


@contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM and SIGINT raise StoppedError in the main thread, and so stop git."""

    def stop(number: int, _: object) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)  # git is being stopped already
        raise StoppedError(f"stopped by {signal.Signals(number).name}")

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        for number in before:
            signal.signal(number, stop)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def clean_message(message: str) -> str:
    """Return the last words of git or a hook as one line without control characters."""
    lines = [one_line(_ESCAPE_SEQUENCE.sub("", line)) for line in message[-8 * _LONGEST_MESSAGE :].splitlines()]
    lines = [line for line in lines if line and not line.startswith("hint:")]
    return shorten("; ".join(lines if len(lines) <= 5 else [lines[0], *lines[-4:]]), _LONGEST_MESSAGE)


def _stop(process: subprocess.Popen[bytes]) -> bool:
    """Stop git and its hooks; return whether SIGTERM was enough for git."""
    is_enough = True
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError, PermissionError):  # macOS forbids what has no living process
            os.killpg(process.pid, number)
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            is_enough = False
    return is_enough


def check_ready(git: Git) -> None:
    """Raise GitError, with the remedy, if a commit or a push would get into a person's unfinished work."""
    paths = zip(git_paths(git, *_OPERATIONS), _OPERATIONS.values(), strict=True)
    if operation := next((what for path, what in paths if path.exists()), ""):
        why = f"{operation} is not finished in this repository; finish or abort it (git status says how)"
    elif not git.succeeds("symbolic-ref", "--quiet", "HEAD"):
        why = "HEAD is detached, so a commit would be on no branch; git switch BRANCH first"
        if git.is_unborn():
            why = "the branch of HEAD cannot be read, as after a power cut; git fsck says what is broken"
    elif names := git.names("ls-files", "--unmerged", "-z", "--", ":/"):
        name = clean_message(names[0].partition("\t")[2])
        why = f"{name} has a conflict that is not resolved; resolve it, then git add {name}"
    else:
        return
    raise GitError(f"nothing was committed or pushed: {why}")


def remove_stale_locks(git: Git, since: float) -> None:
    """Remove what a git left that was killed with its run, begun at ``since``; raise GitError if a git is at work."""
    # Older files are a person's; git reports them.
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
        for path in git_paths(git, *_LOCKED, *refs, git.branch()):
            yield path.with_name(f"{path.name}.lock")
        (folder,) = git_paths(git, ".")
        yield from folder.glob("next-index-*.lock")
        yield from git.top.folder.glob(".merge_file_*")


def git_paths(git: Git, *names: str) -> list[Path]:
    """Return where git keeps its files, by their names in a plain repository, such as ``index``."""
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
            is_inside = is_git and any(Path(os.readlink(process / "cwd")).is_relative_to(place) for place in folders)
            if is_inside or any(os.readlink(file) in files for file in (process / "fd").iterdir()):
                return True
        except FileNotFoundError:  # the process has ended
            continue
        except OSError:
            if is_git:  # another user's
                return True
    return False
