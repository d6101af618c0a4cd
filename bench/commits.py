"""Measure the commit of one new story with 200,000 posts in git against 1,000, for git's part and ours."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.large import fill
from bench.measuring import Row, show
from bench.site import MOMENT, crawl, newsroom
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.committing import Committer
from zbcrawler.replica import Replica

TURNS = 7


def _cpu(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True)


def _commit(folder: Path, number: int) -> tuple[float, float]:
    """Commit one more story. Return our and git's processor time in seconds."""
    source = next((folder / "_posts").rglob("*.md"))
    source.with_name(f"{source.name[:10]}-{9_000_000 + number}.md").write_bytes(source.read_bytes())
    ours, gits = _cpu(resource.RUSAGE_SELF), _cpu(resource.RUSAGE_CHILDREN)
    Committer(Archive(folder)).commit(MOMENT)
    return _cpu(resource.RUSAGE_SELF) - ours, _cpu(resource.RUSAGE_CHILDREN) - gits


def _plain(folder: Path, number: int) -> float:
    """Commit one more story by ``git add`` and ``git commit``. Return the processor time in seconds."""
    source = next((folder / "_posts").rglob("*.md"))
    source.with_name(f"{source.name[:10]}-{9_500_000 + number}.md").write_bytes(source.read_bytes())
    began = _cpu(resource.RUSAGE_CHILDREN)
    _git(folder, "add", "--all", "_posts")
    _git(folder, "commit", "--quiet", "--message", "News")
    return _cpu(resource.RUSAGE_CHILDREN) - began


def main(many: int = 200_000, turns: int = TURNS) -> None:
    """Print the table."""
    os.environ |= {f"GIT_{role}_{what}": "bench" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    figures: dict[tuple[str, int], list[float]] = {}
    with TemporaryDirectory() as name, Replica(newsroom(30)) as replica:
        folders = {posts: Path(name, str(posts)) for posts in (1000, many)}
        for posts, folder in folders.items():
            crawl(replica, folder)
            fill(folder, posts)
            _git(folder, "init", "--quiet")
            _git(folder, "add", "--all")
            _git(folder, "commit", "--quiet", "--message", "first")
            _commit(folder, 0)
        for turn in range(1, turns + 1):
            for posts, folder in folders.items():
                ours, gits = _commit(folder, turn)
                plain = _plain(folder, turn)
                for what, figure in (("ours", ours), ("git", gits), ("plain", plain)):
                    figures.setdefault((what, posts), []).append(1000 * figure)
    rows = [
        Row("our part", figures["ours", many], figures["ours", 1000], "ms", "at most 1.05"),
        Row("what we let git do", figures["git", many], figures["git", 1000], "ms"),
        Row("git add, git commit", figures["plain", many], figures["plain", 1000], "ms"),
    ]
    show(f"A commit of one story, {many} posts in git (processor time)", "1000 posts", rows)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
