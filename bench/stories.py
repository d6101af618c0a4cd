"""Measure the processor time of a story from the crawl to the file: 1,000 stories of about 30 KB."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measuring import Row, in_turns, show
from bench.site import bare, crawl, newsroom, pages_asked
from zbcrawler.replica import Replica

TURNS = 5


def main(stories: int = 1000, turns: int = TURNS) -> None:
    """Print the table."""
    with TemporaryDirectory() as name, Replica(newsroom(stories)) as replica:
        folder = Path(name)
        crawl(replica, folder / "first", pages=100)
        pages = folder / "pages"
        pages.write_text("\n".join(pages_asked(replica)), "utf-8")
        turn = iter(range(1000))
        figures = in_turns(
            {
                "ours": lambda: crawl(replica, folder / f"archive{next(turn)}", pages=100).cpu,
                "write": lambda: bare("write", pages, folder / f"written{next(turn)}").cpu,
                "tuned": lambda: bare("write", pages, folder / f"tuned{next(turn)}", "-s", "CONCURRENT_ITEMS=1").cpu,
                "fetch": lambda: bare("fetch", pages, folder).cpu,
            },
            turns,
        )
    show(
        f"Crawl of {stories} stories, processor time of the whole run",
        "bare Scrapy",
        [
            Row("parses and writes each page", figures["ours"], figures["write"], "s", "at most 1.35"),
            Row("the same, with our CONCURRENT_ITEMS", figures["ours"], figures["tuned"], "s"),
            Row("parses nothing", figures["ours"], figures["fetch"], "s"),
        ],
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
