"""Measure how memory grows with the stories of one run: the peak of 20,000 stories against 1,000."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measuring import Row, show
from bench.site import crawl, newsroom
from zbcrawler.replica import Replica


def main(many: int = 20_000, few: int = 1000) -> None:
    """Print the table."""
    peaks = {}
    for stories in (few, many):
        with TemporaryDirectory() as name, Replica(newsroom(stories)) as replica:
            peaks[stories] = crawl(replica, Path(name), pages=10_000).memory
    row = Row(f"{many} stories, against {few}", [peaks[many]], [peaks[few]], "MiB", "at most 1.2")
    show("Peak memory of a crawl", f"{few} stories", [row])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
