"""Measure what a run with news costs to look for words that the site puts into many stories."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.archives import write_archive
from bench.measuring import Row, cpu_of, in_turns, show
from bench.site import MOMENT
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.repeated_blocks import RepeatedBlocks
from zbcrawler.archive.run_state import RunState

TURNS = 5
_READ = 60  # posts


def main(posts: int = 5_400, turns: int = TURNS) -> None:
    """Print the table.

    :param posts: in the 30 days before the run
    """
    with TemporaryDirectory() as name:
        archive = Archive(name)
        write_archive(Path(name), posts, days=30)
        latest = sorted(archive.root.rglob("*.md"))[-_READ:]
        written = [address for path in latest[-3:] if (address := archive.address_in(path))]
        blocks = RepeatedBlocks(RunState(archive.root / "state.sqlite"), MOMENT)
        runs = {
            "all": lambda: 1000 * cpu_of(lambda: blocks.find(archive, written)),
            "read": lambda: 1000 * cpu_of(lambda: [archive.read(path) for path in latest]),
        }
        figures = in_turns(runs, turns)
    row = Row(f"a run with news, {posts} posts in 30 days", figures["all"], figures["read"], "ms", "to be stated")
    show("Looking for words in many stories, processor time", f"reading {_READ} posts", [row])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
