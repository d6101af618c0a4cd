"""A page that takes too long costs its own story, or its own listing, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hostile.pages import page_of
from support import slow_reading
from support.crawling import crawl, scrapy, tree

from zbcrawler.replica.faults import Fault
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica

SLOW = slow_reading.SETTINGS
TOO_SLOW = "took over 1 seconds to read (PAGE_SECONDS)"


def with_data(text: str) -> str:
    literal = json.dumps(text)
    return f"<html><body><script>window.__staticRouterHydrationData = JSON.parse({literal});</script></body></html>"


def article(field: str) -> str:
    return '{"loaderData":{"0-0":{"context":{"payload":{"article":{"body_cn":"<p>字</p>",' + field + "}}}}}}"


# By name: the page, and a word of the reason for which its story fails. Without a reason, the story is archived.
HOSTILE = {
    "a srcset of 60 KB": (page_of("drupal", "标题", f'<p>字</p><img srcset="{"," * 60_000}">'), ""),
    "repeated assignments": (
        page_of("react rendered", "标题", f"<p>字</p><script>{'__staticRouterHydrationData = {' * 65_000}</script>"),
        "",
    ),
    "integers of 5,000 digits": (with_data(article(f'"headline":"标题","create_time":{"9" * 5000}')), "react"),
    "a time of 5,000 digits": (page_of("drupal", "标题", f"<h4 class='date-published'>{'9' * 5000}分钟前</h4>"), ""),
    "JSON 900 deep": (with_data(article('"author":' + "[" * 900 + '"甲"' + "]" * 900)), "react"),
    "100,000 tags": (page_of("mainland", "标题", "<p>字</p>" * 50_000), "tags are more than any page has"),
    "spaces in a pre": (page_of("drupal", "标题", f"<pre>字{' ' * 1_000_000}字</pre>"), ""),
}


def numbers(archive: Path) -> set[str]:
    return {path.stem.rpartition("-")[2] for path in (archive / "_posts").rglob("*.md")}


def expected(newsroom: Newsroom) -> set[str]:
    return {story.number for story in newsroom.expected()}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_page_made_to_freeze_a_run_costs_at_most_its_own_story(name, newsroom, archive):
    page, reason = HOSTILE[name]
    story = newsroom.listed("china")[3]
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern=story.path, body=page.replace("</html>", "\n</html>").encode()))
        run = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == bool(reason)
    assert numbers(archive) == expected(newsroom) - ({story.number} if reason else set())
    if reason:
        assert re.search(f"^failed: .*{story.path}: .*{re.escape(reason)}", run.stdout, re.MULTILINE)


@pytest.mark.parametrize("word", [slow_reading.READING, slow_reading.CLEANING])
def test_a_story_that_takes_too_long_fails_alone_even_if_a_library_swallows_the_error(word, newsroom, archive):
    slow = newsroom.listed("china")[3]
    page = page_of("drupal", "标题", f"<p>{word}</p>")
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern=slow.path, body=page.encode()))
        run = crawl("realtime", replica.url, archive, newsroom, settings=SLOW)
    assert run.returncode == 1
    assert TOO_SLOW in run.stdout
    assert numbers(archive) == expected(newsroom) - {slow.number}
    assert f"_data/owed/{slow.number}.json" in tree(archive)


def test_a_listing_that_takes_too_long_is_a_problem_of_its_section_alone(newsroom, archive):
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern="^/realtime/world$", body=slow_reading.READING.encode()))
        run = crawl("realtime", replica.url, archive, newsroom, settings=SLOW)
    listed = {story.number for name in ("china", "singapore") for story in newsroom.listed(name)}
    assert run.returncode == 1
    assert f"/realtime/world: {TOO_SLOW}" in run.stdout
    assert numbers(archive) == expected(newsroom) & listed


def test_probe_reports_a_page_that_takes_too_long(tmp_path):
    page = tmp_path / "page.html"
    first = "<!-- https://www.zaobao.com/realtime/china/story20260131-1 2026-01-31T12:00:00+08:00 -->\n"
    page.write_text(first + page_of("drupal", "标题", f"<p>{slow_reading.READING}</p>"), "utf-8")
    run = scrapy("probe", page, *(word for name, value in SLOW.items() for word in ("-s", f"{name}={value}")))
    assert run.returncode == 1
    assert TOO_SLOW in run.stdout


def test_an_import_fails_the_slow_post_and_imports_the_others(newsroom, archive, tmp_path):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
    (tmp_path / "new").mkdir()
    slow, *others = sorted((archive / "_posts").rglob("*.md"))
    slow.write_text(slow.read_text("utf-8").replace("<div>\n", f"<div>\n<p>{slow_reading.CLEANING}</p>\n"), "utf-8")
    options = [
        word for name, value in {**SLOW, "ARCHIVE_DIR": tmp_path / "new"}.items() for word in ("-s", f"{name}={value}")
    ]
    run = scrapy("import", archive, *options)
    assert run.returncode == 1
    assert TOO_SLOW in run.stdout
    assert {path.name for path in (tmp_path / "new" / "_posts").rglob("*.md")} == {path.name for path in others}


def test_an_index_of_endless_sitemaps_ends_with_a_line_for_each_kind_of_fault(newsroom, archive):
    links = [
        f"https://{'www.zaobao.com' if n % 10 else f'host{n}.example'}/sitemap-202601.xml?{n}" for n in range(20_000)
    ]
    index = "".join(f"<sitemap><loc>{link}</loc></sitemap>" for link in links)
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern="^/sitemap.xml", body=f"<sitemapindex>{index}</sitemapindex>".encode()))
        replica.faults.add(Fault(pattern="^/sitemap-", body=b"<urlset></urlset>"))
        run = crawl("backfill", replica.url, archive, newsroom, since="2026-01", sections="china")
        asked = sum(target.startswith("/sitemap-") for _, target, _ in replica.requests)
    assert run.returncode == 1
    assert asked == 1000
    assert "lists 18000 sitemaps; read 1000" in run.stdout
    assert "lists 2000 sitemaps that are not on the site: https://host0.example/sitemap-202601.xml?0 …" in run.stdout
    assert run.stdout.count("\nfailed: ") <= 3


def test_marks_of_16_kilobytes_are_not_kept_for_each_story(newsroom, archive):
    headers = {"ETag": f'"{"a" * 16_000}"', "Last-Modified": "a" * 16_000}
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern="/story", headers=headers))
        run = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == 0, run.stdout
    assert numbers(archive) >= expected(newsroom)
    assert not [
        path for path in (archive / ".zbcrawler").rglob("*") if path.is_file() and b"a" * 999 in path.read_bytes()
    ]
