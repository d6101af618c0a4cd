"""What a second processor is worth to ``scrapy import``: the same posts, by one process and by two."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measuring import Row, cost_of, in_turns, show
from bench.site import PROJECT, crawl, newsroom
from zbcrawler.replica import Replica

TURNS = 3


def _import(posts: Path, archive: Path, workers: int) -> float:
    archive.mkdir()
    settings = ("-s", f"ARCHIVE_DIR={archive}", "-s", f"IMPORT_WORKERS={workers}")
    seconds = cost_of((sys.executable, "-m", "scrapy", "import", posts, *settings), PROJECT).seconds
    shutil.rmtree(archive)
    return seconds


def _multiply(archive: Path, times: int) -> None:
    """Make more stories of each: the same text under other numbers."""
    for path in list((archive / "_posts").rglob("*.md")):
        number = path.stem.rpartition("-")[2]
        text = path.read_text("utf-8")
        for copy in range(1, times):
            other = str(int(number) + copy * 10_000_000)
            path.with_name(path.name.replace(number, other)).write_text(
                text.replace(f"-{number}", f"-{other}"), "utf-8"
            )


def main(posts: int = 20_000, turns: int = TURNS, archived: int = 1000) -> None:
    """Print the table."""
    with TemporaryDirectory() as name, Replica(newsroom(archived)) as replica:
        source, target = Path(name, "source"), Path(name, "target")
        crawl(replica, source, pages=100)
        _multiply(source, posts // archived)
        figures = in_turns({str(n): lambda n=n: _import(source / "_posts", target, n) for n in (1, 2)}, turns)
    row = Row(f"import of {posts} posts", figures["2"], figures["1"], "s", "at least 1.7", inverse=True)
    show("Import by two processes (seconds)", "one process", [row])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
