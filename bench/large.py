"""Measure a run without news with a million posts in the archive against 1,000."""

from __future__ import annotations

import shutil
import sys
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measuring import Row, in_turns, show
from bench.site import crawl, newsroom
from zbcrawler.replica import Replica

TURNS = 15
_DAYS = 3650
_FIRST = date(2016, 1, 1)


def fill(archive: Path, posts: int) -> None:
    """Add posts, spread over ten years. Each is a copy of a post of the archive."""
    text = next((archive / "_posts").rglob("*.md")).read_bytes()
    for day in range(min(_DAYS, posts)):
        when = _FIRST + timedelta(days=day)
        folder = archive / "_posts" / f"{when:%Y/%m/%d}"
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(day, posts, _DAYS):
            (folder / f"{when}-{number + 5_000_000}.md").write_bytes(text)


def main(many: int = 1_000_000, turns: int = TURNS, stories: int = 300) -> None:
    """Print the table."""
    with TemporaryDirectory() as name, Replica(newsroom(stories)) as replica:
        small, large = Path(name, "small"), Path(name, "large")
        for _ in range(2):
            crawl(replica, small)
        shutil.copytree(small, large)
        fill(small, 1000)
        fill(large, many)
        costs = in_turns({"small": lambda: crawl(replica, small), "large": lambda: crawl(replica, large)}, turns)
    rows = [
        Row(
            what,
            [getattr(cost, field) for cost in costs["large"]],
            [getattr(cost, field) for cost in costs["small"]],
            unit,
            "at most 1.05",
        )
        for what, field, unit in (("processor time", "cpu", "s"), ("peak memory", "memory", "MiB"))
    ]
    show(f"A run without news, {many} posts in the archive", "1000 posts", rows)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
