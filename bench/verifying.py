"""Measure ``scrapy verify`` with two processes, again, and of changed posts only, against one process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.archives import write_archive
from bench.measuring import Row, cost_of, in_turns, show
from bench.site import PROJECT
from zbcrawler.archive.disk import PRIVATE
from zbcrawler.tools.verifying.clean_posts import FILE

TURNS = 5


def _verify_anew(archive: Path, *words: object) -> float:
    (archive / PRIVATE / FILE).unlink(missing_ok=True)
    return _verify(archive, *words)


def _verify(archive: Path, *words: object) -> float:
    return cost_of((sys.executable, "-m", "scrapy", "verify", archive, *words), PROJECT).seconds


def _git(folder: Path, *words: str) -> None:
    names = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")
    subprocess.run(["git", *names, "-C", folder, *words], check=True, capture_output=True)


def main(posts: int = 10_000, turns: int = TURNS) -> None:
    """Print the tables."""
    with TemporaryDirectory() as name:
        archive = Path(name)
        write_archive(archive, posts)
        _git(archive, "init", "--quiet")
        _git(archive, "add", "--all")
        _git(archive, "commit", "--quiet", "--message=begun")
        changed = next((archive / "_posts").rglob("*.md"))
        changed.write_bytes(changed.read_bytes().replace(b"\n</div>", b"\n<p>x</p>\n</div>"))
        runs = {
            "2": lambda: _verify_anew(archive, "--processes", 2),
            "1": lambda: _verify_anew(archive, "--processes", 1),
            "again": lambda: _verify(archive),
            "changed": lambda: _verify(archive, "--since", "HEAD"),
        }
        figures = in_turns(runs, turns)
    two = Row(f"{posts} posts, two processes", figures["2"], figures["1"], "s", "at least 1.7", inverse=True)
    show("scrapy verify (seconds)", "one process", [two])
    again = Row("a second time", figures["again"], figures["1"], "s", "3,000 posts a second")
    show("scrapy verify of unchanged posts", "all of it, one process", [again])
    since = Row("--since HEAD, one post changed", figures["changed"], figures["1"], "s", "about a second")
    show("scrapy verify of what has changed", "all of it, one process", [since])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
