"""Measure how the website's cost grows with its posts: the first build, one without news, one after ten new stories."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.archives import as_archived, write_archive
from bench.measuring import Cost, Row, cost_of, show
from bench.site import MOMENT, PROJECT, newsroom
from zbcrawler.archive import posts
from zbcrawler.archive.archive import Archive

_STEPS = ("first build", "nothing new", "ten new stories")


def _add_ten(root: Path) -> None:
    for place, pattern in enumerate(newsroom(10).expected()):
        story, moment = as_archived(pattern), MOMENT + timedelta(minutes=place)
        address = replace(story.address, day=moment.date(), number=str(9_000_000 + place))
        path = Archive(root).path_of(address)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(posts.render(replace(story, address=address, published=moment, date=moment)).encode())


def _build(count: int) -> dict[str, Cost]:
    with TemporaryDirectory() as name:
        archive, site = Path(name, "archive"), Path(name, "site")
        write_archive(archive, count)
        command, costs = (sys.executable, "-m", "scrapy", "site", archive, site), {}
        for step in _STEPS:
            if step == _STEPS[-1]:
                _add_ten(archive)
            costs[step] = cost_of(command, PROJECT)
    return costs


def main(*sizes: int) -> None:
    """Print the tables."""
    sizes = sizes or (1000, 10_000, 100_000)
    costs = {count: _build(count) for count in sizes}
    few, many = sizes[0], sizes[-1]
    for what, unit in (("cpu", "s"), ("seconds", "s"), ("memory", "MiB")):
        figures = {count: {step: getattr(cost, what) for step, cost in costs[count].items()} for count in sizes}
        goal = "1.2" if what == "memory" else f"{many / few:.0f} if the cost of the first build grows evenly"
        rows = [Row(step, [figures[many][step]], [figures[few][step]], unit, goal) for step in _STEPS]
        show(f"scrapy site ({what})", f"{few} posts", rows, f"{many} posts")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
