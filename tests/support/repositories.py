"""Real git repositories of archives: states, hooks and filters that stop or kill."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# Kills git and the run that started it, the run first, as the end of a machine would. It does so once.
_KILLER = """\
import os, signal, sys
from pathlib import Path
flag = Path({flag!r})
if flag.exists() and flag.read_text() == " ".join(sys.argv[1:]):
    chain, process = [], os.getppid()
    while process > 1:
        chain.append(process)
        if b"scrapy" in Path(f"/proc/{{process}}/cmdline").read_bytes():
            break
        process = int(Path(f"/proc/{{process}}/stat").read_text().rpartition(")")[2].split()[1])
    flag.unlink()
    for process in reversed(chain):
        os.kill(process, signal.SIGKILL)
    os._exit(1)
"""


def git(folder: Path, *words: str, fails: bool = False, **environment: str) -> str:
    """Run git as a person; return what it prints. Fail the test if git does not end as expected."""
    names = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false", "-c", "core.quotePath=false")
    given = {**os.environ, "GIT_EDITOR": "true", **environment}
    command = ["git", *names, *words]
    done = subprocess.run(command, cwd=folder, env=given, capture_output=True, encoding="utf-8", check=False)
    assert bool(done.returncode) == fails, done.stdout + done.stderr
    return done.stdout


def commit_file(folder: Path, name: str, text: str) -> None:
    """Commit a file of a person."""
    (folder / name).write_text(text)
    git(folder, "add", name)
    git(folder, "commit", "--quiet", "--message", f"{name}: {text}")


def set_hook(folder: Path, name: str, script: str) -> Path:
    """Write a hook of a repository, in shell."""
    hook = folder / git(folder, "rev-parse", "--git-path", f"hooks/{name}").strip()
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)
    return hook


class Killer:
    """Kills a run and its git at one moment of git's work, once."""

    MOMENTS = (
        "clean",  # git add reads a post
        "pre-commit",
        "post-index-change",
        "reference-transaction prepared",
        "reference-transaction committed",
        "pre-push",
        "smudge",  # git writes a post that others pushed
    )

    def __init__(self, folder: Path, repository: Path) -> None:
        self.flag = folder / "kill"
        script = folder / "killer.py"
        script.write_text(_KILLER.format(flag=str(self.flag)))
        call = f"{sys.executable} {script}"
        for name in ("pre-commit", "post-index-change", "reference-transaction", "pre-push"):
            words = "reference-transaction $1" if name == "reference-transaction" else name
            set_hook(repository, name, f"{call} {words}")
        for name in ("clean", "smudge"):
            git(repository, "config", f"filter.killer.{name}", f"{call} {name} && cat")
        attributes = repository / git(repository, "rev-parse", "--git-path", "info/attributes").strip()
        attributes.parent.mkdir(exist_ok=True)
        attributes.write_text("*.md filter=killer\n")

    def aim(self, moment: str) -> None:
        """Kill at the next such moment."""
        self.flag.write_text(moment)

    @property
    def has_killed(self) -> bool:
        return not self.flag.exists()
