"""Measure the cleaning of a body, as an import does it, against its parse by lxml."""

from __future__ import annotations

import sys

from lxml.html import HTMLParser, document_fromstring

from bench.measuring import Row, cpu_of, in_turns, show
from bench.site import newsroom
from zbcrawler.cleaning import clean
from zbcrawler.common.markup import parse_fragment
from zbcrawler.editions import Page
from zbcrawler.editions.react import hydrated
from zbcrawler.replica import react
from zbcrawler.replica.site import Site

TURNS = 9


def bodies() -> list[str]:
    """Return raw bodies of every kind that the replica knows."""
    desk = newsroom(300)
    site = Site(desk, react.NAME)
    pages = [Page(story.url, site.answer(story.path).body.decode()) for story in desk.expected()]
    return [text for page in pages if (text := hydrated(page).get("body_cn"))]


def main(turns: int = TURNS) -> None:
    """Print the table."""
    texts = bodies()
    data = [text.encode() for text in texts]
    figures = in_turns(
        {
            "ours": lambda: 1000 * cpu_of(lambda: [clean([parse_fragment(text)]) for text in texts]) / len(texts),
            "parse": lambda: (
                1000
                * cpu_of(lambda: [document_fromstring(one, parser=HTMLParser(encoding="utf-8")) for one in data])
                / len(data)
            ),
        },
        turns,
    )
    size = sum(map(len, data)) / len(data) / 1000
    row = Row(f"{len(texts)} bodies of {size:.1f} KB", figures["ours"], figures["parse"], "ms", "at most 4")
    show("Parse and cleaning of a body, processor time", "lxml parse", [row])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
