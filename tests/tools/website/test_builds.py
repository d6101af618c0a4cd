"""Jekyll and Hugo build an archive of odd headlines and bodies: every post is a page that says what the post says."""

from __future__ import annotations

import re
import shutil
from datetime import datetime

import pytest
from lxml.html import document_fromstring
from support.crawling import tree
from support.sharing import shared
from support.sites import hugo, jekyll, sample, source

from zbcrawler.archive.pictures import sources
from zbcrawler.common.markup import parse_fragment
from zbcrawler.common.times import SINGAPORE

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
