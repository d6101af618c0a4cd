"""Real backfills from a real web archive (pywb) with pages that the site no longer has."""

from __future__ import annotations

import json
import re
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from hostile.pages import page_of
from support import slow_reading
from support.crawling import MOMENT, crawl, tree
from support.past import wrong_posts
from support.webarchive import Captured, web_archive, write_warc

from zbcrawler.common.times import Clock
from zbcrawler.replica.past import newsroom_with_past
from zbcrawler.replica.server import Replica

SITE = "https://www.zaobao.com"
HOSTS = ("https://www.zaobao.com", "https://www.zaobao.com.sg", "http://www.zaobao.com")
LATER, EARLIER, EARLIEST = "2026-01-31T04:00:00Z", "2026-01-31T01:00:00Z", "2026-01-31T00:00:00Z"
ERROR_PAGE = "<html><title>请稍候</title><p>正在检查您的浏览器……</p></html>".encode()


@pytest.fixture
def past():
    return newsroom_with_past(Clock(MOMENT), stories=30, months=3)


def captured(replica, stories, at=LATER, hosts=HOSTS):
    """Return the stories' pages as an archive would capture them now."""
    return [
        Captured(hosts[place % len(hosts)] + story.path, at, replica.answer(story.path)[0].body)
        for place, story in enumerate(stories)
    ]


@contextmanager
def kept(folder, pages):
    write_warc(folder / "pages.warc.gz", pages)
    with web_archive(folder, [folder / "pages.warc.gz"]) as address:
        yield {"WAYBACK_INDEX": f"{address}/cdx", "WAYBACK_PAGES": address}


def backfill(archive, past, settings, site=SITE, **arguments):
    return crawl(
        "backfill", site, archive, past, settings=settings, **{"since": "2025-10", "source": "wayback", **arguments}
    )


def posts(archive):
    return {name: data for name, data in tree(archive).items() if name.startswith("_posts/")}


def test_posts_say_the_same_as_the_sites_own(past, archive, tmp_path):
    by_site = tmp_path / "by-site"
    by_site.mkdir()
    with Replica(past) as replica:
        crawl("backfill", replica.url, by_site, past)
        pages = captured(replica, past.expected())
    with kept(tmp_path, pages) as settings:
        first = backfill(archive, past, settings)
        second = backfill(archive, past, settings)
    assert (first.returncode, second.returncode) == (0, 0), first.stdout
    assert wrong_posts(past, archive) == []
    of_the_site = posts(by_site)
    for name, data in posts(archive).items():
        assert data.decode() == of_the_site[name].decode()
    counts = re.findall(r"0 new, 0 changed, (\d+) unchanged", second.stdout)
    assert sum(map(int, counts)) == len(posts(archive))  # one line each


def test_a_time_that_is_yet_to_come_is_wrong_usage(past, archive):
    run = crawl("backfill", SITE, archive, past, source="wayback", since="2030-01")
    assert run.returncode == 2
    assert "since=2030-01-01: lies in the future" in run.stderr


def test_a_story_that_is_gone_or_owed_is_had_again(past, archive, tmp_path):
    gone, owed, unknown = past.expected()[5:8]
    with Replica(past) as replica:
        pages = captured(replica, [gone, owed])
        for story in (gone, unknown):
            past.withdraw(story)
        crawl("backfill", replica.url, archive, past)
        past.clock.advance(timedelta(hours=25))
        past.withdraw(owed)
        (archive / next(name for name in posts(archive) if owed.number in name)).unlink()
        crawl("backfill", replica.url, archive, past)
    notes = [name for name in tree(archive) if name.startswith("_data/")]
    assert len(notes) == 3
    with kept(tmp_path, pages) as settings:
        run = backfill(archive, past, settings)
    assert run.returncode == 0, run.stdout
    assert "2 new" in run.stdout
    assert [name for name in tree(archive) if name.startswith("_data/")] == [f"_data/absent/{unknown.number}.json"]


def test_the_newest_page_that_is_whole_is_taken(past, archive, tmp_path):
    cut, broken, short, lost = past.expected()[2:6]
    with Replica(past) as replica:
        replica.edition = "drupal"
        pages = captured(replica, [cut, broken], EARLIEST)
        wanted = captured(replica, [cut, broken], EARLIER)
        for story in (cut, short):
            past.lock(story)
        pages += captured(replica, [cut], LATER) + captured(replica, [short], EARLIER)
    pages += [Captured(SITE + story.path, LATER, ERROR_PAGE) for story in (broken, short, lost)]
    pages += [page._replace(body=page.body.replace("。".encode(), "！".encode())) for page in wanted]
    with kept(tmp_path, pages) as settings:
        run = backfill(archive, past, settings)
    written = {name.rpartition("-")[2]: data.decode() for name, data in posts(archive).items()}
    assert "3 new" in run.stdout
    assert sum("！" in data for data in written.values()) == 2
    assert run.returncode == 1
    assert f"{lost.path}" in run.stdout
    assert "no known edition" in run.stdout
    assert f"_data/owed/{lost.number}.json" in tree(archive)


def test_an_archive_that_knows_nothing_or_does_not_answer_fails_the_run(past, archive, tmp_path):
    with kept(tmp_path, [Captured(SITE + "/", LATER, ERROR_PAGE)]) as settings:
        nothing = backfill(archive, past, settings)
        wrong = backfill(archive, past, settings | {"WAYBACK_INDEX": settings["WAYBACK_PAGES"] + "/x"})
    silent = backfill(archive, past, settings | {"RETRY_TIMES": 0}, since="2026-01")
    assert (nothing.returncode, wrong.returncode, silent.returncode) == (1, 1, 1)
    assert "knows no story from 2025-10-01 to 2026-01-31" in nothing.stdout
    assert "stories may be missing" in wrong.stdout
    assert "no answer" in silent.stdout


@contextmanager
def wayback_machine(rows, pages, at_once):
    """Answer like the Wayback Machine's index, which sends a limited number of rows at once."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            parts = urlsplit(self.path)
            asked.append((time.monotonic(), self.path))
            if parts.path == "/cdx":
                question = {name: values[0] for name, values in parse_qs(parts.query).items()}
                host, _, path = question["url"].partition("/")
                start = int(question.get("resumeKey", "at 0").removeprefix("at "))
                key = ",".join(reversed(host.removeprefix("www.").split("."))) + f")/{path}"
                known = [row for row in rows if row[0].startswith(key)]
                answer = (
                    [["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]] if known else []
                )
                answer += known[start : start + at_once]
                if len(known) > start + at_once:
                    answer += [[], [f"at {start + at_once}"]]
                body, kind = json.dumps(answer).encode(), "application/json"
            else:
                body, kind = pages[parts.path], "text/html; charset=utf-8"
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def test_an_answer_in_pieces_is_read_to_its_end_in_turns_and_the_site_is_not_asked(past, archive):
    rows, pages = [], {}
    with Replica(past) as replica:
        for story in past.expected():
            link = f"http://www.zaobao.com.sg:80{story.path}"
            rows.append(
                ["sg,com,zaobao)" + story.path, "20260131010000", link, "text/html", "200", "X" + story.number, "9"]
            )
            pages[f"/web/20260131010000id_/{link}"] = replica.answer(story.path)[0].body
        asked = len(replica.requests)
        with wayback_machine(rows, pages, at_once=2) as (address, told):
            settings = {"WAYBACK_INDEX": f"{address}/cdx", "WAYBACK_PAGES": f"{address}/web"}
            settings["DOWNLOAD_SLOTS"] = json.dumps({"127.0.0.1": {"delay": 0.05, "randomize_delay": False}})
            run = backfill(archive, past, settings, replica.url)
        assert len(replica.requests) == asked
    assert run.returncode == 0, run.stdout
    assert wrong_posts(past, archive) == []
    assert not [target for _, target in told if "robots" in target]
    moments = [moment for moment, _ in told]
    # Without turns they would come at once. The first request may be long on its way.
    assert moments[-1] - moments[0] >= 0.75 * 0.05 * (len(moments) - 1)


def row_of(story, time):
    link = f"http://www.zaobao.com.sg:80{story.path}"
    return ["sg,com,zaobao)" + story.path, time, link, "text/html", "200", "X" + time, "9"], f"/web/{time}id_/{link}"


def test_an_index_that_finds_no_end_is_left_after_a_hundred_answers(past, archive):
    story = past.expected()[-1]
    row, path = row_of(story, "20260131010000")
    with Replica(past) as replica:
        pages = {path: replica.answer(story.path)[0].body}
        with wayback_machine([row] * 300, pages, at_once=1) as (address, told):
            settings = {"WAYBACK_INDEX": f"{address}/cdx", "WAYBACK_PAGES": f"{address}/web"}
            run = backfill(archive, past, settings, replica.url)
    assert run.returncode == 1
    assert "the index has not ended after 100 answers" in run.stdout
    assert sum("resumeKey=" in target for _, target in told) == 99
    assert [name for name in posts(archive) if story.number in name]  # what it did say counts


def test_a_capture_that_takes_too_long_to_read_costs_only_itself(past, archive):
    story = past.expected()[-1]
    newest, of_newest = row_of(story, "20260131020000")
    older, of_older = row_of(story, "20260131010000")
    slow = page_of("drupal", "标题", f"<p>{slow_reading.CLEANING}</p>").encode()
    with Replica(past) as replica:
        pages = {of_newest: slow, of_older: replica.answer(story.path)[0].body}
        with wayback_machine([newest, older], pages, at_once=9) as (address, _):
            settings = {"WAYBACK_INDEX": f"{address}/cdx", "WAYBACK_PAGES": f"{address}/web", **slow_reading.SETTINGS}
            run = backfill(archive, past, settings, replica.url)
    assert run.returncode == 0, run.stdout
    assert [name for name in posts(archive) if story.number in name]


def test_edits_are_none_of_its_business(past, archive):
    run = backfill(archive, past, {}, recheck="edited")
    assert run.returncode == 2
    assert "source=wayback does not report edits" in run.stderr
