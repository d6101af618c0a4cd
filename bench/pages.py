"""Measure the way from a page to its post, by edition and size, against an lxml parse and other extractors."""

from __future__ import annotations

import io
import random
import re
import sys
from itertools import product

import newspaper
import trafilatura
from lxml.html import HTMLParser, document_fromstring

from bench.measuring import Row, cpu_of, in_turns, show
from bench.site import newsroom
from zbcrawler.cleaning import clean
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.text import one_line
from zbcrawler.common.times import start_of
from zbcrawler.editions import Editions, Page
from zbcrawler.exporters import PostExporter
from zbcrawler.replica.composer import compose
from zbcrawler.replica.content import Content
from zbcrawler.replica.site import Site
from zbcrawler.replica.story import ReplicaStory

_READERS = Editions()
TURNS = 7
_EDITIONS = ("react", "astro", "mainland", "drupal", "drupal7")
_SIZES = (5, 30, 100, 300)  # KB
_WHOLE = 15  # size of the replica's smallest page
_LARGE = 30_000
_AROUND = re.compile(r"<(style|nav|footer|aside)\b.*?</\1>", re.DOTALL)


def page_of(edition: str, kilobytes: int, *, all_text: bool = False) -> tuple[str, bytes]:
    """Return the address and page of a story, of about the given size.

    :param all_text: whether a large page has a long story; on the site the parts around the story are large
    """
    desk = newsroom(30)
    story = next(one for one in desk.expected() if one.content and not one.locked)
    site = Site(desk, edition)
    if kilobytes < _WHOLE:
        story.content = Content(story.content.blocks[:2])
        return story.url, _AROUND.sub("", _served(site, story).decode()).encode()
    rng, blocks = random.Random(1), list(story.content.blocks)
    while all_text and len(page := _served(site, story)) < kilobytes * 1000:
        blocks += [block for _ in range(max(1, len(blocks) // 40)) for block in compose(rng).blocks]
        story.content = Content(tuple(blocks))
    page = _served(site, story).decode()
    around = "".join(found[0] for found in _AROUND.finditer(page))
    missing = kilobytes * 1000 - len(page.encode())
    return story.url, page.replace("</body>", around * round(missing / len(around.encode())) + "</body>").encode()


def _served(site: Site, story: ReplicaStory) -> bytes:
    story.version += 1  # discards the old page
    return site.answer(story.path).body


def post_of(url: str, data: bytes) -> bytes:
    """Return the post of a page, made as in a crawl, from the page's bytes to the post's."""
    page = Page(url, data.decode())
    page.check_whole()
    story = _READERS.read_story(page, StoryAddress.parse(url), "china", with_details=False)
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


def figures_of(url: str, data: bytes, turns: int) -> dict[str, list[float]]:
    """Return the milliseconds of each contestant."""
    contestants = {
        "ours": lambda: post_of(url, data),
        "parse": lambda: _parse(data),
        "trafilatura": lambda: trafilatura.extract(data.decode(), url=url),
        "newspaper4k": lambda: _newspaper(url, data),
    }
    measured = {name: lambda work=work: 1000 * cpu_of(work) for name, work in contestants.items()}
    return in_turns(measured, turns)


def main(turns: int = TURNS) -> None:
    """Print the tables."""
    rows: dict[str, list[Row]] = {"parse": [], "trafilatura": [], "newspaper4k": []}
    kinds = [(size, False) for size in _SIZES] + [(size, True) for size in _SIZES if size > _WHOLE]
    for edition, (size, all_text) in product(_EDITIONS, kinds):
        url, data = page_of(edition, size, all_text=all_text)
        what = f"{edition}, {len(data) / 1000:.0f} KB{' of text' if all_text else ''}"
        figures = figures_of(url, data, turns)
        ours = figures.pop("ours")
        goals = {"parse": "at most 2.5", "trafilatura": f"at least {15 if len(data) >= _LARGE else 5}"}
        for other, found in figures.items():
            rows[other].append(Row(what, ours, found, "ms", goals.get(other, ""), inverse=other != "parse"))
    show("From a page's bytes to the post's, processor time", "lxml parse", rows["parse"])
    for other in ("trafilatura", "newspaper4k"):
        show("The same; the ratio is the other's time to ours", other, rows[other])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
