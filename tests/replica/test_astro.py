"""The Astro edition of the mainland half (site-layouts 6)."""

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from zbcrawler.common.times import SINGAPORE, Clock
from zbcrawler.replica import Newsroom
from zbcrawler.replica.site import Site

from .reading import astro_value, linked_data, tree

TIME = r"刚刚|\d+分钟前|\d\d:\d\d|(?:\d{4}年)?\d{1,2}月\d{1,2}日"


@pytest.fixture
def site(newsroom):
    return Site(newsroom, "astro")


def islands(page, component):
    return page.xpath(f"//astro-island[contains(@component-url, '{component}')]")


def cards(box):
    return [one for one in box.cssselect("article.relative") if one.cssselect("a.article-link")]


def times(card):
    return [span.text for span in card.cssselect("span") if re.fullmatch(TIME, span.text)]


def test_a_listing_has_18_cards_and_an_island_with_9(site, newsroom):
    page = tree(site, "/realtime/china")
    (box,) = page.cssselect("main [data-testid='article-list']")
    (more,) = islands(page, "LoadMoreList")
    assert more.getparent() is box.getparent()
    assert (len(cards(box)), len(cards(more))) == (18, 9)
    links = [card.cssselect("a.article-link")[0] for card in cards(box) + cards(more)]
    expected = newsroom.cards("china", "astro")[:27]
    assert [(link.get("href"), link.get("title")) for link in links] == [(one.href, one.title) for one in expected]
    assert any(link.get("href").startswith("https://") for link in links)
    assert page.findtext(".//title") == "中国新闻 | 联合早报网"
    assert site.answer("/realtime/china?page=1").body == site.answer("/realtime/china").body


def test_link_texts_are_cut_and_titles_whole(site):
    links = tree(site, "/realtime/world").cssselect("a.article-link")
    cut = [link for link in links if link.text != link.get("title")]
    assert 5 < len(cut) < len(links)
    for link in cut:
        assert link.text.endswith("…")
        assert link.get("title").startswith(link.text[:-1])


def test_the_island_tells_exact_times(site, newsroom):
    page = tree(site, "/realtime/world")
    (more,) = islands(page, "LoadMoreList")
    data = {name: astro_value(value) for name, value in json.loads(more.get("props")).items()}
    assert [row["url"] for row in data["list"]] == more.xpath(".//a/@href")
    for row in data["list"]:
        story = newsroom.find(row["url"].partition("?")[0])
        if story and story.listed:
            assert row["publicationDate"] == f"{story.published:%Y-%m-%d %H:%M}:00"
            assert row["id"] == story.number_value
            assert row["title"] in {story.title_in("astro"), more.xpath(f".//a[@href='{row['url']}']/@title")[0]}


def test_hot_news_are_decoys_without_the_class_of_links(site, newsroom):
    page = tree(site, "/realtime/china")
    (hot,) = islands(page, "HotNews")
    assert hot.get("props") == "{}"
    assert set(hot.xpath(".//article/a/@href")) <= {story.path for story in newsroom.decoys}
    assert not hot.cssselect(".article-link")


def test_times_of_every_form():
    now = datetime(2026, 1, 2, 0, 20, tzinfo=SINGAPORE)
    newsroom = Newsroom(1, Clock(now), stories=0)
    ages = {1: "刚刚", 2: "19分钟前", 3: "59分钟前", 4: "2025年12月31日", 5: "2024年2月9日"}
    moments = [
        timedelta(seconds=20),
        timedelta(minutes=19),
        timedelta(minutes=59, seconds=59),
        timedelta(days=1, hours=12),
    ]
    for number, age in enumerate([*moments, now - datetime(2024, 2, 9, 11, 0, tzinfo=SINGAPORE)], 1):
        newsroom.add("china", number, now.date(), f"标题{number}", now - age, raw_body="<p>一</p>")

    def shown():
        page = tree(Site(newsroom, "astro"), "/realtime/china")
        return {
            int(card.xpath(".//a/@href")[0][-1]): times(card)
            for card in cards(page)
            if "story" in card.xpath(".//a/@href")[0]
        }

    assert shown() == {number: [form] for number, form in ages.items()}
    newsroom.clock.advance(timedelta(hours=8))
    assert [shown()[number] for number in (1, 2, 3)] == [["00:19"], ["00:01"], ["1月1日"]]


def test_an_entry_can_lack_its_time(site, newsroom):
    newsroom.clock.advance(timedelta(minutes=5))
    story = newsroom.publish("china")[0]
    story.traits = replace(story.traits, dated=False)
    card = cards(tree(site, "/realtime/china"))[0]
    assert card.xpath(".//a/@href") == [story.path]
    assert times(card) == []


def test_linked_data_and_script_of_a_story(site, newsroom):
    counts, with_keywords = set(), 0
    for story in newsroom.expected():
        page = tree(site, story.path)
        scripts = [json.loads(text, strict=False) for text in linked_data(page)]
        counts.add(len(scripts))
        assert scripts[0]["@type"] == "BreadcrumbList"
        (article,) = [one for one in scripts if one["@type"] == "NewsArticle"]
        assert article["headline"].strip() == story.title_in("astro")
        with_keywords += "keywords" in article
        (parameters,) = page.xpath("//script[contains(text(), 'gaPushParams')]/text()")
        pubdate = re.search(r'"pubdate":"([^"]+)"', parameters)
        told = {article.get("datePublished"), pubdate and pubdate[1]} - {None}
        assert told <= {story.published.isoformat(), f"{story.published:%Y-%m-%d %H:%M}:00"}
        assert bool(told) == (story.expected_time is not None)
        assert page.xpath("//meta[@property='og:title']/@content") == [f"{story.title_in('astro')} | 联合早报"]
    assert counts == {2, 3}
    assert 100 < with_keywords < 290


def test_what_stands_around_and_between_the_paragraphs(site, newsroom):
    page = tree(site, newsroom.cases["eight_paragraphs"].path)
    (body,) = page.cssselect("article#article-body.article-body")
    kinds = [one.get("class") or one.tag for one in body]
    assert kinds == ["p"] * 3 + ["astro-island", "p", "further-reading"] + ["p"] * 4 + ["read-on-app-cover"]
    assert page.cssselect("zb-ai-summary")
    assert not body.cssselect("zb-ai-summary")
    keywords = [
        len(tree(site, story.path).cssselect("[data-testid='related-words'] a.keyword-tag_item"))
        for story in newsroom.expected()
    ]
    assert set(keywords) == {0, 2}


def test_pictures_have_their_caption_twice(site, newsroom):
    story = newsroom.cases["lazy_pictures"]
    (body,) = tree(site, story.path).cssselect("article#article-body")
    boxes = body.cssselect("div.inline-image-container")
    assert len(boxes) == 3
    for box in boxes:
        assert box.find("img").get("title") == box.getnext().text == "图说。"
        assert box.getnext().get("class") == "article-pic-title"
        assert box.cssselect("img[alt='expend icon']")
    gallery = newsroom.cases["gallery"]
    banner = tree(site, gallery.path).cssselect("[data-testid='article-banner'] img.gallery-image")
    assert [one.get("title") for one in banner] == [one.caption for one in gallery.lead]
    assert all(one.get("src").startswith("https://dss0.zbstatic5.com/s3fs-public/") for one in banner)
    (cassette,) = tree(site, newsroom.cases["lead_cassette"].path).cssselect("img.gallery-image")
    assert cassette.get("src").startswith("https://dss0.zbstatic5.com/s3fs-public/articles/")


def test_some_stories_do_not_name_their_charset(site, newsroom):
    named = {site.answer(story.path).charset for story in newsroom.expected()}
    assert named == {True, False}
    assert all(b'<meta charset="utf-8">' in site.answer(story.path).body for story in newsroom.expected()[:20])


def test_a_crawl_can_reach_what_the_listings_show(site, newsroom):
    reachable = site.expected()
    assert 50 < len(reachable) <= 3 * 27
    assert set(reachable) < set(newsroom.expected())
    for edition in ("drupal7", "drupal", "react", "mainland"):
        assert set(Site(newsroom, edition).expected()) == set(newsroom.expected())
