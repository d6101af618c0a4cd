"""Real crawls with ``KEEP_PICTURES``: the requests, the files on disk, and the links of the posts."""

from __future__ import annotations

import html
import json
import re
import subprocess
from datetime import timedelta
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from support.crawling import MOMENT, crawl, tree
from support.programs import needs

from zbcrawler.archive import pictures
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.disk import link_from_post
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.replica.content import Content, Figure, Text
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.images import image_at
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.pictures import Picture
from zbcrawler.replica.server import Replica

STORE = "https://static.zaobao.com"
ONE = STORE + "/s3fs-public/styles/inline_medium/public/2026-01/one.jpg?VERSION&itok=TOKEN"
TWO = STORE + "/s3fs-public/2026-01/two%20%281%29.png"
FOREIGN = "https://example.org/three.jpg"


def file_of(address):
    return pictures.file_of(image_at(unquote(urlsplit(address).path))[0])


class Site:
    """A replica with a few stories of given pictures, its picture store, and an archive."""

    def __init__(self, replica, store, archive):
        self.replica, self.store, self.archive = replica, store, archive
        self.newsroom = replica.newsroom
        self.stories = []

    def add(self, *addresses):
        """Publish a story with these pictures and return it."""
        number = 3120000 + len(self.stories)
        blocks = (Text("第一段。"), *(Figure(Picture(address, f"图{address[-5:]}")) for address in addresses))
        story = self.newsroom.add(
            "china", number, MOMENT.date(), f"标题{number}", MOMENT - timedelta(hours=1), content=Content(blocks)
        )
        self.stories.append(story)
        return story

    def crawl(self, **settings):
        """Archive the stories. Return the run and its requests to the picture store."""
        return self.crawl_as_it_is(KEEP_PICTURES=settings.pop("KEEP_PICTURES", True), **settings)

    def crawl_as_it_is(self, **settings):
        """Crawl as :meth:`crawl` does, but without its default settings."""
        given = {"PICTURE_SITE": self.store.url, **settings}
        before = len(self.store.requests)
        urls = ",".join(story.url for story in self.stories)
        run = crawl("story", self.replica.url, self.archive, self.newsroom, settings=given, url=urls)
        asked = [(target, status) for _, target, status in self.store.requests[before:] if target != "/robots.txt"]
        return run, asked

    def sources(self, story):
        return pictures.sources(self.post(story).splitlines())

    def post(self, story):
        path = f"_posts/2026/01/31/2026-01-31-{story.number}.md"
        return (self.archive / path).read_text("utf-8")

    def break_store(self, pattern, **fault):
        self.store.faults.add(Fault(pattern, **fault))


@pytest.fixture
def site(clock, archive):
    newsroom = Newsroom(seed=7, clock=clock, stories=0)
    with Replica(newsroom, "react") as replica, Replica(newsroom, "react") as store:
        yield Site(replica, store, archive)


def target(address):
    return address.removeprefix(STORE)


def test_kept_linked_found_and_not_asked_for_again(site):
    story, other = site.add(ONE, TWO), site.add(ONE)
    run, asked = site.crawl()
    assert run.returncode == 0, run.stdout + run.stderr
    assert sorted(asked) == sorted([(target(ONE), 200), (target(TWO), 200)])
    assert site.sources(story) == [link_from_post(file_of(ONE)), link_from_post(file_of(TWO))]
    assert site.sources(other) == [link_from_post(file_of(ONE))]
    before = tree(site.archive)
    assert {name for name in before if name.startswith("pictures/")} == {file_of(ONE), file_of(TWO)}
    for source in site.sources(story):
        post = Archive(site.archive).find(StoryAddress.parse(story.url))
        assert (post.parent / source).resolve().read_bytes() in before.values()
    note = json.loads(before[f"_data/pictures/{story.number}.json"])
    assert note == {"address": story.url, "pictures": {ONE: file_of(ONE), TWO: file_of(TWO)}}
    for settings in ({}, {"KEEP_PICTURES": False}):
        run, asked = site.crawl(**settings)
        assert run.returncode == 0
        assert "2 unchanged" in run.stdout
        assert asked == []
        assert tree(site.archive) == before


def test_off_by_default_nothing_is_asked_for(site):
    story = site.add(ONE)
    run, asked = site.crawl_as_it_is()
    assert run.returncode == 0
    assert asked == []
    assert site.sources(story) == [ONE]
    assert {path.partition("/")[0] for path in tree(site.archive)} == {"_posts"}


@pytest.mark.parametrize(
    ("fault", "reason", "requests"),
    [
        ({"status": 404}, "answered 404", 1),
        ({"status": 302, "headers": {"Location": "/s3fs-public/2026-01/other.jpg"}}, "answered 302", 1),
        ({"body": b"<!DOCTYPE html><p>hot links are not served"}, "is not a picture of a format that is kept", 1),
        ({"body": b'<svg xmlns="http://www.w3.org/2000/svg"/>'}, "is not a picture of a format that is kept", 1),
        ({"body": b"\xff\xd8\xff" + bytes(100_000)}, "has more than 65536 bytes (PICTURE_MAXSIZE)", 1),
        ({"status": 503}, "answered 503", 3),
        ({"cut": True}, "no answer: ", 3),
    ],
)
def test_a_picture_that_fails_stays_linked_and_the_run_is_good(site, fault, reason, requests):
    story = site.add(ONE, TWO)
    site.break_store("one.jpg", **fault)
    run, asked = site.crawl(PICTURE_MAXSIZE=65536)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"note: pictures: 1 could not be kept and stay linked, the first: {ONE}: {reason}" in run.stdout
    assert site.sources(story) == [ONE, link_from_post(file_of(TWO))]
    assert len([path for path, _ in asked if "one.jpg" in path]) == requests
    assert not [path for path, _ in asked if "other.jpg" in path]
    before = tree(site.archive)
    run, _ = site.crawl(PICTURE_MAXSIZE=65536)
    assert "1 unchanged" in run.stdout
    assert tree(site.archive) == before
    site.store.faults.clear()
    run, asked = site.crawl()
    assert "1 changed" in run.stdout
    assert "note:" not in run.stdout
    assert asked == [(target(ONE), 200)]
    assert site.sources(story) == [link_from_post(file_of(ONE)), link_from_post(file_of(TWO))]


def test_a_page_cannot_choose_whom_the_archiver_asks(site):
    beside = site.store.url + "/s3fs-public/2026-01/one.jpg"
    story = site.add(FOREIGN, beside, "https://static.zaobao.com:22/a.jpg", TWO)
    run, asked = site.crawl()
    assert run.returncode == 0, run.stdout + run.stderr
    assert [path for path, _ in asked] == [target(TWO)]
    assert site.sources(story)[:2] == [FOREIGN, beside]
    assert "note:" not in run.stdout


def test_a_picture_of_the_site_itself_is_asked_for_where_the_site_answers(site):
    story = site.add("https://www.zaobao.com/sites/default/files/2013-01/one.png")
    run, asked = site.crawl()
    assert run.returncode == 0, run.stdout + run.stderr
    assert asked == []
    assert "/sites/default/files/2013-01/one.png" in [path for _, path, _ in site.replica.requests]
    assert site.sources(story)[0].startswith("../../../../pictures/")


def test_what_robots_txt_forbids_stays_linked(site):
    story = site.add(ONE)
    for replica in (site.replica, site.store):
        replica.robots = "User-agent: *\nDisallow: /s3fs-public/\n"
    run, _ = site.crawl(PICTURE_SITE=site.replica.url)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{ONE}: not fetched: Forbidden by robots.txt" in run.stdout
    assert not [path for _, path, _ in site.replica.requests if path.startswith("/s3fs-public/")]
    assert site.sources(story) == [ONE]


def test_robots_txt_of_the_picture_store_counts(site):
    story = site.add(ONE)
    site.store.robots = "User-agent: *\nDisallow: /s3fs-public/\n"
    run, asked = site.crawl()
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{ONE}: not fetched: Forbidden by robots.txt" in run.stdout
    assert asked == []
    assert site.sources(story) == [ONE]


def test_a_dry_run_writes_nothing(site):
    site.add(ONE)
    run, _ = site.crawl(DRY_RUN=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 new" in run.stdout
    assert list(site.archive.iterdir()) == []


def test_jekyll_shows_them(site, tmp_path):
    jekyll = needs("jekyll")
    story = site.add(ONE, TWO)
    site.crawl()
    built = tmp_path / "site"
    run = subprocess.run(
        [jekyll, "build", "--source", site.archive, "--destination", built],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    (page,) = built.rglob(f"{story.number}.html")
    assert page.relative_to(built).as_posix() == f"联合早报/2026/01/31/{story.number}.html"
    sources = [html.unescape(one) for one in re.findall(r'<img src="([^"]*)"', page.read_text("utf-8"))]
    assert len(sources) == 2
    for source, address in zip(sources, (ONE, TWO), strict=True):
        there = urljoin(f"https://example.org/blog/{page.relative_to(built).as_posix()}", source)
        assert there == f"https://example.org/blog/{file_of(address)}"
        assert (page.parent / source).resolve().read_bytes() == (site.archive / file_of(address)).read_bytes()
