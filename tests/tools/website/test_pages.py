"""The website in a real browser: going about, the edits, small windows, both themes, hostile posts."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from lxml import etree, html
from support.browsing import Visit, chromium
from support.hub import git
from support.sharing import shared
from support.sites import PICTURE, build, sample, served, story_of, write

PAGES = [
    "/", "/months.html", "/months/2026-01.html", "/days/2026-01-30.html", "/sections.html",
    "/sections/realtime-china.html", "/sections/realtime-china/2026-01.html", "/edits.html", "/edits/3.html",
    "/edits/101.html", "/report.html", "/nothing",
    *(f"/story/{number}.html" for number in (3, 13, 14, 100)),
]  # fmt: skip
HOSTILE = "</title><script>alert(1)</script><img src=x onerror=alert(2)>{{ site.title }}"


@cache
def in_order():
    return sorted(sample(), key=lambda story: (story.date, int(story.address.number)))


def commit(root, moment):
    git(root, "add", "--all")
    git(root, "commit", "--quiet", f"--date={moment.isoformat()}", "--message", "new: x\n\nSpider: realtime")


def edited(number):
    """Return a story of the sample after an edit of its title and text."""
    story = next(one for one in sample() if one.address.number == str(number))
    return replace(story, title=f"{story.title}{HOSTILE}", body=[f"<p>{story.title[:3]}新的一句话。</p>", *story.body])


def _build(folder):
    root, out = folder / "archive", folder / "site"
    write(root, sample())
    (root / "pictures" / "ab").mkdir(parents=True)
    (root / "pictures" / "ab" / "abc.png").write_bytes(b"x")
    git(root, "init", "--quiet")
    moment = in_order()[-1].date
    commit(root, moment)
    for hours, numbers in enumerate(([3, 101], [100]), 1):
        write(root, [edited(number) for number in numbers])
        commit(root, moment + timedelta(hours=hours))
    cut = next(one for one in sample() if one.address.number == "102")
    write(root, [replace(cut, body=["<p>短了。</p>"])])
    commit(root, moment + timedelta(hours=3))
    build(root, out)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return shared(tmp_path_factory, "website", _build) / "site"


@pytest.fixture(scope="module")
def site(folder):
    with served(folder) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


def heading(page):
    return page.get_by_role("heading", level=1).inner_text()


def test_from_the_front_page_to_a_story_and_on_to_its_neighbours(browser, site):
    visit, newest = Visit(browser), in_order()[-1]
    page = visit.page
    page.goto(site)
    assert page.title() == "联合早报即时新闻存档"
    page.get_by_role("link", name=newest.title).first.click()
    assert heading(page) == newest.title
    assert page.get_by_role("link", name="原文").get_attribute("href") == newest.address.url
    same_section = [story for story in in_order() if story.address.section == newest.address.section]
    page.locator("a[rel=prev]").click()
    assert heading(page).startswith(same_section[-2].title)
    page.locator("a[rel=next]").click()
    assert heading(page) == newest.title
    page.get_by_role("link", name="日历").click()
    page.get_by_role("link", name="12月").click()
    count = sum(story.date.month == 12 for story in sample())
    assert heading(page) == f"2025年12月 {count} 篇"
    page.locator(".calendar a").last.click()
    assert page.locator(".list a").count() > 0
    assert visit.trouble == []
    assert {kind for kind, _ in visit.foreign} <= {"image"}


def test_an_edit_is_seen_from_the_front_page_from_its_story_and_in_its_sentence(browser, site):
    visit = Visit(browser)
    page = visit.page
    page.goto(site)
    page.get_by_role("link", name="改动").first.click()
    edit = page.locator("article.edit", has_text="有图的").first
    title, text = edit.locator("ins").all_inner_texts()
    assert title.endswith(HOSTILE)
    assert text.endswith("有图的新的一句话。")
    assert "标题、1句" in edit.inner_text()
    page.goto(f"{site}/story/100.html")
    page.get_by_role("link", name="改过 1 次").click()
    assert heading(page) == f"有图的{HOSTILE}"
    page.get_by_role("link", name="改动").first.click()
    assert page.get_by_role("heading", name="缩短的文章").is_visible()
    assert visit.trouble == []


def test_the_feed_of_edits_is_valid_and_shows_the_changed_words(folder):
    feed = etree.parse(folder / "edits.xml")
    etree.RelaxNG(file=Path(__file__).with_name("atom.rng")).assertValid(feed)
    contents = feed.xpath("//*[local-name()='content']/text()")
    assert len(contents) == 4
    shown = [html.fragment_fromstring(content, create_parent="div") for content in contents]
    assert not any(one.xpath(".//script | .//img") for one in shown)
    assert any(HOSTILE in one.xpath("string(.//ins)") for one in shown)


@pytest.mark.parametrize("path", PAGES)
def test_every_kind_of_page_fits_a_small_window_and_hinders_nobody(browser, site, path):
    for theme, width in (("light", 1200), ("dark", 360)):
        visit = Visit(browser, width, theme)
        visit.page.goto(site + path)
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
        assert visit.page.locator(".story img").first.evaluate("img => img.src") == f"{site}/pictures/ab/abc.png"


def test_without_scripts_all_but_the_search_works(browser, site):
    visit = Visit(browser, java_script_enabled=False)
    page = visit.page
    page.goto(site)
    page.get_by_role("link", name=in_order()[-1].title).first.click()
    assert heading(page) == in_order()[-1].title
    page.get_by_role("link", name="改动").click()
    assert heading(page).startswith("改动")


def test_no_page_but_the_search_has_a_script_and_none_of_a_post_runs(browser, folder, tmp_path):
    for path in folder.rglob("*.html"):
        assert ("<script" in path.read_text("utf-8")) == (path.name == "search.html"), path
    # A person may have put anything into a post: the page's own policy stops the script.
    root = tmp_path / "archive"
    write(root, [story_of(1, "甲", ["<p>乙<script>document.title = 'run'</script></p>"])])
    build(root, tmp_path / "site")
    with served(tmp_path / "site") as address:
        page = Visit(browser).page
        page.goto(f"{address}/story/1.html")
        assert page.title() == "甲 – 联合早报即时新闻存档"


def test_a_story_can_be_printed_without_the_frame(browser, site):
    page = Visit(browser).page
    page.goto(f"{site}/story/100.html")
    page.emulate_media(media="print")
    assert page.get_by_role("heading", level=1).is_visible()
    assert not page.locator(".find").is_visible()
    assert not page.locator("footer").is_visible()


def test_edits_are_read_once_and_a_rewritten_branch_is_read_again(folder, tmp_path):
    root, out = shutil.copytree(folder.parent / "archive", tmp_path / "archive"), tmp_path / "site"
    build(root, out)
    assert (out / "edits" / "3.html").is_file()
    write(root, [edited(102)])
    commit(root, in_order()[-1].date + timedelta(hours=9))
    build(root, out)
    assert (out / "edits" / "102.html").read_text("utf-8").count('class="edit"') == 2
    write(root, [replace(edited(102), title="又改了")])
    git(root, "commit", "--quiet", "--all", "--amend", "--no-edit")  # as after a push on top of others' commits
    build(root, out)
    versions = (out / "edits" / "102.html").read_text("utf-8")
    assert versions.count('class="edit"') == 2
    assert "又改了" in versions
    git(root, "reset", "--quiet", "--hard", "HEAD~4")
    build(root, out)
    assert not any((out / "edits").iterdir())
    write(root, [edited(3)])
    commit(root, in_order()[-1].date + timedelta(hours=10))
    build(root, out)
    assert (out / "edits" / "3.html").is_file()
    git(root, "checkout", "--quiet", "--orphan", "other")  # no commit in common
    commit(root, in_order()[-1].date + timedelta(hours=11))
    build(root, out)
    assert not any((out / "edits").iterdir())
    assert "改过" not in (out / "story" / "3.html").read_text("utf-8")


def test_a_wide_table_can_be_read_on_a_phone(browser, site):
    visit = Visit(browser, 360)
    visit.page.goto(f"{site}/story/104.html")
    cells = visit.page.locator("td").evaluate_all("all => all.map(one => one.getBoundingClientRect())")
    assert all(cell["width"] > 60 for cell in cells)
    assert len({cell["y"] for cell in cells}) == 1
    assert visit.overflow() == 0
