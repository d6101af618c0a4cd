"""Measure the processor time of an import for each post, against reading and cleaning the same posts alone."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from bench.archives import write_archive
from bench.measuring import Row, cost_of, show
from zbcrawler.tools.importing import reader

TURNS = 3
PROJECT = Path(__file__).parents[1]


def read_and_clean(folder: Path) -> float:
    """Return the seconds of processor time that it takes to recognise, read and clean all posts of a folder."""
    began = process_time()
    for path in folder.rglob("*.md"):
        data = path.read_bytes()
        reader.recognise(data)
        reader.read(data, path.name).cleaned()
    return process_time() - began


def run_import(source: Path, turn: str) -> float:
    """Return the seconds of processor time of an import into a new archive."""
    archive = source.with_name(f"archive{turn}")
    archive.mkdir()
    words = ("import", source, "--quiet", "-s", f"ARCHIVE_DIR={archive}")
    return cost_of([sys.executable, "-m", "scrapy", *words], PROJECT).cpu


def main(count: int = 100_000, turns: int = TURNS) -> None:
    """Print the table."""
    with TemporaryDirectory() as name:
        source, one = Path(name) / "posts", Path(name) / "one"
        write_archive(source, count)
        write_archive(one, 1)
        ours, alone = [], []
        for turn in range(turns):
            start = run_import(one, f"-one-{turn}")
            ours.append(1000 * (run_import(source, f"-{turn}") - start) / count)
            alone.append(1000 * read_and_clean(source) / count)
    show("Import, processor time per post", "cleaning alone", [Row(f"{count} posts", ours, alone, "ms", "at most 1.6")])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
