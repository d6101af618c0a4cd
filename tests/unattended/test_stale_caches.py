"""Caches between a run and the site: old pages, old listings, and conditions that are answered wrongly."""

from __future__ import annotations

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from support.crawling import crawl, start_crawl, tree, wait_for

from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica

ALWAYS = {"RECHECK_GROWTH": 0, "NEWEST_LIMIT": "off"}
HTML = {"Content-Type": "text/html; charset=UTF-8"}


class Cache:
    """A cache before a replica. ``answers`` has, by path, a function from headers to status, headers and body."""

    def __init__(self, newsroom, edition="react"):
        self.newsroom, self.replica = newsroom, Replica(newsroom, edition)
        self.answers, self.asked = {}, []
        cache = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = self.path if self.path in cache.answers else self.path.partition("?")[0]
                answer = cache.answers.get(path)
                status, headers, body = answer(self.headers) if answer else cache.now(self.path)
                cache.asked.append((self.path, status))
                self.send_response_only(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def now(self, path):
        """Return what the site answers now."""
        answer, _ = self.replica.answer(path)
        return answer.status, {"Content-Type": answer.kind, **answer.headers}, answer.body

    def hold(self, path, page):
        """Answer a path from now on as the site did when ``page`` was taken by :meth:`now`."""
        self.answers[path] = lambda _: page

    def run(self, archive, minutes=20, settings=ALWAYS, **arguments):
        self.newsroom.clock.advance(timedelta(minutes=minutes))
        self.asked.clear()
        return crawl("realtime", self.url, archive, self.newsroom, settings=settings, **arguments)

    def statuses(self, story):
        return [status for path, status in self.asked if path == story.path]


@pytest.fixture
def ordinary(newsroom):
    cases = newsroom.cases.values()
    return [one for one in newsroom.listed("china") if one not in cases and one.content and not one.locked]


def post_of(archive, story):
    return next(archive.glob(f"_posts/**/*-{story.number}.md")).read_bytes()


@pytest.mark.parametrize("edition", ["react", "astro"])
def test_two_caches_of_different_age_change_a_post_once(newsroom, archive, ordinary, edition):
    story = ordinary[0]
    with Cache(newsroom, edition) as cache:
        cache.run(archive)
        first = post_of(archive, story)
        pages = [cache.now(story.path)]
        newsroom.retitle(story)  # the text grows, too: the old page may look like a part of the new one
        pages.append(cache.now(story.path))
        posts = []
        for turn in (1, 0, 1, 0, 0, 1, 0, 1):
            cache.hold(story.path, pages[turn])
            run = cache.run(archive)
            assert run.returncode == 0, run.stdout
            posts.append(post_of(archive, story))
    assert set(posts) == {posts[0]}
    assert posts[0] != first


def test_an_edit_that_the_site_takes_back_is_taken_back_after_an_hour(newsroom, archive, ordinary):
    story = ordinary[0]
    with Cache(newsroom) as cache:
        cache.run(archive)
        old, posts = cache.now(story.path), [post_of(archive, story)]
        newsroom.edit(story)
        cache.run(archive)
        posts.append(post_of(archive, story))
        cache.hold(story.path, old)
        found = []
        for _ in range(6):  # not each look is forced: a story with an old page is looked at by each run
            cache.run(archive, settings={"NEWEST_LIMIT": "off"})
            found.append((posts.index(post_of(archive, story)), bool(cache.statuses(story))))
    assert found[:4] == [(1, True), (1, True), (1, True), (0, True)]
    assert {where for where, _ in found[4:]} == {0}


def test_a_page_older_than_the_first_post_is_replaced_again(newsroom, archive, ordinary):
    story = ordinary[0]
    with Cache(newsroom) as cache:
        older = cache.now(story.path)
        newsroom.edit(story)
        cache.run(archive)
        first = post_of(archive, story)
        cache.hold(story.path, older)
        cache.run(archive)
        cache.answers.clear()
        for _ in range(4):
            cache.run(archive)
        assert post_of(archive, story) == first


def test_an_old_page_changes_nothing_after_a_run_that_was_killed_behind_the_edit(newsroom, archive, ordinary):
    story, later = ordinary[1], ordinary[0]
    with Cache(newsroom) as cache:
        cache.run(archive)
        old, before = cache.now(story.path), post_of(archive, story)
        newsroom.edit(story)
        hold = threading.Event()

        def stall(_):
            hold.wait(60)
            return cache.now(later.path)

        cache.answers[later.path] = stall
        newsroom.clock.advance(timedelta(minutes=20))
        one = {"CONCURRENT_REQUESTS": 1, "CONCURRENT_REQUESTS_PER_DOMAIN": 1}
        run = start_crawl(cache.url, archive, newsroom, **ALWAYS, **one)
        wait_for(lambda: post_of(archive, story) != before, run)
        run.kill()
        run.communicate()
        hold.set()
        edited = post_of(archive, story)
        cache.answers.clear()
        cache.hold(story.path, old)
        cache.run(archive)
        assert cache.statuses(story) == [200]
        assert post_of(archive, story) == edited


def test_a_person_who_asks_for_one_story_gets_what_its_page_shows(newsroom, archive, ordinary):
    story = ordinary[0]
    with Cache(newsroom) as cache:
        cache.run(archive)
        old, first = cache.now(story.path), post_of(archive, story)
        newsroom.retitle(story)
        cache.run(archive)
        assert post_of(archive, story) != first
        cache.hold(story.path, old)
        crawl("story", cache.url, archive, newsroom, url=cache.url + story.path)
        assert post_of(archive, story) == first


@pytest.mark.parametrize("status", [404, 302])
def test_an_archived_story_that_is_absent_in_one_cache_of_two_leaves_no_trace_in_git(
    newsroom, archive, ordinary, status
):
    story, elsewhere = ordinary[0], {**HTML, "Location": "/specials/the-audio-brief/20260131"}
    with Cache(newsroom) as cache:
        cache.run(archive)
        before = tree(archive)
        for _ in range(3):
            cache.hold(story.path, (status, elsewhere if status == 302 else HTML, b""))
            cache.run(archive)
            assert cache.statuses(story) == [status]
            assert tree(archive) == before
            cache.answers.clear()
            cache.run(archive)
        assert tree(archive) == before
        # A story that is absent twice in a row is owed, and after a day noted.
        cache.hold(story.path, (status, elsewhere if status == 302 else HTML, b""))
        for _ in range(2):
            cache.run(archive)
        assert any(story.number in name for name in tree(archive) if name.startswith("_data/owed/"))


@pytest.mark.parametrize("status", [400, 412, 431])
def test_a_cache_that_refuses_conditions_is_asked_without_them(newsroom, archive, ordinary, status):
    story = ordinary[0]
    with Cache(newsroom) as cache:

        def refuse(headers):
            if headers["If-None-Match"]:
                return status, HTML, b"no"
            _, head, body = cache.now(story.path)
            return 200, {**head, "ETag": '"a"'}, body

        cache.answers[story.path] = refuse
        cache.run(archive)
        newsroom.edit(story)
        run = cache.run(archive)
        assert (run.returncode, cache.statuses(story)) == (0, [status, 200])
        assert "china: 0 new, 1 changed" in run.stdout


def test_a_304_that_names_another_version_does_not_hide_that_version(newsroom, archive, ordinary):
    story, tag = ordinary[0], ['"a"']
    with Cache(newsroom) as cache:

        def answer(headers):
            if headers["If-None-Match"] == tag[0] or cache.wrong:
                return 304, {"ETag": tag[0]}, b""
            _, head, body = cache.now(story.path)
            return 200, {**head, "ETag": tag[0]}, body

        cache.answers[story.path], cache.wrong = answer, False
        cache.run(archive)
        newsroom.edit(story)
        tag[0], cache.wrong = '"b"', True
        cache.run(archive)
        assert cache.statuses(story) == [304]
        cache.wrong = False
        assert "china: 0 new, 1 changed" in cache.run(archive).stdout


def test_the_last_look_finds_an_edit_that_validators_hide(newsroom, archive, ordinary):
    story = ordinary[0]
    with Cache(newsroom) as cache:

        def answer(headers):
            _, head, body = cache.now(story.path)
            return (304, {}, b"") if headers["If-None-Match"] else (200, {**head, "ETag": 'W/"build"'}, body)

        cache.answers[story.path] = answer
        cache.run(archive, recheck="2d")
        before = post_of(archive, story)
        newsroom.edit(story)
        for days, changes in ((1, False), (1.5, True)):
            cache.run(archive, minutes=days * 24 * 60, recheck="2d", settings={"NEWEST_LIMIT": "off"})
            assert len(cache.statuses(story)) == 1
            assert (post_of(archive, story) != before) is changes


@pytest.mark.parametrize("edition", ["react", "drupal", "mainland"])
def test_a_cache_that_ignores_the_number_of_a_listing_page_is_noticed(clock, archive, edition):
    newsroom = Newsroom(seed=7, clock=clock, stories=240)
    with Cache(newsroom, edition) as cache:
        cache.replica.answer, whole = lambda target: whole(target.partition("?")[0]), cache.replica.answer
        run = cache.run(archive, sections="china")
    assert run.returncode == 0, run.stdout
    assert "section china: its last page still held news; its pages repeat each other, so older may be missing" in (
        run.stdout
    )
