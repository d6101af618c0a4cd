"""Pages that say which story they are: another story's page is refused, and a page without a sign is believed."""

from __future__ import annotations

import json

import pytest
from judge.real import SHARED
from support.editions import edition_of, read_story
from support.pages import FIXTURES

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import OtherStoryError
from zbcrawler.editions import Page
from zbcrawler.editions.page import check_own_address
from zbcrawler.replica.server import Replica
from zbcrawler.replica.site import EDITIONS
from zbcrawler.tools.saved_pages import read_saved

PATH = "/realtime/china/story20260131-3120268"
ADDRESS = StoryAddress.parse(PATH)
SITE = "https://www.zaobao.com"
OTHER = f"{SITE}/realtime/china/story20260131-3120269"


def canonical(link):
    return f'<link rel="canonical" href="{link}">'


def og_url(link):
    return f'<meta property="og:url" content="{link}">'


def linked_data(**fields):
    data = json.dumps({"@type": "NewsArticle", "headline": "标题", **fields})
    return f'<script type="application/ld+json">{data}</script>'


def check(head):
    text = f"<html><head>{head}</head><body><article>字</article></body></html>"
    check_own_address(Page(SITE + PATH, text), ADDRESS)


@pytest.mark.parametrize(
    "head",
    [
        canonical(OTHER),
        og_url(OTHER),
        f"<link href='{OTHER}?utm_source=x' rel='canonical' />",
        f"<LINK HREF={OTHER} REL=canonical>",
        canonical("/news/china/story20260130-1"),
        canonical("//www.zaobao.com.sg/news/china/story20260130-1"),
        canonical(OTHER.upper()),
        canonical(f"{SITE}/realtime/china/story20260103-3120268"),
        f'<meta name="og:url" content="{OTHER}">',
        linked_data(url=OTHER),
        linked_data(mainEntityOfPage=OTHER),
        linked_data(mainEntityOfPage={"@type": "WebPage", "@id": OTHER}),
        linked_data(**{"@id": OTHER}),
        linked_data(url=OTHER).replace("/", "\\/").replace("<\\/", "</").replace("application\\/", "application/"),
        canonical(SITE) + og_url(f"{SITE}/realtime/china") + linked_data(url=OTHER),
    ],
)
def test_a_page_that_names_another_story_is_refused(head):
    with pytest.raises(OtherStoryError, match="story20260131-3120268: is the page of another story: "):
        check(head)


@pytest.mark.parametrize(
    "head",
    [
        "",
        canonical(SITE + PATH),
        canonical("http://www.zaobao.com.sg/news/china/story20260131-3120268?a=1&amp;b=2#x"),
        canonical((SITE + PATH).upper()),
        canonical(f"{SITE}/realtime/china/story20260202-3120268"),
        canonical(PATH),
        canonical(SITE),
        canonical(f"{SITE}/realtime/china"),
        canonical("https://another.example/story20260131-3120269"),
        canonical("http://[/story20260131-1"),
        canonical(""),
        '<link rel="canonical">',
        f'<link rel="alternate" href="{OTHER}"><link rel="prev" href="{OTHER}"><meta name="next" content="{OTHER}">',
        canonical(OTHER) + og_url(SITE + PATH),
        linked_data(url=OTHER) + canonical(SITE + PATH),
        linked_data(url=SITE + PATH),
        linked_data(relatedLink=OTHER),
        linked_data(url=[OTHER], mainEntityOfPage=3),
        '<script type="application/ld+json">{"@type":"ItemList","url":"' + OTHER + '"}</script>',
        '<script type="application/ld+json">[{"@type":"NewsArticle"},{"@type":"Article","url":"'
        + OTHER
        + '"}]</script>',
        '<script type="application/ld+json">{"@type":"NewsArticle","url":"' + OTHER,
        f"<script>var canonical = '{OTHER}'</script>",
        "</head><body>" + canonical(OTHER),
    ],
)
def test_a_page_that_names_its_own_story_or_none_is_believed(head):
    check(head)


def test_the_data_of_react_name_another_story():
    article = {"id": "14083404470", "headline": "标题", "body_cn": "<p>字</p>", "href": "/news/china/story20260131-5"}
    data = {"loaderData": {"0-0": {"context": {"payload": {"article": article}}}}}
    text = f"{canonical(SITE + PATH)}<script>window.__staticRouterHydrationData = JSON.parse({json.dumps(json.dumps(data))});</script>"
    page = Page(SITE + PATH, text)
    with pytest.raises(OtherStoryError, match=r"another story: .*/news/china/story20260131-5$"):
        read_story(page, ADDRESS, "china", with_details=False)


def test_every_page_of_the_fixtures_is_its_own():
    for path in FIXTURES.glob("*/*.html"):
        saved = read_saved(path.read_text("utf-8"))
        if address := StoryAddress.parse(saved.address):
            page = Page(saved.address, saved.text)
            check_own_address(page, address, edition_of(page).own_links(page))


@pytest.mark.parametrize("edition", [name for name in EDITIONS if name != "mixed"])
def test_every_page_of_the_replica_names_its_own_story_and_no_other(newsroom, edition):
    replica = Replica(newsroom, edition)
    stories = [one for one in newsroom.expected() if one.content and not one.fault][:40]
    for story in stories:
        text = replica.answer(story.path)[0].body.decode()
        check_own_address(Page(SITE + story.path, text), StoryAddress.parse(story.path))
        with pytest.raises(OtherStoryError, match=story.number):
            check_own_address(Page(SITE, text), StoryAddress.parse("/realtime/china/story20200101-1"))


def test_no_real_page_is_taken_for_another_storys():
    pages = sorted(SHARED.glob("real-pages/**/*.html"))
    if not pages:
        pytest.skip("../shared/real-pages is not here")
    for path in pages:
        page = Page(SITE + PATH, path.read_text("utf-8", "replace"))
        check_own_address(page, ADDRESS)
