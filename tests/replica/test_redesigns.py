"""The builds that no edition reads: all of the truth is in their pages, in forms of their own."""

import base64
import html
import re

import pytest
from lxml.html import fromstring, tostring
from support.crawling import MOMENT

from zbcrawler.common.times import Clock
from zbcrawler.editions import EDITIONS, Page
from zbcrawler.replica import Newsroom, Replica
from zbcrawler.replica.redesigns import REDESIGNS
from zbcrawler.replica.site import Site

from .reading import squeezed

STORIES = [name for name, one in REDESIGNS.items() if one.story]
LISTINGS = [name for name, one in REDESIGNS.items() if one.listing]
UNKNOWN = [name for name in STORIES if name != "new-advert"]  # whose pages no edition takes for its own


@pytest.fixture(scope="module")
def site():
    return Site(Newsroom(seed=7, clock=Clock(MOMENT), stories=220), "react")


def opened(page):
    """Return a page with its encoded text opened, and with shuffled pieces in order."""
    if text := re.search('data-text="([^"]+)', page):
        page = html.unescape(page) + base64.b64decode(text[1]).decode()
        page = page.replace("<reader-view", "")
    if "__APP_DATA__" in page or "__STORY__" in page:
        return re.sub(r"(?<!\\)\\n", "", page.replace("\\u003c", "<"))
    if "scramble" not in page:
        return page
    tree = fromstring(page)
    for box in tree.cssselect(".scramble"):
        box[:] = sorted(box, key=lambda piece: int(piece.get("data-pos")))
    return tostring(tree, encoding="unicode")


def plain(text):
    """Return a text without tags, escapes and white space, however often it was escaped."""
    while (unescaped := html.unescape(text)) != text:
        text = unescaped
    return squeezed(re.sub(r"<[^<>]*>", "", text)).replace("\\", "")


@pytest.mark.parametrize("name", STORIES)
def test_every_story_page_holds_the_title_and_the_words_in_order(site, name):
    site.redesigned = name
    for story in site.newsroom.expected():
        page, place = plain(opened(site.answer(story.path).body.decode())), 0
        assert plain(story.title) in page
        # The data of a shell name pictures before the text.
        for line in site.expected_lines(story)[len(story.lead) :]:
            for words in map(plain, re.split(r"<[^<>]*>|http[^<]*", line)):
                place = page.find(words, place)
                assert place >= 0, (story.path, words)
                place += len(words)


@pytest.mark.parametrize("name", STORIES)
def test_every_story_page_holds_the_addresses_and_captions_of_its_pictures(site, name):
    site.redesigned = name
    for story in site.newsroom.expected():
        page = opened(site.answer(story.path).body.decode())
        lines = [line for line in site.expected_lines(story) if line.startswith("<figure>")]
        for line in lines:
            address, caption = re.fullmatch(
                '<figure><img src="([^"]+)" alt="[^"]*">(?:<figcaption>(.*)</figcaption>)?</figure>', line
            ).groups("")
            # A mirror of the store stands for the store.
            path = address.removeprefix("https://static.zaobao.com")
            assert path in page or html.unescape(path) in page
            assert plain(caption) in plain(page)


def recognising(address, answer):
    """Return the editions in code that take a page for their own."""
    page = Page(address, answer.body.decode())
    return [one.name for one in EDITIONS if one.recognises(page)]


@pytest.mark.parametrize("name", UNKNOWN)
def test_no_edition_takes_a_story_page_for_its_own(site, name):
    site.redesigned = name
    for story in site.newsroom.expected()[::9]:
        assert recognising(story.url, site.answer(story.path)) == []


@pytest.mark.parametrize("name", LISTINGS)
def test_no_edition_takes_a_listing_for_its_own(site, name):
    site.redesigned = name
    for section in site.newsroom.sections:
        path = f"/realtime/{section}"
        assert recognising(f"https://www.zaobao.com{path}", site.answer(path)) == []


@pytest.mark.parametrize("name", LISTINGS)
def test_listings_show_every_entry_page_by_page(site, name):
    site.redesigned = name
    section = site.newsroom.sections[0]
    seen, steps = "", {"tables": "?p={}", "breaks": "?p={}"}
    for number in range(12):
        query = steps.get(name, "?page={}").format(
            number * (18 if name == "tables" else 16) if name in steps else number
        )
        seen += html.unescape(site.answer(f"/realtime/{section}{query}").body.decode())
    cards = site.newsroom.cards(section)
    for card in cards[:30] if name == "single-breaks" else cards:
        assert card.href in seen, card


@pytest.mark.parametrize("name", LISTINGS)
def test_the_sections_share_a_hot_list_with_stories_of_all_of_them(site, name):
    site.redesigned = name
    pages = [html.unescape(site.answer(f"/realtime/{one}").body.decode()) for one in site.newsroom.sections]
    hot = [story.path for section in site.newsroom.sections for story in site.newsroom.listed(section)[2:4]]
    assert all(path in page for path in hot for page in pages)


def test_a_redesign_begins_and_ends_while_the_replica_runs(newsroom):
    story = newsroom.expected()[0]
    with Replica(newsroom) as replica:
        pages = []
        for name in (None, "hashed", "new-listing", None):
            replica.redesign(name)
            pages.append(replica.answer(story.path)[0].body)
        assert pages[0] == pages[2] == pages[3] != pages[1]
        with pytest.raises(ValueError, match="redesign gopher: not one of hashed, utility"):
            replica.redesign("gopher")


def test_pictures_of_a_redesign_may_have_another_host(site):
    story = next(one for one in site.newsroom.expected() if one.lead and "s3fs" in one.lead[0].address)
    site.redesigned = "data-only"
    assert site.expected_lines(story)[0].startswith('<figure><img src="https://media.zaobao.com.sg/store/styles/')
    site.redesigned = "new-listing"
    assert site.expected_lines(story) == story.expected_lines()
