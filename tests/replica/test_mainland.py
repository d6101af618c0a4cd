"""The first edition of the mainland half (site-layouts 5)."""

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from zbcrawler.common.times import SINGAPORE, Clock
from zbcrawler.replica import Newsroom
from zbcrawler.replica.site import Site

from .reading import api_rows, body_of, linked_data, number_of, squeezed, tree

MIRROR = "//dss0.zbstatic5.com/s3fs-public/"


@pytest.fixture
def site(newsroom):
    return Site(newsroom, "mainland")


def entries(page):
    return [
        (
            link.get("href"),
            link.cssselect("div.f18.m-eps")[0].text,
            link.cssselect("div.text-tip-color.pdt10")[0].text,
        )
        for link in page.cssselect("#more-container > a.col-lg-4.col-12.list-block.no-gutters.row")
    ]


def sitemap_id(page):
    (script,) = page.xpath("//script[contains(text(), 'sitemapId')]/text()")
    return re.search(r'sitemapId="(\d+)"', script)[1]


def rows(site, number, size=9, section_id="3"):
    return api_rows(site, f"/more/sitemap/{section_id}?pageNo={number}&pageSize={size}", "result", "data")


def test_a_listing_shows_two_pages_of_the_api(site, newsroom):
    page = tree(site, "/realtime/china")
    shown = entries(page)
    assert len(shown) == 18
    assert [one[:2] for one in shown] == [(row["url"], row["title"]) for row in rows(site, 1) + rows(site, 2)]
    assert all(re.fullmatch(r"\d\d-\d\d", date) for _, _, date in shown)
    assert not page.cssselect("#more-container a a")
    assert len(page.cssselect("a.list-block")) == 18
    assert sitemap_id(page) == "3"
    ids = {sitemap_id(tree(site, f"/realtime/{section}")) for section in newsroom.sections}
    assert len(ids) == 3


@pytest.mark.parametrize(("first", "size"), [(3, 9), (2, 18)])
def test_the_api_goes_on_where_the_page_ends(site, newsroom, first, size):
    shown = [href for href, _, _ in entries(tree(site, "/realtime/china"))]
    further = []
    number = first
    while data := rows(site, number, size):
        assert len(data) <= size
        further += data
        number += 1
    # A new story has pushed the others down.
    assert further[0]["url"] == shown[-1]
    by_url = {row["url"]: row for row in further}
    assert set(shown) | set(by_url) >= {story.path for story in newsroom.listed("china")}
    for story in newsroom.listed("china")[20:]:
        assert by_url[story.path]["publicationDate"] == f"{story.published:%Y-%m-%d %H:%M}:00"
    assert rows(site, 999, size) == []


def test_other_ids_and_other_builds_answer_404(site, newsroom):
    assert site.answer("/more/sitemap/99?pageNo=3&pageSize=9").status == 404
    assert Site(newsroom, "astro").answer("/more/sitemap/3?pageNo=3&pageSize=9").status == 404


def test_dates_without_a_year_around_new_year():
    clock = Clock(datetime(2026, 1, 2, 0, 30, tzinfo=SINGAPORE))
    newsroom = Newsroom(1, clock)
    site = Site(newsroom, "mainland")
    dates = {
        href: date for section in newsroom.sections for href, _, date in entries(tree(site, f"/realtime/{section}"))
    }
    assert set(dates.values()) == {"01-01", "01-02", None}
    # Stories of last December are on the first screen, because there are few new ones.
    quiet = Newsroom(1, clock, stories=0)
    quiet.add("china", 1, datetime(2025, 12, 31).date(), "去年", clock.now() - timedelta(days=2), raw_body="<p>一</p>")  # noqa: DTZ001
    (entry,) = [one for one in entries(tree(Site(quiet, "mainland"), "/realtime/china")) if "story" in one[0]]
    assert entry[2] == "12-31"


def test_an_entry_can_lack_its_date(site, newsroom):
    newsroom.clock.advance(timedelta(minutes=5))
    story = newsroom.publish("china")[0]
    story.traits = replace(story.traits, dated=False)
    assert entries(tree(site, "/realtime/china"))[0] == (story.path, story.title, None)
    assert rows(site, 1)[0]["publicationDate"]


def test_children_are_out_of_order_and_numbered(site, newsroom):
    orders, unnumbered, gaps, adverts = [], 0, 0, []
    for story in newsroom.expected():
        (body,) = tree(site, story.path).cssselect("article#article-body.article-body")
        written = [child.get("data-s") for child in body if isinstance(child.tag, str)]
        numbers = [number_of(one) for one in written if one]
        assert len(set(numbers)) == len(numbers)
        assert all(re.fullmatch(r"[A-Za-z0-9]{3}[A-Z2-7]+=*", one) for one in written if one)
        unnumbered += None in written
        gaps += sorted(numbers) != list(range(1, len(numbers) + 1))
        if len(numbers) > 1:
            orders.append(numbers == sorted(numbers))
        adverts += body.xpath("./section[@class='flex flex-pack-center'][div[@id='dfp-ad-imu1']]/@data-s")
    assert not any(orders)
    assert unnumbered > 30
    assert gaps > 100
    assert {number_of(one) for one in adverts} >= {2, 4, 5}


def test_a_child_without_a_number_stays_at_its_place(site, newsroom):
    found = 0
    for story in newsroom.expected():
        (body,) = tree(site, story.path).cssselect("article#article-body.article-body")
        for place, child in enumerate(body):
            if isinstance(child.tag, str) and not child.get("data-s"):
                found += 1
                ordered = body_of(tree(site, story.path), "mainland")
                assert ordered[place].text_content() == child.text_content()
    assert found > 30


def test_given_bodies_are_shuffled_too_and_their_loose_text_stays(newsroom):
    raw = "开头<p>一</p>其间<!-- 备注 --><div>二<br>三</div><p>四&nbsp;&amp;</p><ul><li>五</li></ul>尾"
    orders = set()
    for number in range(1, 30):
        story = newsroom.add("china", number, newsroom.clock.now().date(), "题", newsroom.clock.now(), raw_body=raw)
        page = tree(Site(newsroom, "mainland"), story.path)
        (body,) = page.cssselect("article#article-body")
        assert body.text_content().strip().startswith("开头")
        assert body.text_content().strip().endswith("尾")
        orders.add(squeezed(body.text_content()))
        assert squeezed(body_of(page, "mainland").text_content()) == "开头一其间二三四&五尾"
    assert len(orders) > 5


def test_the_second_linked_data_tells_the_time(site, newsroom):
    forms = set()
    for story in newsroom.expected():
        first, second = linked_data(tree(site, story.path))
        assert "NewsArticle" not in first
        data = json.loads(second, strict=False)
        assert data["headline"].strip() == story.title_in("mainland")
        if "datePublished" not in data:
            assert not story.traits.times & {"created", "jsonld"}
            continue
        month_first = re.fullmatch(r"\d\d/\d\d/\d{4} - \d\d:\d\d", data["datePublished"])
        forms.add(bool(month_first))
        form = "%m/%d/%Y - %H:%M" if month_first else "%Y-%m-%dT%H:%M:%S+08:00"
        assert data["datePublished"] == story.published.strftime(form)
    assert forms == {True, False}


def test_some_linked_data_holds_control_characters(site, newsroom):
    def broken(story):
        try:
            json.loads(linked_data(tree(site, story.path))[1])
        except json.JSONDecodeError:
            return True
        return False

    broken_ones = [story for story in newsroom.expected() if broken(story)]
    assert newsroom.cases["control_characters"] in broken_ones
    assert 10 < len(broken_ones) < 100


def test_title_time_and_breadcrumb(site, newsroom):
    story = newsroom.cases["two_headlines"]
    page = tree(site, story.path)
    assert page.findtext(".//h1[@class='article-title']") == story.mainland_title
    (time,) = page.cssselect(".text-track-v1.author-info.f14 .mgt10")
    assert f"{story.published:%H:%M}" in time.text
    (crumb,) = page.cssselect("ol > .active")
    assert crumb.text in {"中国", "国际", "新加坡"}
    titles = {
        row["url"]: row["title"]
        for number in range(1, 20)
        for section in ("3", "5", "7")
        for row in rows(site, number, section_id=section)
    }
    assert titles[story.path] == story.mainland_title
    silent = tree(site, newsroom.cases["time_none"].path)
    assert not silent.cssselect(".author-info .mgt10")[0].text


def test_pictures_stand_in_the_carousel_and_on_a_mirror(site, newsroom):
    def slides(name):
        return tree(site, newsroom.cases[name].path).cssselect("#carousel-article .carousel-inner a")

    def captions(name):
        return [one.text.strip() for slide in slides(name) for one in slide.cssselect("a > div")]

    assert captions("gallery") == [one.caption for one in newsroom.cases["gallery"].lead]
    assert captions("lead_root_relative") == [newsroom.cases["lead_root_relative"].lead[0].caption]
    assert captions("no_hydration_lead") == []
    assert not tree(site, newsroom.cases["long_read"].path).cssselect("#carousel-article")
    (cassette,) = slides("lead_cassette")
    source = cassette.find("img").get("src")
    line = newsroom.cases["lead_cassette"].expected_lines("mainland")[0]
    assert source.partition(":")[2].removeprefix(MIRROR) in line
    sources = [
        source
        for story in newsroom.expected()
        for source in tree(site, story.path).xpath("//article//img/@src | //*[@id='carousel-article']//img/@src")
        if "s3fs-public" in source
    ]
    assert {source.partition("//")[0] for source in sources} == {"https:", ""}
    assert all(MIRROR in source for source in sources)
