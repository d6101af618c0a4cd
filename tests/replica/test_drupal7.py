"""The Drupal 7 edition and its re-rendering (site-layouts 2)."""

import json
import re

import pytest

from zbcrawler.replica.site import Site

from .reading import BODY, linked_data, tree

WEEKDAYS = "一二三四五六日"


@pytest.fixture
def site(newsroom):
    return Site(newsroom, "drupal7")


def entries(page):
    """Return address, title and date of each entry, in either of the two known forms."""
    found = []
    for title in page.cssselect(".post-detail .post-title"):
        (link,) = title.xpath("ancestor::a[@href]")
        (detail,) = title.xpath("ancestor::div[@class='post-detail']")
        dates = [one.text for one in detail.cssselect(".datestamp")]
        found.append((link.get("href"), title.text, dates[0] if dates else None))
    return found


def following(page):
    return page.cssselect("ul.pager li.pager-next a")


def test_listing_pages(site, newsroom):
    path = "/realtime/china"
    pages = [tree(site, path)]
    assert pages[0].cssselect("li.pager-previous") == []
    while links := following(pages[-1]):
        assert links[0].get("href") == f"{path}?page={len(pages)}"
        pages.append(tree(site, links[0].get("href")))
    assert [len(entries(page)) for page in pages[:2]] == [20, 20]
    assert entries(pages[0])[-1] == entries(pages[1])[0]
    assert pages[1].cssselect("li.pager-first a")[0].get("href") == path
    links = {href for page in pages for href, _, _ in entries(page)}
    assert links >= {story.path for story in newsroom.listed("china")}
    assert entries(tree(site, f"{path}?page=99")) == []


def test_both_forms_of_a_listing(site, newsroom):
    rows = tree(site, "/realtime/china").cssselect(".post-list .row.list > a > .post-detail > .post-title")
    assert len(rows) == 20
    page = tree(site, "/realtime/world")
    assert not page.cssselect(".post-list")
    assert len(page.xpath("//div[@class='post-detail']/a[@href]/*[@class='post-title']")) == 20


def test_listed_dates_have_the_day_first(site, newsroom):
    dates = {
        href: date
        for section in newsroom.sections
        for page in range(7)
        for href, _, date in entries(tree(site, f"/realtime/{section}?page={page}"))
    }
    for story in newsroom.expected():
        assert dates[story.path] == (f"{story.published:%d/%m/%Y}" if story.traits.dated else None)


def test_a_story_is_where_it_was(site, newsroom):
    containers, bylines = set(), 0
    for story in newsroom.expected():
        page = tree(site, story.path)
        assert page.cssselect("div.body-content > h1")[0].text == story.title
        (body,) = page.cssselect(BODY["drupal7"])
        containers.add(body.get("id") or body.get("class"))
        (stamp,) = page.cssselect(".datestamp")
        at = story.published
        shown = f"{at.year}年{at.month}月{at.day}日 星期{WEEKDAYS[at.weekday()]} {at:%I:%M %p}"
        assert (stamp.text or shown) == shown
        for link in page.cssselect("aside > span.contributor.meta-byline a"):
            bylines += 1
            assert link.getparent().text == "文/"
    assert containers == {"FineDining", "a_body"}
    assert bylines > 20


def test_times_are_told_somewhere(site, newsroom):
    for story in newsroom.expected():
        page = site.answer(story.path).body.decode()
        stamped = bool(re.search(r'<span class="datestamp">\d', page))
        pushed = re.search(r'"publication_date":"([^"]+)"', data_of(page))
        assert (stamped or bool(pushed)) == (story.expected_time is not None)
        if pushed:
            assert pushed[1] == f"{story.published:%Y-%m-%dT%H:%M}:00"


def data_of(page):
    return "".join(json.loads(call)[1] for call in re.findall(r"self\.__next_f\.push\((\[1,.*?\])\)</script>", page))


def test_some_stories_were_rendered_once_more(site, newsroom):
    story = newsroom.cases["rerendered"]
    page = site.answer(story.path).body.decode()
    calls = re.findall(r"self\.__next_f\.push\(\[1,", page)
    assert len(calls) > 2
    assert story.title in data_of(page)
    again = [one for one in newsroom.expected() if "__next_f" in site.answer(one.path).body.decode()]
    assert 20 < len(again) < 120
    # A call may end anywhere, even inside the name of the field.
    assert any(
        '"publication_date":"20' not in site.answer(one.path).body.decode().replace('\\"', '"')
        for one in again
        if one.traits.times
    )


def test_lead_pictures(site, newsroom):
    pictures = tree(site, newsroom.cases["gallery"].path).cssselect(".body-content .loadme picture")
    assert [one.find(".//img").get("title") for one in pictures] == [
        one.caption for one in newsroom.cases["gallery"].lead
    ]
    for picture in pictures:
        large, placeholder = picture.xpath(".//source/@data-srcset")
        assert re.search(r"/s3(?:fs-public|/files)/styles/.* 1x$", large)
        assert "placeholder" in placeholder
    page = site.answer(newsroom.cases["lead_timestamp"].path).body.decode()
    assert "&amp;timestamp=1507203480 1x" in page
    assert '&amp;timestamp=1507203480" alt' in newsroom.cases["lead_timestamp"].expected_lines()[0]


def test_only_photo_stories_have_linked_data(site, newsroom):
    found = 0
    for story in newsroom.expected():
        for script in linked_data(tree(site, story.path)):
            found += 1
            record = json.loads(script)
            assert story.lead
            assert record["accessMode"] == "visual"
            assert record["wordCount"] == len(record["articleBody"])
            assert "datePublished" not in record
    assert found > 10


def test_noise_lines(site, newsroom):
    pages = [site.answer(story.path).body.decode() for story in newsroom.expected()]
    for noise in (
        "请 like 我们的官方面簿网页以获取更多新信息",
        "<p>热词：",
        'id="imu"',
        "newspost.png",
        "newsmine.png",
    ):
        count = sum(noise in page for page in pages)
        assert 30 < count <= len(pages), noise
    assert not any(
        "like 我们" in line or "热词" in line for story in newsroom.expected() for line in story.expected_lines()
    )
