"""``scrapy site``: what it adds to an archive, what it makes anew, and what it leaves alone."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
import yaml
from support.crawling import MOMENT, crawl, scrapy, snapshot, tree
from support.hub import git
from support.programs import needs
from support.sites import sample, source, story_of, write

from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.replica.server import Replica

OURS = {
    "404.html",
    "_config.yml",
    "_layouts/default.html",
    "_layouts/post.html",
    "_plugins/linear_time.rb",
    "_plugins/shared_numbers.rb",
    "assets/style.css",
    "search.html",
}


@pytest.fixture
def root(archive):
    write(archive, sample())
    return archive


def site(root, *words):
    return scrapy("site", root, *words)


@pytest.mark.quick
def test_it_says_what_it_added_and_a_second_run_changes_nothing(root):
    run = site(root)
    assert run.returncode == 0
    *added, last = run.stdout.splitlines()
    assert {line.removeprefix("added: ") for line in added} == {*OURS, ".gitignore"}
    assert last == f"{len(sample())} stories are listed; jekyll build --source {root} makes the site"
    before = snapshot(root)
    assert site(root).stdout == f"{last}\n"
    assert snapshot(root) == before


def test_what_is_there_stays(root):
    (root / "_layouts").mkdir()
    (root / "_layouts" / "post.html").write_text("mine")
    (root / ".gitignore").write_text("*.bak\n")
    site(root)
    assert (root / "_layouts" / "post.html").read_text() == "mine"
    assert (root / ".gitignore").read_text().startswith("*.bak\n# ")


def test_git_keeps_what_is_yours_and_not_what_is_made(root):
    needs("git")
    git(root, "init", "--quiet")
    site(root)
    git(root, "add", "--all")
    kept = set(git(root, "ls-files").splitlines())
    assert {name for name in kept if not name.startswith("_posts/")} == {*OURS, ".gitignore"}


def test_a_story_more_changes_the_lists_and_no_file_of_yours(root):
    site(root)
    before = tree(root)
    write(root, [story_of(200, "新的", ["<p>新。</p>"])])
    site(root)
    after = tree(root)
    changed = {name for name in after if after[name] != before.get(name)}
    new = "_posts/2026/01/30/2026-01-30-200.md"
    lists = {"months.html", "months/2026-01.html", "sections.html", "sections/realtime-china.html"}
    assert {new, *lists} <= changed
    assert not changed & OURS
    assert "新的" in after["sections/realtime-china/2026-01.html"].decode()


def test_a_page_without_stories_goes(root):
    old = story_of(9, "旧的", ["<p>x</p>"], date=MOMENT.replace(month=5, year=2024))
    write(root, [old])
    site(root)
    assert (root / "months" / "2024-05.html").is_file()
    Archive(root).path_of(old.address).unlink()
    site(root)
    assert not (root / "months" / "2024-05.html").exists()
    assert not (root / "sections" / "realtime-china" / "2024-05.html").exists()


@pytest.mark.parametrize("name", ["index.html", "months/mine.html", "feed.xml"])
def test_somebody_elses_page_is_not_written_over(root, name):
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("mine")
    before = snapshot(root)
    run = site(root)
    assert run.returncode == 2
    assert "exists, and scrapy site did not write it; move it away" in run.stderr
    assert snapshot(root) == before


@pytest.mark.parametrize("name", ["2026-01-30-9.md", "2026/01/31/sub/2026-01-31-7.md", "2026/01/31/2026-01-31-7.html"])
def test_whatever_lies_below_the_posts_and_is_not_in_its_place_is_told(root, name):
    path = root / "_posts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(Archive(root).path_of(sample()[0].address).read_bytes())
    run = site(root)
    assert run.returncode == 1
    assert f"left out: _posts/{name}" in run.stdout


def test_an_ignore_file_without_its_last_line_end_stays_good(root):
    (root / ".gitignore").write_text("*.log")
    site(root)
    assert (root / ".gitignore").read_text().startswith("*.log\n# ")


def test_no_two_sections_share_a_page_and_any_name_will_do(archive):
    sections = ["realtime/china", "realtime-china", "_hidden", ".dot", "CON", "null", "0x10", "-", ""]
    write(
        archive,
        [
            replace(story_of(n, f"第{n}篇", ["<p>x</p>"]), address=StoryAddress.parse(f"/{section}/story20260130-{n}"))
            for n, section in enumerate(filter(None, sections), 1)
        ],
    )
    assert site(archive).returncode == 0
    pages = {path.stem: path.read_text("utf-8") for path in (archive / "sections").glob("*.html")}
    assert len(pages) == len(sections) - 1
    assert all(re.fullmatch("[a-z0-9-]+", name) and not name.startswith("-") for name in pages)
    assert all(sum(f"第{n}篇" in page for page in pages.values()) == 1 for n in range(1, len(sections)))
    for page in pages.values():
        assert isinstance(yaml.safe_load(page.split("---")[1])["title"], str)


def test_what_is_no_post_is_told_and_all_else_is_written(root):
    (root / "_posts" / "2026" / "01" / "30" / "2026-01-30-9.md").write_text("---\ntitle: x\n---\n")
    (root / "_posts" / "2026" / "01" / "30" / "2026-01-30-8.md").write_bytes(b"\xff")
    run = site(root)
    assert run.returncode == 1
    assert run.stdout.count("left out: _posts/2026/01/30/2026-01-30-") == 2
    assert (root / "index.html").is_file()


def test_an_archive_that_has_just_begun(archive):
    (archive / "_posts").mkdir()
    assert site(archive).returncode == 0
    assert "还没有文章" in (archive / "index.html").read_text("utf-8")


def test_days_are_those_of_singapore_and_sections_are_called_as_on_the_site(archive):
    late = replace(story_of(1, "夜里", ["<p>x</p>"]), date=MOMENT.replace(day=31, hour=23, minute=59))
    other = replace(late, address=StoryAddress.parse("/news/sea/story20260131-2"))
    odd = replace(late, address=StoryAddress.parse("/story20260131-3"), date=MOMENT.replace(month=2, day=1, hour=0))
    write(archive, [late, other, odd])
    site(archive)
    page = (archive / "months" / "2026-01.html").read_text("utf-8")
    assert "2026年1月31日" in page
    assert "新闻·东南亚" in page
    assert "其他" in (archive / "months" / "2026-02.html").read_text("utf-8")
    assert (archive / "sections" / "other.html").is_file()


def test_neighbours_lie_by_the_month_of_the_file(archive):
    story = replace(story_of(1, "甲", ["<p>x</p>"]), date=MOMENT.replace(month=2, day=1))
    write(archive, [story, story_of(2, '乙"{{', ["<p>x</p>"])])
    site(archive)
    assert json.loads((archive / "_made" / "neighbours" / "2026-01.json").read_text("utf-8")) == {
        "2": [None, None, "1", "甲"],
        "1": ["2", '乙"{{', None, None],
    }


def test_a_crawl_and_a_verification_go_on_beside_it(newsroom, archive):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        assert site(archive).returncode == 0
        run = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == 0, run.stdout
    assert scrapy("verify", archive).returncode == 0


def test_wrong_usage_is_told(tmp_path, root):
    for words in ([tmp_path], [tmp_path / "x"], [root, root], [root, "--search", tmp_path]):
        run = scrapy("site", *words)
        assert run.returncode == 2
        assert run.stderr.startswith("scrapy site: ")


def test_an_index_is_made_of_a_built_site_alone(tmp_path):
    source(tmp_path / "archive", sample())
    run = site(tmp_path / "archive", "--search", tmp_path)
    assert run.returncode == 2
    assert "build the site first" in run.stderr
