"""The Drupal 7 edition: listings in both markups, and the pages that Next.js rendered again."""

import json

import pytest
from support.crawling import MOMENT
from support.editions import edition_of, read_listing, story_on

from zbcrawler.common.errors import LandmarkMissingError
from zbcrawler.editions import Page

HERE = "https://www.zaobao.com.sg/realtime/china"


@pytest.mark.parametrize(
    "row",
    [
        '<div class="row list"><a href="/realtime/china/story20171005-{0}"><div class="post-title">题 {0}</div></a><span class="datestamp">05/10/2017</span></div>',
        '<div class="row list"><a href="/realtime/china/story20171005-{0}">题 {0}</a><em class="datestamp"> 05/10/2017 </em></div>',
    ],
)
def test_a_list_of_posts(row):
    pager = '<ul class="pager"><li class="pager-next"><a href="/realtime/china?page=1">›</a></li></ul>'
    listing = read_listing(Page(HERE, f'<div class="post-list">{row.format(1)}{row.format(2)}</div>{pager}'), MOMENT)
    assert [(entry.link[-1], entry.title) for entry in listing.entries] == [("1", "题 1"), ("2", "题 2")]
    assert {entry.time.date().isoformat() for entry in listing.entries} == {"2017-10-05"}
    assert listing.next == HERE + "?page=1"
    assert listing.half == "singapore"


def test_a_title_inside_its_link():
    row = '<div class="post-detail"><a href="/realtime/china/story20171005-{0}"><div class="post-title">题 {0}</div></a><div class="datestamp">05/10/2017</div></div>'
    listing = read_listing(Page(HERE, f'<div class="post-list">{row.format(1)}{row.format(2)}</div>'), MOMENT)
    assert [entry.title for entry in listing.entries] == ["题 1", "题 2"]
    assert listing.next is None


def test_next_js_tells_the_time_in_pieces():
    data = json.dumps({"nodes": [{"publication_date": "2016-01-20T18:38:00", "title": "题"}]})
    pieces = [f"1:{data[:30]}", data[30:]]
    scripts = "".join(f"<script>self.__next_f.push([1,{json.dumps(piece)}])</script>" for piece in pieces)
    page = Page(HERE, f'<h1>题</h1><div class="body-content"><div id="FineDining"><p>字</p></div></div>{scripts}')
    reading = story_on(page)
    assert reading.published.isoformat() == "2016-01-20T18:38:00+08:00"
    assert (reading.edition, reading.title) == ("drupal7", "题")


@pytest.mark.parametrize(
    "text",
    [
        '<div id="FineDining"></div>',
        '<div id="article_content"></div>',
        '<div class="body-content"><div class="loadme"></div></div>',
        '<div class="post-list"><div class="row list"></div></div>',
        '<div class="post-detail"><div class="post-title"></div></div>',
    ],
)
def test_its_pages_are_known(text):
    assert edition_of(Page(HERE, text)).name == "drupal7"
    with pytest.raises(LandmarkMissingError, match="drupal7"):
        read_listing(Page(HERE, text), MOMENT)
