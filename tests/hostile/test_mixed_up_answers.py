"""Answers that belong to another request: a 304 that nobody asked for, and another story's page."""

from __future__ import annotations

import http.server
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from support.crawling import crawl, scrapy, tree

from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.server import Replica

ALWAYS = {"RECHECK_GROWTH": 0}
NOT_MODIFIED = {"ETag": '"a"', "Last-Modified": "Sat, 31 Jan 2026 00:00:00 GMT"}


def post_of(newsroom, archive, story):
    path = Archive(archive).find(StoryAddress.parse(story.path))
    return path and path.read_bytes()


def ordinary(newsroom, count=2):
    cases = newsroom.cases.values()
    return [one for one in newsroom.listed("china") if one not in cases and one.content and not one.locked][:count]


def test_a_new_story_that_answers_304_fails_and_is_fetched_by_a_later_run(newsroom, archive):
    story = ordinary(newsroom)[0]
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern=story.number, status=304, headers=NOT_MODIFIED, body=b""))
        run = crawl("realtime", replica.url, archive, newsroom)
        assert post_of(newsroom, archive, story) is None
        replica.faults.clear()
        after = crawl("realtime", replica.url, archive, newsroom, owed="now")
    assert run.returncode == 1
    assert f"{story.path}: answered 304 (not modified), which nobody asked for" in run.stdout
    assert after.returncode == 0, after.stdout
    assert post_of(newsroom, archive, story)


@contextmanager
def headers_seen(replica):
    """Pass requests on to a replica, and note which conditions they carry."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            condition = self.headers.get("If-None-Match") or self.headers.get("If-Modified-Since")
            seen.append((self.path, condition))
            answer, fault = replica.answer(self.path)
            headers = {"Content-Type": answer.kind, "Content-Length": len(answer.body), **answer.headers}
            headers |= fault.headers if fault else {}
            self.send_response_only(answer.status)
            for name, value in headers.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(answer.body if answer.status != 304 else b"")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()


def test_after_a_304_that_nobody_asked_for_the_next_try_has_no_conditions(newsroom, archive):
    story = ordinary(newsroom)[0]
    replica = Replica(newsroom)  # answers below, without a network of its own
    with headers_seen(replica) as (site, seen):
        crawl("story", site, archive, newsroom, url=story.url)
        before = post_of(newsroom, archive, story)
        newsroom.edit(story)
        replica.faults.add(Fault(pattern=story.number, status=304, headers=NOT_MODIFIED, body=b""))
        # The page was archived without validators, so the request has no condition.
        run = crawl("realtime", site, archive, newsroom, sections="china", settings=ALWAYS, recheck="9d")
        assert post_of(newsroom, archive, story) == before
        replica.faults.clear()
        newsroom.clock.advance(timedelta(hours=2))
        after = crawl("realtime", site, archive, newsroom, sections="china", settings=ALWAYS, recheck="9d", owed="now")
    assert run.returncode == 1
    assert f"{story.path}: answered 304 (not modified), which nobody asked for" in run.stdout
    assert after.returncode == 0, after.stdout
    assert [condition for path, condition in seen if story.number in path] == [None] * 3
    assert post_of(newsroom, archive, story) != before


def test_a_304_with_the_validator_of_another_version_hides_no_later_edit(newsroom, archive):
    story = ordinary(newsroom)[0]
    replica = Replica(newsroom)
    settings = {"sections": "china", "settings": ALWAYS, "recheck": "9d"}
    with headers_seen(replica) as (site, seen):
        replica.faults.add(Fault(pattern=story.number, headers={"ETag": '"first"'}))
        crawl("story", site, archive, newsroom, url=story.url)
        replica.faults.clear()
        replica.faults.add(Fault(pattern=story.number, status=304, headers={"ETag": '"other"'}, body=b""))
        runs = [crawl("realtime", site, archive, newsroom, **settings) for _ in range(2)]
    assert [run.returncode for run in runs] == [0, 0], runs[0].stdout
    assert [condition for path, condition in seen if story.number in path] == [None, '"first"', '"first"']


def test_a_kept_page_to_which_another_storys_address_led_is_imported_as_its_own(newsroom, archive, tmp_path):
    moved, other = ordinary(newsroom)
    raw, imported = tmp_path / "raw", tmp_path / "imported"
    raw.mkdir()
    imported.mkdir()
    with Replica(newsroom, "drupal7") as replica:
        replica.faults.add(Fault(pattern=moved.number, status=302, headers={"Location": other.path}, body=b""))
        crawl("story", replica.url, archive, newsroom, url=moved.url, settings={"KEEP_RAW": raw})
        run = scrapy("import", raw, "-s", f"ARCHIVE_DIR={imported}", "-s", f"SITE_URL={replica.url}")
    assert run.returncode == 0, run.stdout
    assert post_of(newsroom, imported, moved) is None
    assert other.title.encode() in post_of(newsroom, imported, other)


@pytest.mark.parametrize(
    ("spider", "pattern", "where"),
    [
        ("realtime", "^/realtime/china$", "section china: "),
        ("realtime", r"page-content/realtime/china\?page=1", "section china: "),
        ("realtime", "^/robots.txt$", "robots.txt: "),
        ("backfill", "^/sitemap.xml$", "sitemaps: "),
        ("backfill", "^/sitemaps/sitemap-202601.xml$", "sitemaps: "),
    ],
)
def test_other_pages_that_answer_304_do_not_count_as_empty(newsroom, archive, spider, pattern, where):
    given = {"since": "2026-01", "until": "2026-01"} if spider == "backfill" else {}
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern=pattern, status=304, headers=NOT_MODIFIED, body=b""))
        run = crawl(spider, replica.url, archive, newsroom, **given)
    assert run.returncode == 1, run.stdout
    [line] = [line for line in run.stdout.splitlines() if line.startswith(f"failed: {where}")]
    assert line.endswith("answered 304")


@pytest.mark.parametrize("edition", ["react", "astro", "mainland", "drupal", "drupal7"])
def test_another_storys_page_is_neither_a_new_post_nor_an_edit(newsroom, archive, edition):
    known, other = ordinary(newsroom)
    with Replica(newsroom, edition) as replica:
        crawl("story", replica.url, archive, newsroom, url=known.url)
        before = {name: data for name, data in tree(archive).items() if name.startswith("_posts/")}
        wrong = replica.answer(other.path)[0].body
        new = newsroom.publish("china")[0]
        for story in (known, new):
            replica.faults.add(Fault(pattern=story.number, body=wrong))
        run = crawl("story", replica.url, archive, newsroom, url=f"{known.url},{new.url}")
        assert {name: data for name, data in tree(archive).items() if name.startswith("_posts/")} == before
        replica.faults.clear()
        after = crawl("story", replica.url, archive, newsroom, url=f"{known.url},{new.url}")
    assert run.returncode == 1
    for story in (known, new):
        assert f"{story.path}: is the page of another story: {other.url}" in run.stdout
    assert after.returncode == 0, after.stdout
    assert post_of(newsroom, archive, new)
