"""Runs git in the archive's folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from zbcrawler.common.errors import GitError

# Seconds. A hook or a slow network may take a while; a run must end.
_PATIENCE = 600
# Hooks set these, which would lead git into the caller's own repository.
_LEADING_ELSEWHERE = frozenset(
    {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"}
)
_NOBODY = {"NAME": "zbcrawler", "EMAIL": "zbcrawler@localhost"}


class Git:
    """git in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: str, given: str = "", variables: Mapping[str, str] | None = None) -> str:
        """Run git and return what it prints.

        :param given: its standard input
        :param variables: to add to its environment
        :raises GitError: if it fails, with its message
        """
        environment = {name: value for name, value in os.environ.items() if name not in _LEADING_ELSEWHERE}
        environment |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8", **(variables or {})}
        command = ["git", "-c", "core.quotePath=false", *words]
        try:
            done = subprocess.run(  # noqa: S603
                command,
                cwd=self.folder,
                env=environment,
                input=given.encode(),
                capture_output=True,
                timeout=_PATIENCE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise GitError(f"git {words[0]}: {error}") from error
        if done.returncode:
            said = _shortened((done.stderr or done.stdout).decode("utf-8", "replace"))
            raise GitError(f"git {words[0]}: {said or f'exit code {done.returncode}'}")
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
        """Whether the branch has another to push to."""
        return self.succeeds("rev-parse", "--abbrev-ref", "@{upstream}")

    def remotes(self) -> list[str]:
        return self("remote").split()

    def identity(self) -> dict[str, str]:
        """Return the variables that name an author where git knows none."""
        # cron has no name; git would refuse, or invent one from the machine's.
        if os.environ.get("GIT_AUTHOR_EMAIL") or self.succeeds("config", "user.email"):
            return {}
        return {f"GIT_{role}_{what}": _NOBODY[what] for role in ("AUTHOR", "COMMITTER") for what in _NOBODY}


def _shortened(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("hint:")]
    return "; ".join(lines[-5:])[:600]
