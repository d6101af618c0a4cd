"""``scrapy site``: which pages it writes, which it writes again, and what it leaves alone."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree, html
from support.crawling import MOMENT, PROJECT, crawl, scrapy, snapshot, tree
from support.hub import git
from support.sites import HOSTILE_TITLES, build, sample, story_of, write

from zbcrawler.archive import posts
from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.text import escape_attribute
from zbcrawler.replica.server import Replica


@pytest.fixture
def root(archive):
    write(archive, sample())
    return archive


@pytest.fixture
def out(tmp_path):
    return tmp_path / "site"


def page(out, name):
    return html.document_fromstring((out / name).read_bytes())


def names(out):
    return {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}


def pages_changed(out, before):
    now = tree(out)
    names = {name for name in now.keys() | before.keys() if now.get(name) != before.get(name)}
    return {name for name in names if not name.startswith("search-index/")}


@pytest.mark.quick
def test_every_story_has_a_page_that_says_what_the_post_says(root, out):
    assert f"{len(sample())} stories" in build(root, out)
    for story in sample():
        shown = page(out, f"story/{story.address.number}.html")
        assert shown.xpath("string(//h1)") == story.title
        body = shown.xpath("//div[@class='story']")[0]
        assert "".join(body.text_content().split()) == "".join(posts.text_of(story.body).split())
        assert len(body.xpath(".//img")) == sum(line.count("<img ") for line in story.body)
        assert shown.xpath("//link[@rel='canonical']/@href") == [story.address.url]
        assert not shown.xpath("//script")


def test_every_page_shows_the_address_of_a_picture_as_the_site_has_it(archive, out):
    address = "https://static.zaobao.com/a.jpg?itok=q&timestamp=1&copy=2"
    write(archive, [story_of(1, "有图的", [f'<figure><img src="{escape_attribute(address)}" alt=""></figure>'])])
    build(archive, out)
    shown = {name: page(out, name).xpath("//img/@src") for name in names(out) if name.endswith(".html")}
    assert {name for name, found in shown.items() if found} > {"index.html", "story/1.html"}
    assert {found for each in shown.values() for found in each} == {address}


def test_every_link_within_the_website_leads_somewhere(root, out):
    build(root, out)
    there = names(out)
    for name in there:
        if not name.endswith(".html") or name == "404.html":
            continue
        shown = page(out, name)
        shown.make_links_absolute(f"http://here/{name}")
        for element, _, link, _ in shown.iterlinks():
            path, _, mark = link.removeprefix("http://here/").partition("#")
            if link.startswith("http://here/") and element.tag != "img" and "?" not in path:
                assert path in there, f"{name}: {link}"
                assert not mark or page(out, path).xpath("//*[@id=$id]", id=mark), f"{name}: {link}"


def test_a_second_build_writes_nothing_and_a_story_more_only_what_shows_it(root, out):
    build(root, out)
    before, times = tree(out), {name: (out / name).stat().st_mtime_ns for name in names(out)}
    assert "0 posts changed, 0 story pages written" in build(root, out)
    assert {name: (out / name).stat().st_mtime_ns for name in names(out)} == times
    newest = max(story.date for story in sample())
    write(root, [story_of(200, "新的", ["<p>新。</p>"], date=newest + timedelta(minutes=1))])
    build(root, out)
    changed = pages_changed(out, before)
    stories = {name for name in changed if name.startswith("story/")}
    assert "story/200.html" in stories
    assert len(stories) == 2, stories  # the neighbour within the section links the new story
    assert {"index.html", "feed.xml", "sections/realtime-china.html", "sections/realtime-china.xml"} <= changed
    assert not any(name.startswith(("sections/realtime-world", "sections/realtime-singapore")) for name in changed)
    assert {name for name in changed if name.startswith("months/")} == {f"months/{newest:%Y-%m}.html"}


def test_builds_after_changes_give_the_same_website_as_one_build_of_all(root, out, tmp_path):
    stories = sample()
    build(root, out)
    archive = Archive(root)
    for story in stories[::7]:
        archive.path_of(story.address).unlink()
    write(root, [replace(story, title=f"{story.title}改", body=["<p>改了。</p>"]) for story in stories[1::7]])
    write(root, [replace(story, date=story.date - timedelta(days=40)) for story in stories[2::7]])
    write(root, [story_of(500 + n, f"第{n}篇", ["<p>新。</p>"]) for n in range(5)])
    # The earlier of two stories with one number has the number's page.
    shared = replace(
        stories[3], address=StoryAddress.parse(f"/realtime/world/story20240101-{stories[3].address.number}")
    )
    write(root, [shared])
    build(root, out)
    fresh = tmp_path / "fresh"
    build(root, fresh)
    kept = {name: data for name, data in tree(out).items() if not name.startswith(("search-index/", "."))}
    assert kept == {name: data for name, data in tree(fresh).items() if not name.startswith(("search-index/", "."))}


def test_a_story_with_the_number_of_an_older_one_gets_a_page_of_its_own(root, out):
    build(root, out)
    older = replace(sample()[0], address=StoryAddress.parse("/realtime/china/story20240101-1"), title="早的")
    write(root, [older])
    build(root, out)
    assert page(out, "story/1.html").xpath("string(//h1)") == "早的"
    assert page(out, "story/2026-01-30-1.html").xpath("string(//h1)") == HOSTILE_TITLES[0]
    Archive(root).path_of(older.address).unlink()
    build(root, out)
    assert page(out, "story/1.html").xpath("string(//h1)") == HOSTILE_TITLES[0]
    assert not (out / "story" / "2026-01-30-1.html").exists()


def test_a_page_without_stories_goes(root, out):
    old = story_of(9000, "旧的", ["<p>x</p>"], date=MOMENT.replace(month=5, year=2024))
    write(root, [old])
    build(root, out)
    gone = {"months/2024-05.html", "sections/realtime-china/2024-05.html", "story/9000.html"}
    gone |= {name for name in names(out) if name.startswith("days/2024-05")}
    assert gone <= names(out)
    Archive(root).path_of(old.address).unlink()
    build(root, out)
    assert not gone & names(out)


def test_a_build_goes_on_after_a_kill_and_a_lost_catalogue_costs_only_time(root, out):
    build(root, out)
    whole = tree(out)
    write(root, [story_of(200, "新的", ["<p>新。</p>"])])
    (out / "story" / "200.html").mkdir(parents=True)  # the page cannot be written
    run = scrapy("site", root, out)
    assert run.returncode == 1
    assert run.stdout.startswith("failed: ")
    (out / "story" / "200.html").rmdir()
    build(root, out)
    assert page(out, "story/200.html").xpath("string(//h1)") == "新的"
    for path in (root / ".zbcrawler").glob("website-*"):
        path.write_bytes(b"broken")
    Archive(root).path_of(story_of(200, "", []).address).unlink()
    build(root, out)
    after = {name: data for name, data in tree(out).items() if not name.startswith(("search-index/", "."))}
    assert after == {name: data for name, data in whole.items() if not name.startswith(("search-index/", "."))}


def test_a_search_index_that_a_kill_left_unfinished_is_made_again_and_the_pages_stay(root, out):
    build(root, out)
    times = {path: path.stat().st_mtime_ns for path in (out / "story").iterdir()}
    (out / "search-index" / "index.json").unlink()
    assert "0 posts changed" in build(root, out)
    assert {path: path.stat().st_mtime_ns for path in (out / "story").iterdir()} == times
    segments = json.loads((out / "search-index" / "index.json").read_text())["segments"]
    assert [one["stories"] for one in segments] == [len(sample())]


def test_somebody_elses_folder_is_left_alone(root, out):
    out.mkdir()
    (out / "index.html").write_text("mine")
    before = snapshot(out)
    run = scrapy("site", root, out)
    assert run.returncode == 2
    assert (
        run.stderr == f"scrapy site: {out}: has files that scrapy site did not write; name a new or an empty folder\n"
    )
    assert snapshot(out) == before


def test_many_stories_are_written_and_indexed_by_several_processes(archive, out):
    moment = MOMENT.replace(year=2025)
    write(
        archive, [story_of(n, f"第{n}篇", ["<p>常见。</p>"], date=moment + timedelta(hours=n)) for n in range(1, 701)]
    )
    assert "700 stories, 700 posts changed, 700 story pages written" in build(archive, out)
    assert all(page(out, f"story/{n}.html").xpath("string(//h1)") == f"第{n}篇" for n in range(1, 701))
    assert page(out, "story/300.html").xpath("//nav[@class='beside']/a/@href") == ["299.html", "301.html"]
    segments = json.loads((out / "search-index" / "index.json").read_text())["segments"]
    assert [one["stories"] for one in segments] == [700]
    assert not list((out / "search-index").glob("*.run"))
    lines = (out / "search-index" / segments[0]["name"] / "stories-0.txt").read_text().splitlines()
    assert [line.split()[0] for line in lines] == [str(n) for n in range(700, 0, -1)]


@pytest.mark.parametrize(
    "words",
    [
        ["{root}", "{out}", "{out}"],
        ["{root}", "{root}"],
        ["{root}", "{root}/_posts/site"],
        ["{out}", "{out}"],
        ["{root}", "{out}", "--url", "example.org"],
        ["{root}", "{out}", "--theme", "{out}"],
    ],
)
def test_wrong_usage_is_one_line_and_writes_nothing(root, out, words):
    before = snapshot(root)
    run = scrapy("site", *(word.format(root=root, out=out) for word in words))
    assert run.returncode == 2
    assert re.fullmatch("scrapy site: [^\n]+\n", run.stderr)
    assert snapshot(root) == before
    assert not out.exists()


def test_an_archive_without_a_folder_for_the_website_says_what_to_write(root, out):
    run = scrapy("site", f"{root}/")
    said = f"is an archive; name the website's folder, too: scrapy site {root}/ {root}-site\n"
    assert (run.returncode, run.stderr) == (2, f"scrapy site: {root}/: {said}")


def test_files_that_are_no_posts_are_named_and_all_else_is_written(root, out):
    day = root / "_posts" / "2026" / "01" / "30"
    (day / "2026-01-30-9000.md").write_text("---\ntitle: x\n---\n")
    (day / "2026-01-30-9001.md").write_bytes(b"\xff")
    (day / "notes.txt").write_text("x")
    for _ in range(2):
        run = scrapy("site", root, out)
        assert run.returncode == 1
        assert run.stdout.count("left out: _posts/2026/01/30/") == 3
        assert f"{len(sample())} stories" in run.stdout


def test_an_archive_that_has_just_begun(archive, out):
    (archive / "_posts").mkdir()
    build(archive, out)
    assert "还没有文章" in (out / "index.html").read_text("utf-8")
    assert "没有 git 历史" in (out / "edits.html").read_text("utf-8")


def test_days_are_those_of_singapore_and_sections_are_called_as_on_the_site(archive, out):
    late = replace(story_of(1, "夜里", ["<p>x</p>"]), date=MOMENT.replace(day=31, hour=23, minute=59))
    other = replace(late, address=StoryAddress.parse("/news/sea/story20260131-2"))
    odd = replace(late, address=StoryAddress.parse("/story20260131-3"), date=MOMENT.replace(month=2, day=1, hour=0))
    write(archive, [late, other, odd])
    build(archive, out)
    day = (out / "days" / "2026-01-31.html").read_text("utf-8")
    assert "2026年1月31日 星期六" in day
    assert "新闻·东南亚" in day
    assert "其他" in (out / "days" / "2026-02-01.html").read_text("utf-8")


def test_no_two_sections_share_a_page_and_any_name_will_do(archive, out):
    sections = ["realtime/china", "realtime-china", "_hidden", ".dot", "CON", "null", "0x10", "-"]
    stories = [story_of(n, f"第{n}篇", ["<p>x</p>"]) for n in range(len(sections))]
    addresses = [StoryAddress.parse(f"/{section}/story20260130-{n}") for n, section in enumerate(sections)]
    write(archive, [replace(story, address=address) for story, address in zip(stories, addresses, strict=True)])
    build(archive, out)
    pages = {path.stem: path.read_text("utf-8") for path in (out / "sections").glob("*.html")}
    assert len(pages) == len(sections)
    assert all(re.fullmatch("[a-z0-9][a-z0-9-]*", name) for name in pages)
    assert all(sum(f"第{n}篇" in text for text in pages.values()) == 1 for n in range(len(sections)))


def test_a_crawl_and_a_verification_go_on_beside_the_website(newsroom, archive, out):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        git(archive, "init", "--quiet")
        build(archive, out)
        assert git(archive, "status", "--short", "--untracked-files=all", "--", ".zbcrawler") == ""
        run = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == 0, run.stdout
    assert scrapy("verify", archive).returncode == 0


def test_a_theme_replaces_single_templates_and_blocks(root, out, tmp_path):
    theme = tmp_path / "theme"
    theme.mkdir()
    (theme / "404.html").write_text("gone: {{ site.title }}")
    block = '{% extends "default/page.html" %}{% block notice %}<p>Ours</p>{% endblock %}'
    (theme / "page.html").write_text(block)
    (theme / "style.css").write_text("p {}")
    build(root, out)
    assert "written" in build(root, out, "--theme", theme, "--title", "甲<乙")
    assert (out / "404.html").read_text() == "gone: 甲&lt;乙"
    assert page(out, "story/1.html").xpath("string(//footer)").strip() == "Ours"
    assert (out / "assets" / "style.css").read_text() == "p {}"


def test_serve_shows_the_website_on_this_machine_until_it_is_stopped(root, out):
    command = [sys.executable, "-m", "scrapy", "site", root, out, "--serve", "0"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        line = next(line for line in process.stdout if line.startswith("http"))
        assert line.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(line.split()[0]) as answer:  # noqa: S310 - its address is checked above
            assert "联合早报即时新闻存档" in answer.read().decode()
        taken = scrapy("site", root, out, "--serve", line.partition("/ ")[0].rpartition(":")[2])
        assert taken.returncode == 2
        assert taken.stderr.startswith("scrapy site: ")
        process.send_signal(signal.SIGINT)
        process.communicate()
    assert process.returncode == 0


# -- feeds and sitemaps -----------------------------------------------------------------------------------------------

ATOM = "{http://www.w3.org/2005/Atom}"


def test_the_feeds_are_as_rfc_4287_asks_and_hold_full_texts(root, out):
    build(root, out, "--url", "http://here/a")
    in_order = sorted(sample(), key=lambda story: (story.date, int(story.address.number)), reverse=True)
    feeds = {path.relative_to(out).as_posix() for path in out.rglob("*.xml") if not path.name.startswith("sitemap")}
    sections = {f"sections/{story.address.section.replace('/', '-')}.xml" for story in sample()}
    assert feeds - {f"sitemaps/{n}.xml" for n in range(9)} == {"feed.xml", "edits.xml", *sections}
    ids, schema = set(), etree.RelaxNG(file=Path(__file__).with_name("atom.rng"))
    for name in sorted(sections | {"feed.xml", "edits.xml"}):
        feed = etree.parse(out / name).getroot()
        schema.assertValid(feed)
        for one in (feed, *feed.iterfind(f"{ATOM}entry")):
            assert all(link.get("href").startswith("http://here/a/") for link in one.iterfind(f"{ATOM}link"))
        assert feed.find(f"{ATOM}link[@rel='self']").get("href") == f"http://here/a/{name}"
        assert feed.findtext(f"{ATOM}id") not in ids
        ids.add(feed.findtext(f"{ATOM}id"))
    entries = etree.parse(out / "feed.xml").findall(f".//{ATOM}entry")
    assert len(entries) == 40
    for entry, story in zip(entries, in_order, strict=False):
        assert entry.findtext(f"{ATOM}title") == story.title
        content = entry.find(f"{ATOM}content")
        assert content.get("type") == "html"
        shown = html.fragment_fromstring(content.text, create_parent="div")
        assert "".join(shown.text_content().split()) == "".join(posts.text_of(story.body).split())
        assert all(source.startswith("http") for source in shown.xpath(".//img/@src"))


def test_the_sitemaps_have_every_story_if_the_address_is_known(root, out):
    build(root, out)
    assert not (out / "sitemap.xml").exists()
    build(root, out, "--url", "http://here")
    locations = "//*[local-name()='loc']/text()"
    parts = etree.parse(out / "sitemap.xml").xpath(locations)
    found = [url for part in parts for url in etree.parse(out / part.removeprefix("http://here/")).xpath(locations)]
    assert sorted(found) == sorted(f"http://here/story/{one.address.number}.html" for one in sample())
