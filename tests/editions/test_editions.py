"""Which edition recognises a page, and the error if none does or a part is missing."""

from typing import ClassVar

import pytest
from support.crawling import MOMENT
from support.editions import ADDRESS, edition_of, read_listing, story_on

from zbcrawler.cleaning import clean
from zbcrawler.cleaning.noise_rules import Rule
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import LandmarkMissingError, UnknownEditionError
from zbcrawler.common.times import machine_time
from zbcrawler.editions import EDITIONS, Editions, Page
from zbcrawler.editions.drupal import Drupal
from zbcrawler.editions.field_sources import shown

HERE = "https://www.zaobao.com.sg/realtime/china"


def page(text, address=HERE):
    return Page(address, text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('<a class="article-type-link" href="/x">x</a>', "drupal"),
        ('<div class="article-content-rawhtml"></div>', "drupal"),
        ('<script type="application/json">{"articleDetails":{"nid":"1"}}</script>', "drupal"),
        ('<script>window.__staticRouterHydrationData = JSON.parse("{}")</script>', "react"),
        ('<script id="seo-article-page" type="application/ld+json"></script>', "react"),
        ('<div class="card-listing"><div class="card"></div></div>', "react"),
        ('{"code":200,"response":{"articles":[]}}', "react"),
        # old markup lives on inside new pages
        ('<script>window.__staticRouterHydrationData = 1</script><div class="article-content-rawhtml"></div>', "react"),
    ],
)
def test_the_page_decides(text, name):
    for address in (HERE, "https://www.zaobao.com/x", "http://127.0.0.1:1/x"):
        assert edition_of(page(text, address)).name == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "<html></html>",
        "<h1>502 Bad Gateway</h1>",
        "{}",
        "[]",
        '{"a":',
        "<p>article-type-link card-listing seo-article-page</p>",
        "<!-- x -->",
    ],
)
def test_unknown_pages(text):
    with pytest.raises(UnknownEditionError, match=HERE):
        story_on(page(text))


@pytest.mark.parametrize(
    ("text", "landmark"),
    [
        ('<div class="article-content-rawhtml"></div>', "article-type-link"),
        ("<script>window.__staticRouterHydrationData = 1</script>", "card-listing"),
        ('{"code":200,"response":{"pageContentList":[{"key":"hot_news","articles":[]}]}}', "response.articles"),
    ],
)
def test_a_page_without_listing_names_edition_and_landmark(text, landmark):
    with pytest.raises(LandmarkMissingError) as caught:
        read_listing(page(text), MOMENT)
    assert landmark in str(caught.value)
    assert HERE in str(caught.value)


@pytest.mark.parametrize(
    ("text", "landmark"),
    [
        ('<div class="article-list"><a class="article-type-link" href="/x">x</a></div>', "article-content-rawhtml"),
        ("<script>window.__staticRouterHydrationData = 1</script>", "articleBody"),
    ],
)
def test_a_page_without_body_names_edition_and_landmark(text, landmark):
    with pytest.raises(LandmarkMissingError, match=landmark):
        story_on(page(text))


def test_only_the_listing_is_read():
    link = '<a class="article-type-link" href="/realtime/china/story20210512-{}"><h2>题 {}</h2></a>'
    aside = f"<aside>{link.format(9, 9)}</aside>"
    item = '<div class="article-type-content">{}<span class="meta-published-date"> {} </span></div>'
    html = f'{aside}<div class="article-list">{item.format(link.format(1, 1), "09/05/2021")}{item.format(link.format(2, 2), "")}</div>'
    listing = read_listing(page(html + '<a class="pagination-link-next" href="?page=1">x</a>'), MOMENT)
    assert [entry.title for entry in listing.entries] == ["题 1", "题 2"]
    assert [entry.time and entry.time.day for entry in listing.entries] == [9, None]
    assert listing.next == HERE + "?page=1"


@pytest.mark.parametrize("href", ["https://elsewhere.example/?page=1", "/realtime/world?page=1", ""])
def test_a_pager_that_leaves_the_section_is_none(href):
    html = f'<div class="article-list"><a class="article-type-link" href="/x">x</a></div><a class="pagination-link-next" href="{href}">x</a>'
    assert read_listing(page(html), MOMENT).next is None


def test_api_pages_go_on_until_one_is_empty():
    address = "https://www.zaobao.com.sg/_plat/api/v2/page-content/realtime/china?page={}"
    full = '{"code":200,"response":{"articles":[{"title":"题","href":"/news/china/story20250222-1","timestamp":"1740193620"}]}}'
    listing = read_listing(page(full, address.format(3)), MOMENT)
    assert listing.next == address.format(4)
    assert listing.entries[0].time.hour == 11
    assert read_listing(page('{"code":200,"response":{"articles":[]}}', address.format(4)), MOMENT).next is None


def test_nested_api_answers_give_the_section_and_not_the_hot_news():
    address = "https://www.zaobao.com.sg/_plat/api/v2/page-content/realtime/china?page=1"
    text = (
        '{"code":200,"response":{"pageContentList":[{"key":"hot_news","articles":[{"href":"/a"}]},'
        '{"key":"news_china","articles":[{"href":"/b"}]}]}}'
    )
    assert [entry.link for entry in read_listing(page(text, address), MOMENT).entries] == ["/b"]


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.name)
def test_every_edition_says_what_it_is(edition):
    assert edition.name
    assert edition.letter
    assert edition.served


def test_of_several_lists_the_longest_is_the_section():
    link = '<a class="article-type-link" href="/realtime/china/story20210512-{0}"><h2>题 {0}</h2></a>'
    hot = f'<div class="article-list">{link.format(9)}</div>'
    section = f'<div class="article-list">{link.format(1)}{link.format(2)}</div>'
    for html in (hot + section, section + hot):
        assert [entry.title for entry in read_listing(page(html), MOMENT).entries] == ["题 1", "题 2"]


def test_links_of_a_listing_without_its_container_are_still_a_listing():
    html = '<div><a class="article-type-link" href="/realtime/china/story20210512-1">题</a></div>'
    assert [entry.title for entry in read_listing(page(html), MOMENT).entries] == ["题"]


class Sixth(Drupal):
    """An edition like another, with an advert, a paywall and a caption of its own."""

    NOISE: ClassVar = {
        ".zb-slot": Rule("advert", "S: a slot that scripts fill"),
        ".zb-gate": Rule("paywall", "S: stands in place of the rest", truncates=True),
    }
    CAPTIONS = (".zb-cutline",)


def test_an_edition_declares_its_own_noise_and_captions():
    text = (
        '<div class="article-content-rawhtml"><p>字</p><div class="zb-slot">广告</div><p class="zb-cutline">不在图下</p>'
        '<div><img src="/s3/files/a.jpg"><div class="zb-cutline">图说</div></div><div class="zb-gate">订阅</div></div>'
    )
    reading = Sixth().story(page(text), ADDRESS)
    body = clean(reading.raw, noise=reading.noise)
    picture = '<img src="https://static.zaobao.com/s3fs-public/a.jpg" alt="">'
    assert body.lines == [
        "<p>字</p>",
        "<p>不在图下</p>",
        f"<figure>{picture}<figcaption>图说</figcaption></figure>",
    ]
    assert sorted(rule for rule, _ in body.removed) == ["advert", "paywall"]
    assert body.truncated


class Seventh(Drupal):
    """An edition whose time moved into an attribute, and which finds other details than its base."""

    PUBLISHED = (shown("time.published @datetime", machine_time),)
    DETAILS: ClassVar = {"image": (shown("img.share @data-large"),), "byline": (shown(".writer"),)}


def test_a_field_in_an_attribute_and_the_fields_of_a_story_follow_from_what_the_edition_declares():
    text = (
        '<time class="published" datetime="2026-01-31T08:30:00+08:00">今早</time><img class="share" data-large="https://a.example/1.jpg">'
        '<div class="article-content-rawhtml"><p>字</p></div>'
    )
    address = StoryAddress.parse("/realtime/china/story20260131-1")
    editions = Editions([Seventh()])
    story = editions.read_story(page(text), address, section="china", with_details=True)
    assert story.published.isoformat() == "2026-01-31T08:30:00+08:00"
    assert (story.image, story.byline, story.keywords) == ("https://a.example/1.jpg", "", ())
    assert Seventh().details(page(text))["image"].where == "img.share @data-large"
    bare = editions.read_story(page(text.replace("datetime", "data-x")), address, section="china", with_details=False)
    assert (bare.published, bare.image) == (None, "")
