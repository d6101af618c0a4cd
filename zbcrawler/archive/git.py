"""git, as the program on this machine: hooks, signing and remotes work as everywhere else."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from zbcrawler.common.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# Seconds. A hook or a slow network may take a while; a run must end.
_PATIENCE = 600


class Git:
    """git in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: str, given: str = "", variables: Mapping[str, str] | None = None) -> str:
        """Run git, and gives what it prints.

        :param given: its standard input
        :param variables: of its environment, beside those that are set
        :raises GitError: if it fails, with what it said
        """
        # Set inside hooks, these would lead into the caller's own repository.
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

    def succeeds(self, *words: str) -> bool:
        """Whether git does something without complaint."""
        try:
            self(*words)
        except GitError:
            return False
        return True


_LEADING_ELSEWHERE = frozenset(
    {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"}
)


def is_installed() -> bool:
    """Whether there is a git on this machine."""
    return shutil.which("git") is not None


def names_of(printed: str) -> Sequence[str]:
    """Return what a command with ``-z`` printed, piece by piece."""
    return [name for name in printed.split("\0") if name]


def _shortened(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("hint:")]
    return "; ".join(lines[-5:])[:600]
