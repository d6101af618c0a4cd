"""Run git in the archive's folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from zbcrawler.common.errors import GitError

# A hook or a slow network may take a while, but a run must end.
_TIMEOUT_SECONDS = 600
# If a hook starts a run, git sets these variables, and would use the hook's repository.
_REPOSITORY_VARIABLES = frozenset(
    {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"}
)
_ANONYMOUS = {"NAME": "zbcrawler", "EMAIL": "zbcrawler@localhost"}


class Git:
    """Git in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: str, given: str = "", variables: Mapping[str, str] | None = None) -> str:
        """Run git and return what it prints.

        :param given: its standard input
        :param variables: to add to its environment
        :raises GitError: if git fails, with git's message
        """
        environment = {name: value for name, value in os.environ.items() if name not in _REPOSITORY_VARIABLES}
        environment |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8", **(variables or {})}
        command = ["git", "-c", "core.quotePath=false", *words]
        try:
            done = subprocess.run(  # noqa: S603
                command,
                cwd=self.folder,
                env=environment,
                input=given.encode(),
                capture_output=True,
                timeout=_TIMEOUT_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise GitError(f"git {words[0]}: {error}") from error
        if done.returncode:
            message = _shorten_message((done.stderr or done.stdout).decode("utf-8", "replace"))
            raise GitError(f"git {words[0]}: {message or f'exit code {done.returncode}'}")
        return done.stdout.decode("utf-8", "replace")

    def names(self, *words: str) -> list[str]:
        """Return what a command with ``-z`` prints, piece by piece."""
        return [name for name in self(*words).split("\0") if name]

    def succeeds(self, *words: str) -> bool:
        try:
            self(*words)
        except GitError:
            return False
        return True

    def is_unborn(self) -> bool:
        """Whether there is no commit yet, or no repository."""
        return not self.succeeds("rev-parse", "--verify", "--quiet", "HEAD")

    def has_upstream(self) -> bool:
        """Whether the branch has a remote branch to push to."""
        return self.succeeds("rev-parse", "--abbrev-ref", "@{upstream}")

    def remotes(self) -> list[str]:
        return self("remote").split()

    def identity(self) -> dict[str, str]:
        """Return the variables that name an author, if git has none configured."""
        # Under cron git may have no name, and would refuse, or make one up from the host name.
        if os.environ.get("GIT_AUTHOR_EMAIL") or self.succeeds("config", "user.email"):
            return {}
        return {f"GIT_{role}_{what}": _ANONYMOUS[what] for role in ("AUTHOR", "COMMITTER") for what in _ANONYMOUS}


def _shorten_message(message: str) -> str:
    lines = [line.strip() for line in message.splitlines() if line.strip() and not line.startswith("hint:")]
    return "; ".join(lines[-5:])[:600]
