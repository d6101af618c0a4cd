"""Measure how memory grows with the stories of a backfill: the peak of 20,000 against 2,000, of 24 months each."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measuring import Row, show
from bench.site import MOMENT, crawl
from zbcrawler.common.times import Clock
from zbcrawler.replica import Replica
from zbcrawler.replica.past import newsroom_with_past


def main(many: int = 20_000, few: int = 2000) -> None:
    """Print the table."""
    peaks = {}
    for stories in (few, many):
        with TemporaryDirectory() as name, Replica(newsroom_with_past(Clock(MOMENT), stories)) as replica:
            peaks[stories] = crawl(replica, Path(name), spider="backfill").memory
    row = Row(f"{many} stories, against {few}", [peaks[many]], [peaks[few]], "MiB", "at most 1.2")
    show("Peak memory of a backfill", f"{few} stories", [row])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
