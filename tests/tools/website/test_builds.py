"""Jekyll and Hugo build an archive of odd headlines and bodies: every post is a page that says what the post says."""

from __future__ import annotations

import json
import re
import shutil
from datetime import datetime
from itertools import pairwise

import pytest
from lxml.html import document_fromstring
from support.crawling import scrapy, tree
from support.sharing import shared
from support.sites import hugo, jekyll, sample, source

from zbcrawler.archive.disk import link_from_post
from zbcrawler.archive.pictures import sources
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.markup import parse_fragment
from zbcrawler.common.times import SINGAPORE
from zbcrawler.items import Story

BUILDERS = {"jekyll": jekyll, "hugo": hugo}


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Return an archive as ``scrapy site`` leaves it."""

    def make(folder):
        source(folder / "archive", sample())
        (folder / "archive" / "pictures" / "ab").mkdir(parents=True)
        (folder / "archive" / "pictures" / "ab" / "abc.png").write_bytes(b"x")

    return shared(tmp_path_factory, "website-source", make) / "archive"


@pytest.fixture(scope="module")
def build(archive, tmp_path_factory):
    """Return a function that gives the website of a builder at a path, built once in a copy of the archive."""

    def build(builder, base=""):
        def make(folder):
            root = shutil.copytree(archive, folder / "archive")
            config = root / "_config.yml"
            config.write_text(config.read_text().replace('baseurl: ""', f'baseurl: "{base}"'))
            with pytest.MonkeyPatch.context() as patch:
                if base:
                    patch.setenv("HUGO_BASEURL", f"http://here{base}/")
                printed = BUILDERS[builder](root, folder / "site")
            assert not re.search("warn|error|conflict|deprecat", printed, re.IGNORECASE), printed

        return shared(tmp_path_factory, f"{builder}-at{base.replace('/', '-')}", make) / "site"

    return build


def joined(text):
    return "".join(text.split())


@pytest.mark.parametrize("builder", BUILDERS)
def test_every_post_is_a_page_with_its_title_day_and_text(build, builder):
    site, stories = build(builder), sample()
    assert len(list((site / "story").iterdir())) == len(stories)
    for story in stories:
        source = (site / "story" / f"{story.address.number}.html").read_text("utf-8")
        page = document_fromstring(source)
        assert page.findtext(".//title") == f"{story.title} – 联合早报即时新闻存档"
        assert [one.text_content() for one in page.iterfind(".//h1")] == [story.title]
        (time,) = page.iterfind(".//time")
        assert datetime.fromisoformat(time.get("datetime")) == story.date.replace(second=0, microsecond=0)
        shown = story.date.astimezone(SINGAPORE)
        assert time.text == f"{shown.year}年{shown.month}月{shown.day}日 {shown:%H:%M}"
        (text,) = page.iterfind(".//div[@class='story']")
        assert joined(text.text_content()) == joined(parse_fragment("".join(story.body)).text_content())
        assert not page.findall(".//script")
        assert page.find(".//link[@rel='canonical']").get("href") == story.address.url
        for picture, (_, was) in zip(text.iterfind(".//img"), enumerate(sources(story.body)), strict=True):
            assert (picture.get("loading"), picture.get("referrerpolicy")) == ("lazy", "no-referrer")
            assert picture.get("src") == was.replace("../../../../pictures/", "/pictures/")


def test_hugo_links_the_history_too(archive, tmp_path, monkeypatch):
    monkeypatch.setenv("HUGO_PARAMS_HISTORY", "http://there/commits/main/archive")
    hugo(shutil.copytree(archive, tmp_path / "archive"), tmp_path / "site")
    page = document_fromstring((tmp_path / "site" / "story" / "100.html").read_text("utf-8"))
    (link,) = (one.get("href") for one in page.iterfind(".//a") if one.text == "修改记录")
    assert link == "http://there/commits/main/archive/_posts/2026/01/30/2026-01-30-100.md"


@pytest.mark.parametrize("builder", BUILDERS)
def test_stories_lead_to_their_neighbours(build, builder):
    site = build(builder)
    inorder = sorted(sample(), key=lambda story: (story.date, int(story.address.number)))
    for before, story, after in zip([None, *inorder], inorder, [*inorder[1:], None], strict=False):
        page = document_fromstring((site / "story" / f"{story.address.number}.html").read_text("utf-8"))
        found = {one.get("rel"): one for one in page.iterfind(".//nav[@class='beside']/a")}
        assert set(found) == {rel for rel, one in (("prev", before), ("next", after)) if one}
        for rel, one in (("prev", before), ("next", after)):
            if one:
                assert found[rel].get("href") == f"/story/{one.address.number}.html"
                assert one.title in found[rel].text_content()


@pytest.mark.parametrize("base", ["", "/archive"])
@pytest.mark.parametrize("builder", BUILDERS)
def test_no_link_of_the_website_leads_nowhere(build, builder, base):
    site, checked = build(builder, base), 0
    for path in site.rglob("*.html"):
        page = document_fromstring(path.read_text("utf-8"))
        page.make_links_absolute(f"http://here{base}/{path.relative_to(site).as_posix()}")
        for _, _, link, _ in page.iterlinks():
            if link.startswith("http://here") and "search-index" not in link:
                assert link.startswith(f"http://here{base}/"), (path, link)
                target = link.removeprefix(f"http://here{base}/").partition("#")[0]
                assert (site / (target or "index.html")).is_file(), (path, link)
                checked += 1
    assert checked > 500


def test_jekyll_makes_the_same_site_without_what_only_some_versions_have(archive, build, tmp_path):
    # GitHub's Jekyll 3.10 knows no render_with_liquid and runs no plugins, and cannot be tried here.
    shutil.copytree(archive, tmp_path / "archive")
    shutil.rmtree(tmp_path / "archive" / "_plugins")
    config = tmp_path / "archive" / "_config.yml"
    assert ", render_with_liquid: false" in config.read_text()
    config.write_text(config.read_text().replace(", render_with_liquid: false", ""))
    jekyll(tmp_path / "archive", tmp_path / "without")
    assert tree(build("jekyll")) == tree(tmp_path / "without")


@pytest.mark.parametrize("builder", BUILDERS)
def test_stories_that_share_a_number_have_pages_of_their_own(builder, tmp_path):
    root, site = tmp_path / "archive", tmp_path / "site"
    days = ["2025-01-01", "2025-01-20", "2025-03-20", "2025-03-21"]  # two in one month, two at most two days apart
    stories = [story_on(day, 7, f"第{n}篇", kept=f"{n}{n}/{n}.png") for n, day in enumerate(days)]
    stories.append(story_on("2025-02-02", 8, "别的", kept="88/8.png"))
    source(root, stories)
    BUILDERS[builder](root, site)
    pages = ["7", "2025-01-20-7", "2025-03-20-7", "2025-03-21-7", "8"]
    assert {path.stem for path in (site / "story").iterdir()} == set(pages)
    names = {story.title: f"/story/{page}.html" for story, page in zip(stories, pages, strict=True)}
    for story in stories:
        page = document_fromstring((site / names[story.title].removeprefix("/")).read_text("utf-8"))
        assert page.findtext(".//h1") == story.title
        assert page.find(".//div[@class='story']//img").get("src") == kept_picture(story).removeprefix("../../../..")
    inorder = sorted(stories, key=lambda story: story.date)
    for before, after in pairwise(inorder):
        page = document_fromstring((site / names[before.title].removeprefix("/")).read_text("utf-8"))
        assert page.find(".//a[@rel='next']").get("href") == names[after.title]
        page = document_fromstring((site / names[after.title].removeprefix("/")).read_text("utf-8"))
        assert page.find(".//a[@rel='prev']").get("href") == names[before.title]
    for path in ("months/2025-01.html", "months/2025-03.html", "sections/realtime-china.html"):
        links = document_fromstring((site / path).read_text("utf-8")).findall(".//main//a")
        shown = {one.text: one.get("href").removeprefix("..") for one in links if "story/" in one.get("href")}
        assert shown
        assert shown.items() <= names.items()
    feed = (site / ("feed.xml" if builder == "jekyll" else "index.xml")).read_text("utf-8")
    assert all(feed.count(f"{page}</") + feed.count(f'{page}"') for page in names.values())
    assert scrapy("site", root, "--search", site).returncode == 0
    (rows,) = [json.loads(path.read_text("utf-8")) for path in (site / "search-index" / "stories").iterdir()]
    assert {title: f"/story/{page}.html" for page, title, *_ in rows} == names


def story_on(day, number, title, kept):
    moment = datetime.fromisoformat(f"{day}T10:00:00+08:00")
    address = StoryAddress.parse(f"/realtime/china/story{day.replace('-', '')}-{number}")
    picture = f'<figure><img src="{link_from_post(f"pictures/{kept}")}" alt=""></figure>'
    return Story(address, title, moment, [f"<p>{title}的正文。</p>", picture], moment)


def kept_picture(story):
    (link,) = sources(story.body)
    return link
