"""Measure what each command costs in archives of several sizes, up to the whole catalogue of 773,000 stories.

The archives lie in git, as a run leaves them. Give a folder on a fast disk with 12 GB for the largest size: ``TMPDIR``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.archives import as_archived, write_archive
from bench.measuring import Cost, cost_of
from bench.site import MOMENT, PROJECT, crawl, newsroom
from zbcrawler.archive import posts
from zbcrawler.archive.archive import Archive
from zbcrawler.replica import Newsroom, Replica

SIZES = (1000, 10_000, 100_000, 773_000)
TURNS = 5
_LAST = timedelta(days=60)  # the generated posts end before the stories that the replica lists
_COMMITS = ("-s", "ARCHIVE_COMMIT=1", "-a", "recheck=off")


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True)


def _scrapy(*words: object, allowed: tuple[int, ...] = (0,)) -> Cost:
    return cost_of((sys.executable, "-m", "scrapy", *words), PROJECT, allowed)


def _prepare(root: Path, count: int, replica: Replica) -> None:
    write_archive(root, count, until=MOMENT - _LAST)
    _git(root, "init", "--quiet")
    _git(root, "config", "gc.auto", "0")
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--message=begun")
    _git(root, "-c", "pack.window=0", "repack", "-a", "-d", "-q")
    for _ in range(2):  # the first run finds that the listings do not reach back to the generated posts
        _run(replica, root, allowed=(0, 1))


def _run(replica: Replica, root: Path, allowed: tuple[int, ...] = (0,)) -> Cost:
    return crawl(replica, root, *_COMMITS, allowed=allowed)


def _add_ten(root: Path) -> None:
    for place, pattern in enumerate(newsroom(10).expected()):
        story, moment = as_archived(pattern), MOMENT + timedelta(minutes=place)
        address = replace(story.address, day=moment.date(), number=str(9_000_000 + place))
        path = Archive(root).path_of(address)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(posts.render(replace(story, address=address, published=moment, date=moment)).encode())


def _runs(replica: Replica, room: Newsroom, roots: dict[int, Path], turns: int) -> dict[int, dict[str, list[Cost]]]:
    """Run without news and with three new stories, in turns."""
    costs: dict[int, dict[str, list[Cost]]] = {count: {"run without news": [], "three new": []} for count in roots}
    for _ in range(turns):
        for _ in range(3):
            room.publish("china")
        for kind in ("three new", "run without news"):
            for count, root in roots.items():
                costs[count][kind].append(_run(replica, root))
    return costs


def _commands(root: Path, out: Path) -> Iterator[tuple[str, Cost, str]]:
    """Run each command once; yield its name, its cost, and what it wrote."""
    yield "verify, first", _scrapy("verify", root), ""
    yield "verify, again", _scrapy("verify", root), ""
    yield "verify --since HEAD~1", _scrapy("verify", root, "--since", "HEAD~1"), ""
    page = out / "report.html"
    yield "verify --report", _scrapy("verify", root, "--report", page), f"{page.stat().st_size / 1e6:.2f} MB"
    yield "status", _scrapy("status", root, allowed=(0, 1)), ""
    for kind in ("jsonl", "sqlite"):
        file = out / f"stories.{kind}"
        yield f"export .{kind}", _scrapy("export", file, root), f"{file.stat().st_size / 1e6:.0f} MB"
        file.unlink()
    site = out / "site"
    yield "site, first", _scrapy("site", root, site), ""
    yield "site, nothing new", _scrapy("site", root, site), ""
    _add_ten(root)
    yield "site, ten new", _scrapy("site", root, site), ""


def _line(what: str, cost: Cost, more: str = "", ratio: float | None = None) -> str:
    compared = "–" if ratio is None else f"{ratio:.2f}"
    return f"| {what} | {cost.seconds:.2f} s | {cost.cpu:.2f} s | {cost.memory:.0f} MiB | {more or '–'} | {compared} |"


def main(*sizes: int, turns: int = TURNS, stories: int = 60) -> None:
    """Print a table for each size; a ratio is that of the processor time to the first size's."""
    sizes = sizes or SIZES
    os.environ |= {f"GIT_{role}_{what}": "bench" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    room = newsroom(stories)
    first: dict[str, float] = {}
    with TemporaryDirectory() as name, Replica(room) as replica:
        roots = {count: Path(name, str(count)) for count in sizes}
        for count, root in roots.items():
            _prepare(root, count, replica)
        runs = _runs(replica, room, roots, turns)
        for count, root in roots.items():
            print(f"\n{count} posts\n\n| command | time | processor | memory | writes | ratio |")
            print("| --- | --- | --- | --- | --- | --- |")
            for kind, costs in runs[count].items():
                middle = Cost(*(median(figures) for figures in zip(*costs, strict=True)))
                ratios = [cost.cpu / other.cpu for cost, other in zip(costs, runs[sizes[0]][kind], strict=True)]
                print(_line(kind, middle, "", median(ratios)), flush=True)
            out = Path(name, f"{count}-out")
            out.mkdir()
            for what, cost, more in _commands(root, out):
                print(_line(what, cost, more, cost.cpu / first.setdefault(what, cost.cpu)), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
