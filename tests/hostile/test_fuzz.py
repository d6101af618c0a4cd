"""Mutated pages of each edition raise only the project's own errors, and give only good posts.

CI tries the same few hundred pages each time; ``-m full`` tries thousands, different ones each time.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.exceptions import DropItem
from support.cleaned import clean_html
from support.crawling import MOMENT
from support.editions import read_listing
from support.pages import cases

from hostile.judging import faults_of
from hostile.pages import ADDRESS, post_of
from zbcrawler.common.errors import ZbcrawlerError
from zbcrawler.common.times import Clock
from zbcrawler.editions import Page
from zbcrawler.editions.embedded_json import assigned, js_string, json_in, pushed
from zbcrawler.replica import Newsroom
from zbcrawler.replica.site import Site
from zbcrawler.tools.saved_pages import read_saved

EDITIONS = ("drupal7", "drupal", "react", "mainland", "astro")
LISTINGS = (
    "/realtime/china",
    "/realtime/world?page=1",
    "/_plat/api/v2/page-content/realtime/china?page=1",
    "/_plat/api/v2/page-content/realtime/singapore?page=1",
    "/more/sitemap/3?pageNo=3&pageSize=9",
)

# Pieces that pages are made of, and pieces that break them.
TOKENS = (
    "<p> </p> <div> </div> <br> <b> </i> <a href='javascript:x'> </a> <img src=/a.jpg> <figure> <figcaption> <table> <tr> <td>"
    " <li> <blockquote> <pre> <script> </script> <style> <!-- --> <![CDATA[ <svg> <iframe src=//x.example> <embed src=x>"
    " <article id=article-body class=article-body> </article> <div class=articleBody> <body> </html> <h1> <section id=imu>"
    ' class=" id=\' data-s="jB2GEZA====" > < & &lt; &#0; &#xD800; &amp;amp; {{ {% raw %} \\ \\u0000 \\ud800 \\" " \' ` [ ] { }'
    " null true 1e999 -0 [[[[ {}{} --- \r\n \t \x00 \x1b \u202e \u200b \ufeff \u3000 延伸阅读 请订阅或登录，以继续阅读全文 热词："
    " 2026年13月41日 25:61 99999999999999999999 story20260131-1 story20261399-9 //[ http://[ ?page= %00 %zz"
).split(" ")


@cache
def stories() -> list[str]:
    newsroom = Newsroom(seed=3, clock=Clock(MOMENT), stories=40)
    served = [
        Site(newsroom, edition).answer(story.path).body.decode()
        for edition in EDITIONS
        for story in newsroom.expected()
    ]
    return served[::3] + [read_saved(case.read_text("utf-8")).text for case in cases()][::2]


@cache
def listings() -> list[tuple[str, str]]:
    newsroom = Newsroom(seed=3, clock=Clock(MOMENT), stories=90)
    pages = []
    for edition in EDITIONS:
        for target in LISTINGS:
            answer = Site(newsroom, edition).answer(target)
            if answer.status == 200:
                pages.append((f"https://www.zaobao.com{target}", answer.body.decode()))
    return pages


@st.composite
def mutated(draw, page: str) -> str:
    """Return a page after a few accidents."""
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(page)))
        end = min(len(page), start + draw(st.sampled_from((0, 1, 2, 9, 60, 500, 5000))))
        kind = draw(st.sampled_from(("insert", "delete", "repeat", "swap", "cut", "flip")))
        if kind == "insert":
            tokens = draw(st.lists(st.one_of(st.sampled_from(TOKENS), st.text(max_size=5)), max_size=6))
            page = page[:start] + "".join(tokens) + page[start:]
        elif kind == "delete":
            page = page[:start] + page[end:]
        elif kind == "repeat":
            page = page[:end] + page[start:end] * draw(st.integers(1, 5)) + page[end:]
        elif kind == "swap":
            other = draw(st.integers(0, len(page)))
            page = page[:start] + page[other : other + end - start] + page[end:]
        elif kind == "cut":
            page = page[:start] if draw(st.booleans()) else page[start:]
        else:
            page = page[:start] + page[start:end].swapcase()[::-1] + page[end:]
    return page


any_story = st.deferred(lambda: st.sampled_from(stories())).flatmap(mutated)
any_listing = st.deferred(lambda: st.sampled_from(listings())).flatmap(
    lambda listing: st.tuples(st.just(listing[0]), mutated(listing[1]))
)
any_bytes = st.sampled_from(("utf-8", "utf-8", "utf-8", "gb18030", "utf-16", "latin-1"))
few = settings(max_examples=250, derandomize=True, database=None)
many = settings(max_examples=6000)


def check_story(page: str, charset: str) -> None:
    with suppress(ZbcrawlerError, DropItem):
        assert faults_of(post_of(page.encode(charset, "replace"))) == []


def check_listing(listing: tuple[str, str]) -> None:
    address, text = listing
    with suppress(ZbcrawlerError):
        found = read_listing(Page(address, text), MOMENT)
        assert all(isinstance(entry.link, str) and isinstance(entry.title, str) for entry in found.entries)
        assert all(entry.time is None or entry.time.tzinfo for entry in found.entries)
        assert found.next is None or found.next.startswith("https://www.zaobao.com/")


def check_body(html: str) -> None:
    with suppress(ZbcrawlerError):
        lines = clean_html(html)
        assert clean_html("\n".join(lines)) == lines


def check_scripts(text: str) -> None:
    for start in range(0, min(len(text), 2000), 97):
        json_in(text, start)
        js_string(text, start)
    assigned(text, "_data")
    pushed(text, "self.__next_f.push")


@few
@given(any_story, any_bytes)
def test_stories(page, charset):
    check_story(page, charset)


@few
@given(any_listing)
def test_listings(listing):
    check_listing(listing)


@few
@given(any_story)
def test_scripts(text):
    check_scripts(text)


@few
@given(st.lists(st.sampled_from(TOKENS) | st.text(max_size=4), max_size=40).map("".join))
def test_bodies_of_odds_and_ends(html):
    check_body(html)


@pytest.mark.full
@many
@given(any_story, any_bytes)
def test_many_stories(page, charset):
    check_story(page, charset)


@pytest.mark.full
@many
@given(any_listing)
def test_many_listings(listing):
    check_listing(listing)


@pytest.mark.full
@many
@given(st.lists(st.sampled_from(TOKENS) | st.text(max_size=4), max_size=60).map("".join))
def test_many_bodies_of_odds_and_ends(html):
    check_body(html)


def test_there_are_pages_to_mutate():
    assert len(stories()) > 100
    assert len(listings()) >= 10
    assert post_of(stories()[0].encode()).startswith(b"---")
    assert ADDRESS.startswith("https://")
