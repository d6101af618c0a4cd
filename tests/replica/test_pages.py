"""The pages of all editions, read with lxml and the facts about the site."""

import json
import re

import pytest

from zbcrawler.replica.content import Standfirst
from zbcrawler.replica.site import Site

from .reading import EDITIONS, body_of, linked_data, squeezed, tree, words_of


@pytest.fixture(params=EDITIONS)
def site(request, newsroom):
    return Site(newsroom, request.param)


def test_every_story_page_shows_title_and_words_in_order(site, newsroom):
    for story in [*newsroom.expected(), *newsroom.decoys]:
        page = tree(site, story.path)
        assert squeezed(page.findtext(".//h1")) == squeezed(story.title_in(site.edition))
        shown = squeezed(body_of(page, site.edition).text_content())
        place = 0
        standfirst = site.edition == "react" and isinstance(story.content.blocks[0], Standfirst)
        for line in story.expected_lines(site.edition)[len(story.lead) + standfirst :]:
            for words in words_of(line):
                place = shown.find(words, place)
                assert place >= 0, (story.path, words)
                place += len(words)


def test_story_pages_are_as_heavy_as_real_ones(site, newsroom):
    sizes = sorted(len(site.answer(story.path).body) for story in newsroom.expected())
    assert sizes[0] > 20_000
    assert sizes[len(sizes) // 2] < 40_000


def test_decoys_are_linked_everywhere_listed_nowhere_and_answer(site, newsroom):
    decoys = {story.path for story in newsroom.decoys}
    listing, story = tree(site, "/realtime/china"), tree(site, newsroom.expected()[0].path)
    for page in (listing, story):
        links = {link.partition("?")[0] for link in page.xpath("//a/@href")}
        assert len(links & decoys) > 5
    assert not decoys & {card.href for section in newsroom.sections for card in newsroom.cards(section)}
    assert all(site.answer(path + "?ref=sidebar-realtime").status == 200 for path in decoys)


def test_drupal_listing_pages(newsroom):
    site = Site(newsroom, "drupal")
    first = tree(site, "/realtime/china")
    second = tree(site, "/realtime/china?_wrapper_format=html&page=1")
    links = [page.xpath("//a[@class='article-type-link']/@href") for page in (first, second)]
    assert [len(one) for one in links] == [24, 24]
    assert links[0][-1] == links[1][0]
    assert first.xpath("//a[contains(@class,'pagination-link-next')]/@href") == ["?_wrapper_format=html&page=1"]
    last = tree(site, "/realtime/china?page=4")
    assert last.xpath("//a[@class='article-type-link']")
    assert not last.xpath("//a[contains(@class,'pagination-link-next')]")
    assert not tree(site, "/realtime/china?page=99").xpath("//a[@class='article-type-link']")
    every = {
        link for number in range(5) for link in tree(site, f"/realtime/china?page={number}").xpath("//h2/../@href")
    }
    assert {story.path for story in newsroom.listed("china")} <= every


def test_drupal_listing_shows_every_form_of_time_and_link(newsroom):
    site = Site(newsroom, "drupal")
    pages = [tree(site, f"/realtime/{one}?page={page}") for one in newsroom.sections for page in range(5)]
    times = [span.text.strip() for page in pages for span in page.cssselect(".meta-published-date")]
    for form in (r"\d+分钟前", r"\d+小时前", r"\d天前", r"\d\d/\d\d/\d{4}"):
        assert any(re.fullmatch(form, time) for time in times), form
    cards = [card for page in pages for card in page.cssselect("a.article-type-link")]
    assert len(times) < len(cards)
    for start in ("https://interactive.", "/node/", "/videos/", "/podcast/", "/specials/the-audio-brief/", "/news/"):
        assert any(card.get("href").startswith(start) for card in cards), start
    assert any("?ref=" in card.get("href") for card in cards)


def test_react_listing_and_api(newsroom):
    site = Site(newsroom, "react")
    screen = tree(site, "/realtime/world").xpath("//*[@class='card-listing']//a/@href")

    def page(number):
        data = json.loads(site.answer(f"/_plat/api/v2/page-content/realtime/world?page={number}").body)
        return data["response"]["articles"]

    assert [row["href"] for row in page(0)] == screen
    assert len(screen) == 24
    assert page(1)[0] == page(0)[-1]
    assert page(5) == []
    assert page(99) == []
    rows = {row["href"]: row for number in range(5) for row in page(number)}
    for story in newsroom.listed("world"):
        assert rows[story.path]["timestamp"] == story.published.timestamp()
    assert site.answer("/_plat/api/v2/page-content/realtime/sports").status == 404


def test_react_api_nests_for_one_section(newsroom):
    data = json.loads(Site(newsroom, "react").answer("/_plat/api/v2/page-content/realtime/singapore").body)
    keys = [block["key"] for block in data["response"]["pageContentList"]]
    assert keys == ["hot_news", "news_singapore"]
    assert Site(newsroom, "drupal").answer("/_plat/api/v2/page-content/realtime/singapore").status == 404


def hydration(page):
    literal = re.search(r'JSON\.parse\("(.*)"\);</script>', page, re.DOTALL)
    decoded = json.loads('"' + literal[1].replace("\\/", "/") + '"') if literal else None
    return json.loads(decoded)["loaderData"]["0-0"]["context"]["payload"]["article"] if decoded else None


def test_hydration_holds_the_story_in_every_way_of_escaping(newsroom):
    site = Site(newsroom, "react")
    for story in newsroom.expected():
        article = hydration(site.answer(story.path).body.decode())
        if not story.traits.hydration:
            assert article is None
            continue
        assert squeezed(article["headline"]) == squeezed(story.title)
        assert [one["url"] for one in article["images"]] == [one.address for one in story.lead]
        assert "previous-article" not in article["body_cn"]
        assert "newspost" not in article["body_cn"]
        if "created" in story.traits.times:
            assert int(article["create_time"]) == story.published.timestamp()
    text = site.answer(newsroom.cases["awkward_text"].path).body.decode()
    assert text.count('");') > 1


def test_linked_data_needs_care(newsroom):
    for edition in ("drupal", "react", "mainland", "astro"):
        scripts = linked_data(tree(Site(newsroom, edition), newsroom.cases["control_characters"].path))
        assert len(scripts) > 1
        (article,) = [one for one in scripts if "NewsArticle" in one]
        with pytest.raises(ValueError, match="control character"):
            json.loads(article)
        assert json.loads(article, strict=False)


def test_adverts_stand_where_they_do_on_the_site(newsroom):
    site = Site(newsroom, "drupal")

    def kinds(name):
        (body,) = tree(site, newsroom.cases[name].path).cssselect(".article-content-rawhtml")
        return [
            one.get("id") or one.tag for one in body if one.tag != "a" and one.get("class") != "cx_paywall_placeholder"
        ]

    ad, middle = ["imu"], ["innity-in-post", "dfp-ad-midarticlespecial"]
    assert kinds("one_paragraph")[:4] == ["p", *ad, *middle]
    assert kinds("seven_paragraphs")[:10] == ["p"] * 3 + ad + ["p"] * 4 + middle
    assert kinds("eight_paragraphs")[:11] == ["p"] * 3 + ad + ["p"] * 4 + middle + ["p"]
    assert kinds("further_reading_around_advert")[:6] == ["p"] * 3 + ad + ["p"] * 2


def test_promotions_come_in_three_kinds(newsroom):
    site = Site(newsroom, "drupal")
    found = {}
    for kind in ("normal", "empty", "absent"):
        page = tree(site, newsroom.cases[f"promotion_{kind}"].path)
        found[kind] = page.xpath("//img[contains(@class,'view-')]/@data-src")
    assert found["absent"] == []
    assert found["empty"] == ["", ""]
    assert "freemium_images" in found["normal"][0]


def test_node_links_lead_to_decoys_and_other_pages_answer(site, newsroom):
    (node,) = [card.href for card in newsroom.cards("china") if card.href.startswith("/node/")]
    answer = site.answer(node)
    assert answer.status == 301
    assert answer.headers["Location"] in {one.path for one in newsroom.decoys}
    assert site.answer("/specials/the-audio-brief/20260131").status == 200
    assert site.answer("/realtime/china/story20260131-1").status == 404
    assert site.answer("/realtime/sports").status == 404
