"""Measure a run without news: three sections, all of whose stories are archived."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measuring import Row, in_turns, show
from bench.site import bare, crawl, newsroom, pages_asked
from zbcrawler.replica import Replica

TURNS = 15


def main(turns: int = TURNS, stories: int = 300) -> None:
    """Print the table."""
    with TemporaryDirectory() as name, Replica(newsroom(stories)) as replica:
        folder = Path(name)
        archive = folder / "archive"
        crawl(replica, archive)
        crawl(replica, archive)
        asked = len(replica.requests)
        crawl(replica, archive)
        pages = folder / "pages"
        pages.write_text("\n".join(pages_asked(replica, asked)), "utf-8")
        print(f"requests of the quiet run: {[target for _, target, _ in replica.requests[asked:]]}")
        figures = in_turns(
            {"ours": lambda: crawl(replica, archive).cpu, "fetch": lambda: bare("fetch", pages, folder).cpu}, turns
        )
    row = Row("run without news, 3 sections", figures["ours"], figures["fetch"], "s", "at most 1.2")
    show("Processor time of a run without news", "bare Scrapy, same pages", [row])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
