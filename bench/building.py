"""Measure how the time to build a website grows with its posts, with Jekyll and Hugo, and its other steps."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.archives import write_archive
from bench.measuring import Row, cost_of, show
from bench.site import PROJECT

DEPLOY = PROJECT / "deploy"
HUGO = ("--config", DEPLOY / "hugo" / "archive.toml", "--themesDir", DEPLOY, "--theme", "hugo")
_STEPS = ("lists", "jekyll", "hugo", "search")


def _seconds(*command: object) -> float:
    return cost_of(command, PROJECT).seconds


def _build(posts: int) -> dict[str, float]:
    scrapy = (sys.executable, "-m", "scrapy", "site")
    with TemporaryDirectory() as name:
        archive, site = Path(name, "archive"), Path(name, "site")
        write_archive(archive, posts)
        took = {"lists": _seconds(*scrapy, archive)}
        took["jekyll"] = _seconds("jekyll", "build", "--source", archive, "--destination", site)
        took["hugo"] = _seconds("hugo", "--source", archive, *HUGO, "--destination", Path(name, "hugo"))
        took["search"] = _seconds(*scrapy, archive, "--search", site)
        index = subprocess.run(
            ["du", "-s", "--apparent-size", "-k", site / "search-index"], capture_output=True, text=True, check=True
        )
        print(f"{posts} posts: the search index has {int(index.stdout.split()[0]) / 1000:.1f} MB", file=sys.stderr)
    return took


def main(*sizes: int) -> None:
    """Print the tables."""
    sizes = sizes or (1000, 3000, 10_000)
    took = {posts: _build(posts) for posts in sizes}
    rows = [Row(f"{posts} posts", [took[posts]["jekyll"]], [took[posts]["hugo"]], "s") for posts in sizes]
    show("A website (seconds)", "Hugo", rows, "Jekyll")
    show("Each step (seconds)", f"{sizes[0]} posts", _growth(took, sizes), f"{sizes[-1]} posts")


def _growth(took: dict[int, dict[str, float]], sizes: Sequence[int]) -> list[Row]:
    names = {"lists": "scrapy site", "jekyll": "jekyll build", "hugo": "hugo", "search": "scrapy site --search"}
    goal = f"{sizes[-1] / sizes[0]:.0f} if it grows evenly"
    return [Row(names[step], [took[sizes[-1]][step]], [took[sizes[0]][step]], "s", goal) for step in _STEPS]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
