"""What it takes to make a post of a story's page, by edition and size: against an lxml parse, and other extractors."""

from __future__ import annotations

import io
import random
import re
import sys
from typing import TYPE_CHECKING

import newspaper
import trafilatura
from lxml.html import HTMLParser, document_fromstring

from bench.measuring import Row, cpu_of, in_turns, show
from bench.site import newsroom
from zbcrawler.addresses import StoryAddress
from zbcrawler.cleaning import clean
from zbcrawler.cleaning.text import one_line
from zbcrawler.editions import Page, edition_of
from zbcrawler.exporters import PostExporter
from zbcrawler.replica.composer import compose
from zbcrawler.replica.content import Content
from zbcrawler.replica.site import Site
from zbcrawler.times import start_of

if TYPE_CHECKING:
    from zbcrawler.replica.story import ReplicaStory

TURNS = 7
_EDITIONS = ("react", "astro", "mainland", "drupal", "drupal7")
_SIZES = (5, 30, 100, 300)  # KB
_LARGE = 30_000
_AROUND = re.compile(r"<(style|nav|footer|aside)\b.*?</\1>", re.DOTALL)


def page_of(edition: str, kilobytes: int) -> tuple[str, bytes]:
    """The address and page of a story, of about a size: without what stands around it, or with more text."""
    desk = newsroom(30)
    story = next(one for one in desk.expected() if one.content and not one.locked)
    site = Site(desk, edition)
    if kilobytes < 20:
        story.content = Content(story.content.blocks[:2])
        return story.url, _AROUND.sub("", _served(site, story).decode()).encode()
    rng, blocks = random.Random(1), list(story.content.blocks)
    while len(page := _served(site, story)) < kilobytes * 1000:
        blocks += [block for _ in range(max(1, len(blocks) // 40)) for block in compose(rng).blocks]
        story.content = Content(tuple(blocks))
    return story.url, page


def _served(site: Site, story: ReplicaStory) -> bytes:
    story.version += 1  # so that the page is made anew
    return site.answer(story.path).body


def post_of(url: str, data: bytes) -> bytes:
    """What a crawl does with a page, from its bytes to the post's."""
    page = Page(url, data.decode())
    story = edition_of(page).story(page).as_story(StoryAddress.parse(url), origin=page.origin)
    story.title, story.body = one_line(story.title), clean(story.raw, story.origin, story.noise).lines
    story.date = story.published or start_of(story.address.day)
    file = io.BytesIO()
    PostExporter(file).export_item(story)
    return file.getvalue()


def _parse(data: bytes) -> object:
    return document_fromstring(data, parser=HTMLParser(encoding="utf-8"))


def _newspaper(url: str, data: bytes) -> str:
    article = newspaper.Article(url, language="zh", fetch_images=False)
    article.download(input_html=data.decode())
    article.parse()
    return article.text


def figures_of(edition: str, size: int, turns: int) -> tuple[int, dict[str, list[float]]]:
    """The bytes of a page, and milliseconds of each contestant."""
    url, data = page_of(edition, size)
    contestants = {
        "ours": lambda: post_of(url, data),
        "parse": lambda: _parse(data),
        "trafilatura": lambda: trafilatura.extract(data.decode(), url=url),
        "newspaper4k": lambda: _newspaper(url, data),
    }
    measured = {name: lambda work=work: 1000 * cpu_of(work) for name, work in contestants.items()}
    return len(data), in_turns(measured, turns)


def main(turns: int = TURNS) -> None:
    """Prints the tables."""
    rows: dict[str, list[Row]] = {"parse": [], "trafilatura": [], "newspaper4k": []}
    for edition in _EDITIONS:
        for size in _SIZES:
            length, figures = figures_of(edition, size, turns)
            ours = figures.pop("ours")
            goals = {"parse": "at most 2.5", "trafilatura": f"at least {15 if length >= _LARGE else 5}"}
            for other, found in figures.items():
                what = f"{edition}, {length / 1000:.0f} KB"
                rows[other].append(Row(what, ours, found, "ms", goals.get(other, ""), inverse=other != "parse"))
    show("From a page's bytes to the post's, processor time", "lxml parse", rows["parse"])
    for other in ("trafilatura", "newspaper4k"):
        show("The same; the ratio says how many times less we need", other, rows[other])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
