"""The Astro edition: cards, the island that loads more, and its serialisation."""

import html
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.crawling import MOMENT
from support.editions import ADDRESS, read_listing

from zbcrawler.common.errors import LandmarkMissingError
from zbcrawler.editions import Page
from zbcrawler.editions.mainland import Astro, astro_value

HERE = "https://www.zaobao.com/realtime/china"
CARD = (
    '<article class="relative"><div><a class="article-link" href="/news/china/story{0}" title="完整标题 {0}">完整标…</a></div>'
    "<div><span>中国</span><span>·</span><span>{1}</span></div></article>"
)


def island(name, rows, cards):
    listed = [[0, {"id": [0, 1], "title": [0, t], "publicationDate": [0, d], "url": [0, u]}] for t, d, u in rows]
    props = html.escape(json.dumps({"list": [1, listed], "lang": [0, "zh"]}, ensure_ascii=False))
    return f'<astro-island component-url="https://dss0.zbstatic5.com/web2/_astro/{name}.X.js" props="{props}">{cards}</astro-island>'


def listing(text):
    return read_listing(Page(HERE, text), MOMENT)


def test_cards_and_the_island_that_loads_more():
    hot = island(
        "HotNews", [("热", "2026-01-31 08:00:00", "/news/china/story20260131-9")], CARD.format("20260131-9", "刚刚")
    )
    rows = [
        ("完整标题 20260130-2", "2026-01-30 12:28:31", "/news/china/story20260130-2"),
        ("只在数据里", "2026-01-30 12:00:00", "/news/china/story20260130-1"),
    ]
    more = island("LoadMoreList", rows, CARD.format("20260130-2", "1月30日"))
    cards = CARD.format("20260131-4", "09:30") + CARD.format("20260131-3", "59分钟前")
    found = listing(f'<main><div data-testid="article-list">{cards}</div>{hot}{more}</main>')
    assert [entry.link.rpartition("-")[2] for entry in found.entries] == ["4", "3", "2", "1"]
    assert [entry.title for entry in found.entries][:2] == ["完整标题 20260131-4", "完整标题 20260131-3"]
    assert [entry.time.strftime("%m-%d %H:%M:%S") for entry in found.entries] == [
        "01-31 09:30:00",
        "01-31 11:01:00",
        "01-30 12:28:31",
        "01-30 12:00:00",
    ]
    assert (found.next, found.is_all, found.half) == (None, False, "mainland")


def test_characters_that_no_tree_takes_are_dropped_from_the_addresses_of_pictures():
    body = '<p>字</p><img src="/articles/a&#1;&#12;.jpg" title="\x0b图">'
    text = f'<article id="article-body" class="article-body">{body}</article><div data-testid="article-banner"></div>'
    reading = Astro().story(Page(HERE, text), ADDRESS)
    assert reading.raw[-1].xpath("string(.//img/@src)") == "https://static.zaobao.com/s3fs-public/articles/a .jpg"


def test_hot_news_alone_is_no_listing():
    with pytest.raises(LandmarkMissingError, match="article-list"):
        listing(island("HotNews", [("热", "2026-01-31 08:00:00", "/x")], CARD.format("20260131-9", "刚刚")))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ([0, "x"], "x"),
        ([0, None], None),
        ([1, [[0, 1], [0, "二"]]], [1, "二"]),
        ([0, {"a": [1, []], "b": [0, {"c": [0, True]}]}], {"a": [], "b": {"c": True}}),
        ([3, "2026-01-31T00:00:00.000Z"], "2026-01-31T00:00:00.000Z"),
        ("x", "x"),
        ([], []),
        ([1, 2, 3], [1, 2, 3]),
    ],
)
def test_serialisation(written, value):
    assert astro_value(written) == value


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_data_can_be_read(written):
    astro_value(written)


@pytest.mark.parametrize(
    "props", ["", "{", "[]", "null", '{"list":1}', '{"list":[1,[[0,{"url":[0,3]}]]]}', "[0," * 9000]
)
def test_broken_properties_are_no_entries(props):
    more = f'<astro-island component-url="LoadMoreList" props="{html.escape(props)}"></astro-island>'
    with pytest.raises(LandmarkMissingError):
        listing(more)
