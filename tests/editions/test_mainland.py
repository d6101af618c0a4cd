"""The shuffled edition: its listing, its API, and the order of its paragraphs."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judge.real import SHARED
from support.crawling import MOMENT
from support.editions import edition_of, read_listing, story_on

from zbcrawler.common.errors import LandmarkMissingError
from zbcrawler.common.markup import parse_fragment
from zbcrawler.editions import Page
from zbcrawler.editions.arranging import hidden_number, put_in_order

HERE = "https://www.zaobao.com/realtime/china"
API = "https://www.zaobao.com/more/sitemap/3?pageNo={}&pageSize=9"


def mark(number, salt="jB2"):
    return salt + base64.b32encode(str(number).encode()).decode()


def texts(body):
    return [child.text for child in body]


def test_the_marks_of_the_real_site():
    # From site-layouts 5: the order they stand in on a real page is 2, 12, 16, 3.
    html = '<p data-s="XYBGI======">2</p><p data-s="jB2GEZA====">12</p><p data-s="tPBGE3A====">16</p><p data-s="3UtGM======">3</p>'
    body = parse_fragment(html)
    put_in_order(body, "data-s", hidden_number)
    assert texts(body) == ["2", "3", "12", "16"]


@given(st.permutations(range(1, 31)), st.text("ABCxyz019", min_size=3, max_size=3))
def test_any_order_is_put_right(order, salt):
    body = parse_fragment("".join(f'<p data-s="{mark(number, salt)}">{number}</p>' for number in order))
    put_in_order(body, "data-s", hidden_number)
    assert texts(body) == [str(number) for number in range(1, 31)]
    put_in_order(body, "data-s", hidden_number)
    assert texts(body) == [str(number) for number in range(1, 31)]


def test_what_has_no_number_stays_where_it_is():
    html = f'<p data-s="{mark(3)}">3</p><p>x</p>loose<p data-s="{mark(1)}">1</p><!--c--><p data-s="??">y</p>'
    body = parse_fragment(html)
    put_in_order(body, "data-s", hidden_number)
    assert [child.text for child in body] == ["1", "x", "3", "c", "y"]
    assert body[1].tail == "loose"


@pytest.mark.parametrize(
    "written", ["", "jB2", "jB2!!!!", "jB2市长", "jB2" + "A" * 900, mark("x"), mark("-3"), mark("１"), "jB2GEZA"]
)
def test_odd_marks_lose_nothing(written):
    body = parse_fragment(f'<p data-s="{mark(2)}">2</p><p data-s="{written}">odd</p><p data-s="{mark(1)}">1</p>')
    put_in_order(body, "data-s", hidden_number)
    assert sorted(texts(body)) == ["1", "2", "odd"]


LINK = '<a class="col-lg-4 col-12 list-block no-gutters row" href="/realtime/china/story{0}"><div class="f18 m-eps">题 {0}</div><div class="text-tip-color pdt10">{1}</div></a>'


def test_listing_around_new_year():
    rows = LINK.format("20260131-2", "01-31") + LINK.format("20251231-1", "12-31")
    html = f'<div id="recommend_block">{LINK.format("20260130-9", "01-30")}</div><div id="more-container">{rows}</div><script>var sitemapId="3";</script>'
    listing = read_listing(Page(HERE, html), MOMENT)
    assert (listing.edition, listing.half, listing.is_all) == ("mainland", "mainland", True)
    assert [(entry.title, entry.time.date().isoformat()) for entry in listing.entries] == [
        ("题 20260131-2", "2026-01-31"),
        ("题 20251231-1", "2025-12-31"),
    ]
    assert listing.next == API.format(3)


def test_a_listing_without_the_sections_number_says_that_it_may_not_be_all():
    listing = read_listing(Page(HERE, f'<div id="more-container">{LINK.format("20260131-2", "01-31")}</div>'), MOMENT)
    assert (listing.next, listing.is_all) == (None, False)


def test_api_pages_go_on_until_one_is_empty():
    row = '{"title":"题","contentPreview":"x","publicationDate":"2026-01-31 11:07:00","url":"/realtime/china/story20260131-1"}'
    listing = read_listing(Page(API.format(3), f'{{"result":{{"pageSize":9,"data":[{row}]}}}}'), MOMENT)
    assert listing.next == API.format(4)
    assert (listing.entries[0].link, listing.entries[0].time.hour) == ("/realtime/china/story20260131-1", 11)
    assert read_listing(Page(API.format(4), '{"result":{"data":[]}}'), MOMENT).next is None


@pytest.mark.parametrize(
    "text", ['{"result":{"data":{}}}', '{"result":{"data":[{"title":"x"}]}}', '<div id="more-container"></div>']
)
def test_a_listing_without_entries_is_an_error(text):
    with pytest.raises(LandmarkMissingError, match="mainland"):
        read_listing(Page(API.format(3), text), MOMENT)


def test_a_mirror_of_the_picture_store_is_known_by_its_path():
    body = '<p data-s="XYBGI======">字</p><img src="//cdn.mirror-9.com/s3fs-public/2022/a.jpg"><img src="//cdn.mirror-9.com/x.jpg">'
    page = Page(HERE, f'<article id="article-body" class="article-body">{body}</article>')
    sources = [image.get("src") for image in story_on(page).raw[-1].iter("img")]
    assert sources == ["https://static.zaobao.com/s3fs-public/2022/a.jpg", "//cdn.mirror-9.com/x.jpg"]


def test_both_mainland_builds_are_told_apart():
    body = '<article id="article-body" class="article-body">{}</article>'
    assert edition_of(Page(HERE, body.format('<p data-s="XYBGI======">字</p>'))).name == "mainland"
    assert edition_of(Page(HERE, body.format("<p>字</p>"))).name == "astro"


def test_the_real_fragment_is_put_in_order():
    files = sorted((SHARED / "real-pages" / "hk-2022").glob("*.html"))
    if not files:
        pytest.skip("../shared/real-pages is not here")
    body = parse_fragment(files[0].read_text("utf-8"))
    before = ["".join(child.itertext()) for child in body if child.get("data-s")]
    put_in_order(body, "data-s", hidden_number)
    # The order that the index of the real pages gives, sorted.
    order = [2, 12, 16, 3, 7, 11, 4, 8, 6, 13, 15]
    expected = [text for _, text in sorted(zip(order, before, strict=False))]
    assert ["".join(child.itertext()) for child in body if child.get("data-s")] == expected
