"""Measure the log of one story in a repository of 80,000 commits, without and with an index of changed paths."""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.measuring import Row, show

FIRST = date(2016, 1, 1)
BEGAN = 1_451_600_000  # epoch seconds
KEEP = ("commit-graph", "write", "--reachable", "--changed-paths", "--split", "--no-progress")


def _path(number: int) -> str:
    day = FIRST + timedelta(days=number // 22)
    return f"_posts/{day:%Y/%m/%d}/{day}-{1_000_000 + number}.md"


def _fill(folder: Path, commits: int) -> None:
    """Make commits that add one story each; each fifth edits the story before."""
    _git(folder, "init", "--quiet", "--initial-branch=main")
    with subprocess.Popen(["git", "fast-import", "--quiet"], cwd=folder, stdin=subprocess.PIPE) as process:
        for number in range(commits):
            who = f"committer x <x@localhost> {BEGAN + number * 3900} +0800"
            path, body = _path(number - (number % 5 == 4)), f"title: {number}\n"
            change = f"M 100644 inline {path}\ndata {len(body)}\n{body}"
            process.stdin.write(f"commit refs/heads/main\n{who}\ndata 4\nnew\n{change}\n".encode())


def _git(folder: Path, *words: str) -> float:
    began = perf_counter()
    subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True)
    return perf_counter() - began


def main(commits: int = 80_000, turns: int = 5) -> None:
    """Print the table."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        _fill(folder, commits)
        log = ("log", "--format=%H", "HEAD", "--", _path(commits // 2))
        before = [_git(folder, *log) for _ in range(turns)]
        first = _git(folder, *KEEP)
        after = [_git(folder, *log) for _ in range(turns)]
        one = ("-c", "user.name=x", "-c", "user.email=x@localhost", "commit", "--quiet", "--allow-empty", "-m", "x")
        kept = []
        for _ in range(turns):
            _git(folder, *one)
            kept.append(_git(folder, *KEEP))
    rows = [
        Row("git log of one story", after, before, "s"),
        Row("keeping the index after one commit", kept, [first] * turns, "s"),
    ]
    show(f"One story in {commits} commits, with an index of changed paths", "without; the first time", rows)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
