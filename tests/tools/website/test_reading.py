"""The built site in a real browser: going about, searching, small windows, both themes, and without what may be missing."""

from __future__ import annotations

import random
import re
from datetime import datetime
from functools import cache

import pytest
from lxml import etree
from support.browsing import Visit, chromium
from support.crawling import scrapy
from support.sharing import shared
from support.sites import PICTURE, jekyll, sample, served, source

from zbcrawler.archive.posts import text_of
from zbcrawler.tools.website.search_terms import normal

PAGES = [
    "/",
    "/months.html",
    "/months/2026-01.html",
    "/sections.html",
    "/sections/realtime-china.html",
    "/sections/realtime-china/2026-01.html",
    "/search.html?q=南中国海",
    "/nothing",
    *(f"/story/{number}.html" for number in (3, 13, 14, 100)),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the folder of the built website."""
    return shared(tmp_path_factory, "website", _build) / "built"


def _build(folder):
    root, built = folder / "archive", folder / "built"
    source(root, sample(), search="true", url="http://here", history="http://there/commits/main/archive")
    (root / "pictures" / "ab").mkdir(parents=True)
    (root / "pictures" / "ab" / "abc.png").write_bytes(b"x")
    jekyll(root, built)
    run = scrapy("site", root, "--search", built)
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.fullmatch(rf"{len(sample())} stories can be found; the index has \d+\.\d MB\n", run.stdout)


@pytest.fixture(scope="module")
def site(folder):
    with served(folder) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@cache
def in_order():
    return sorted(sample(), key=lambda story: (story.date, int(story.address.number)))


def test_from_the_front_page_to_a_story_and_on_to_the_next(browser, site):
    visit = Visit(browser)
    page, newest = visit.page, in_order()[-1]
    page.goto(site)
    assert page.title() == "联合早报即时新闻存档"
    page.get_by_role("link", name=newest.title).click()
    assert page.get_by_role("heading", level=1).inner_text() == newest.title
    page.locator("a[rel=prev]").click()
    assert page.get_by_role("heading", level=1).inner_text() == in_order()[-2].title
    page.locator("a[rel=next]").click()
    assert page.get_by_role("heading", level=1).inner_text() == newest.title
    assert page.get_by_role("link", name="原文").get_attribute("href") == newest.address.url
    history = page.get_by_text("修改记录").get_attribute("href")
    assert (
        history
        == f"http://there/commits/main/archive/_posts/{newest.address.day:%Y/%m/%d}/{newest.address.day}-{newest.address.number}.md"
    )
    page.get_by_role("link", name="版块").click()
    page.get_by_role("link", name="即时·中国").click()
    page.get_by_role("link", name="2026年1月").click()
    assert page.get_by_role("heading", level=1).inner_text() == "即时·中国 2026年1月"
    page.get_by_role("link", name="月份").click()
    page.get_by_role("link", name="2025年12月").click()
    assert page.locator(".list a").count() == sum(story.date.month == 12 for story in sample())
    assert visit.trouble == []
    assert {kind for kind, _ in visit.foreign} <= {"image"}


@pytest.mark.parametrize("path", PAGES)
def test_every_kind_of_page_fits_a_small_window_and_hinders_nobody(browser, site, path):
    for theme in ("light", "dark"):
        visit = Visit(browser, 360, theme)
        visit.page.goto(site + path)
        visit.page.wait_for_function("!/正在/.test(document.querySelector('#found')?.textContent)")
        assert visit.overflow() == 0, path
        assert visit.hindrances() == [], path
        assert all(kind == "image" for kind, _ in visit.foreign), path
        assert all("404" in one for one in visit.trouble) if path == "/nothing" else not visit.trouble, path
        assert visit.page.locator("meta[name=robots]").get_attribute("content") == "noindex"
        assert "版权" in visit.page.locator("footer").inner_text()
        visit.page.close()


def test_pictures_come_late_and_their_want_spoils_nothing(browser, site):
    for pictures in (True, False):
        visit = Visit(browser, 360, pictures=pictures)
        visit.page.goto(f"{site}/story/100.html", wait_until="networkidle")
        assert visit.foreign == [("image", PICTURE)]
        assert visit.overflow() == 0
        assert visit.page.get_by_text("大桥", exact=True).is_visible()
        assert visit.page.locator("img").first.evaluate("img => img.src") == f"{site}/pictures/ab/abc.png"


def test_without_scripts_all_but_the_search_works(browser, site):
    visit = Visit(browser, java_script_enabled=False)
    page = visit.page
    page.goto(site)
    page.get_by_role("link", name=in_order()[-1].title).click()
    assert page.get_by_role("heading", level=1).inner_text() == in_order()[-1].title
    page.get_by_role("link", name="搜索").click()
    assert "JavaScript" in page.get_by_role("status").inner_text()
    assert not page.locator("form").is_visible()


def test_the_site_asks_for_no_script_but_the_search(folder):
    for path in folder.rglob("*.html"):
        assert ("<script" in path.read_text("utf-8")) == (path.name == "search.html")


# -- search ----------------------------------------------------------------------------------------


class Search:
    def __init__(self, browser, site):
        self.visit = Visit(browser)
        self.page = self.visit.page
        self.page.goto(f"{site}/search.html")

    def __call__(self, words):
        """Return the numbers of the stories found, in the order shown."""
        self.page.get_by_role("searchbox").fill(words)
        self.page.get_by_role("button", name="搜索").click()
        status, more = self.page.get_by_role("status"), self.page.locator("#more")
        self.page.wait_for_function("!/正在/.test(document.querySelector('#found').textContent)")
        while more.is_visible():
            said = status.inner_text()
            more.click()
            self.page.wait_for_function("said => document.querySelector('#found').textContent !== said", arg=said)
        links = self.page.locator("#stories a").evaluate_all("all => all.map(one => one.href)")
        return [re.search(r"/(\d+)\.html$", link)[1] for link in links]

    def each(self, pieces):
        """Return the numbers for each of many questions, asked inside the page: that saves ten calls a question."""
        found = self.page.evaluate(
            """async pieces => {
                const form = document.querySelector("#search"), status = document.querySelector("#found");
                const more = document.querySelector("#more"), found = [];
                const until = async done => { while (!done()) await new Promise(go => setTimeout(go, 2)); };
                for (const piece of pieces) {
                    form.elements.q.value = piece;
                    form.requestSubmit();
                    await until(() => !/正在/.test(status.textContent));
                    while (!more.hidden) {
                        const said = status.textContent;
                        more.click();
                        await until(() => status.textContent !== said);
                    }
                    found.push([...document.querySelectorAll("#stories a")].map(one => one.href));
                }
                return found;
            }""",
            pieces,
        )
        return [[re.search(r"/(\d+)\.html$", link)[1] for link in links] for links in found]


def having(words):
    found = [
        story
        for story in in_order()
        if all(word in normal(story.title) or word in normal(text_of(story.body)) for word in normal(words).split())
    ]
    return [story.address.number for story in reversed(found)]


@pytest.fixture
def search(browser, site):
    return Search(browser, site)


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("南中国海", ["101", "102"]),  # the one with it in its title first; not the one where it is scattered
        ("1000亿美元", ["102"]),
        ("特朗普", ["102"]),  # half of it is in bold type
        ("王毅", ["102"]),
        ("李显龙", ["102"]),
        ("abc论坛", ["102"]),
        ("1000", ["102"]),
        ("王毅 特朗普", ["102"]),
        ("王毅 别的", []),
        ("没有这句话", []),
        ("</title><script>alert", ["12"]),
        ("constructor", []),
        ("\u200b南中国海", ["101", "102"]),
        ("ガス", ["104"]),
        ("σοφοσ", ["104"]),
        ("𠮷野家", [str(number) for number in range(14, 0, -1)]),  # more than are shown at once
    ],
)
def test_what_readers_look_for_is_found(search, words, numbers):
    assert search(words) == numbers
    assert search.visit.trouble == []


def test_any_piece_of_any_text_finds_what_has_it_and_nothing_else(search):
    rng, texts = random.Random(3), [normal(f"{one.title}\n{text_of(one.body)}") for one in sample()]
    pieces = set()
    while len(pieces) < 60:
        runs = re.findall(r"[^\W_a-z0-9]{2,}|[a-z0-9]{3,}", rng.choice(texts))
        run = rng.choice(runs)
        if run.isascii():
            pieces.add(run)
        else:
            start = rng.randrange(len(run) - 1)
            pieces.add(run[start : start + rng.choice((2, 2, 3, 4, 6))])
    asked = sorted(piece for piece in pieces if len(piece) > 1)
    for piece, numbers in zip(asked, search.each(asked), strict=True):
        assert sorted(numbers) == sorted(having(piece)), piece


def test_a_search_can_be_linked_and_gone_back_to(search, site):
    search("王毅")
    assert search.page.url == f"{site}/search.html?q=%E7%8E%8B%E6%AF%85"
    assert search.page.locator("mark").all_inner_texts() == ["王毅"]
    search("南中国海")
    search.page.go_back()
    search.page.get_by_text("1 篇").wait_for()
    assert search.page.get_by_role("searchbox").input_value() == "王毅"
    search.page.locator("#stories a").click()
    assert search.page.get_by_role("heading", level=1).inner_text() == "要找的"


def test_a_page_that_is_gone_spoils_no_search(search):
    search.page.route("**/story/102.html", lambda route: route.fulfill(status=404, body="gone"))
    assert search("南中国海") == ["101"]


def test_a_wide_table_can_be_read_on_a_phone(browser, site):
    visit = Visit(browser, 360)
    visit.page.goto(f"{site}/story/104.html")
    cells = visit.page.locator("td").evaluate_all("all => all.map(one => one.getBoundingClientRect())")
    assert all(cell["width"] > 60 for cell in cells)
    assert len({cell["y"] for cell in cells}) == 1
    assert visit.overflow() == 0


def test_too_little_and_nothing_are_told(search):
    assert search("海") == []
    assert "两个" in search.page.get_by_role("status").inner_text()
    assert search(" ") == []
    assert search.page.get_by_role("status").inner_text() == ""


# -- for programs ----------------------------------------------------------------------------------

ATOM = "{http://www.w3.org/2005/Atom}"


def test_the_feed_is_one_as_rfc_4287_has_it(folder):
    feed = etree.parse(folder / "feed.xml").getroot()
    assert feed.tag == f"{ATOM}feed"
    newest = in_order()[:-51:-1]
    for one, story in ((feed, None), *zip(feed.iterfind(f"{ATOM}entry"), newest, strict=True)):
        assert [len(one.findall(ATOM + name)) for name in ("id", "title", "updated")] == [1, 1, 1]
        assert datetime.fromisoformat(one.findtext(f"{ATOM}updated")).tzinfo
        assert one.findtext(f"{ATOM}id").startswith("tag:www.zaobao.com,2016:")
        links = {link.get("rel"): link.get("href") for link in one.iterfind(f"{ATOM}link")}
        assert all(link.startswith("http://here/") for link in links.values())
        if story:
            assert one.findtext(f"{ATOM}title") == story.title
            assert links == {"alternate": f"http://here/story/{story.address.number}.html"}
    assert links
    ids = [one.text for one in feed.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    assert feed.find(f"{ATOM}author/{ATOM}name").text == "联合早报"
    assert feed.find(f"{ATOM}link[@rel='self']").get("href") == "http://here/feed.xml"


def test_the_sitemaps_have_every_story(folder):
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    parts = etree.parse(folder / "sitemap.xml").xpath("//s:loc/text()", namespaces=names)
    found = []
    for part in parts:
        assert part.startswith("http://here/sitemaps/")
        found += etree.parse(folder / part.removeprefix("http://here/")).xpath("//s:url/s:loc/text()", namespaces=names)
    assert sorted(found) == sorted(f"http://here/story/{one.address.number}.html" for one in sample())
