"""Two stories with one number: no answer of the site, and no kept page, puts one story's text at the other's address."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest
from support.crawling import crawl
from support.webarchive import Captured, web_archive, write_warc

from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import PUBLIC_SITE, StoryAddress
from zbcrawler.common.times import SINGAPORE
from zbcrawler.replica.composer import compose
from zbcrawler.replica.content import Content
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.server import Replica

NUMBER = 7_654_321


@pytest.fixture
def twins(newsroom):
    """Return two stories with one number and weeks between them."""

    def story(day, title):
        content = Content(tuple(compose(random.Random(title)).blocks[:3]))
        published = datetime(day.year, day.month, day.day, 9, tzinfo=SINGAPORE)
        return newsroom.add("china", NUMBER, day, title, published, content=content)

    return story(date(2025, 11, 3), "早的那篇"), story(date(2026, 1, 30), "晚的那篇")


def post_of(archive, story):
    path = Archive(archive).find(StoryAddress.parse(story.path))
    return path and path.read_bytes()


def mixed_up(replica, asked, answer, how):
    """Let the address of a story answer with another story."""
    page = replica.answer(answer.path)[0].body
    mixed = {"page": Fault(body=page), "redirect": Fault(status=302, headers={"Location": answer.path}, body=b"")}
    fault = mixed[how]
    replica.faults.add(Fault(asked.path, fault.status, headers=fault.headers, body=fault.body))


@pytest.mark.parametrize("how", ["page", "redirect"])
@pytest.mark.parametrize("edition", ["react", "drupal7"])
def test_the_other_story_of_a_number_is_neither_new_nor_an_edit(newsroom, archive, twins, edition, how):
    early, late = twins
    with Replica(newsroom, edition) as replica:
        crawl("story", replica.url, archive, newsroom, url=early.url)
        before = post_of(archive, early)
        for asked, answer in ((early, late), (late, early)):
            mixed_up(replica, asked, answer, how)
            run = crawl("story", replica.url, archive, newsroom, url=asked.url)
            assert "0 new, 0 changed, 0 unchanged, 1 owed" in run.stdout
            assert (post_of(archive, early), post_of(archive, late)) == (before, None)
            replica.faults.clear()
        newsroom.clock.advance(timedelta(hours=3))
        after = crawl("story", replica.url, archive, newsroom, url=f"{early.url},{late.url}")
    assert "1 new, 0 changed, 1 unchanged" in after.stdout
    assert post_of(archive, early) == before
    assert late.title.encode() in post_of(archive, late)


def test_a_capture_of_the_other_story_of_a_number_is_left_for_an_older_one(newsroom, archive, twins, tmp_path):
    early, late = twins
    with Replica(newsroom) as replica:
        pages = [replica.answer(story.path)[0].body for story in twins]
    moments = "2025-11-04T00:00:00Z", "2026-01-31T00:00:00Z"
    captured = [Captured(early.url, at, page) for at, page in zip(moments, pages, strict=True)]
    write_warc(tmp_path / "pages.warc.gz", captured)
    with web_archive(tmp_path, [tmp_path / "pages.warc.gz"]) as address:
        settings = {"WAYBACK_INDEX": f"{address}/cdx", "WAYBACK_PAGES": address}
        days = {"since": "2025-11", "until": "2025-11"}
        run = crawl("backfill", PUBLIC_SITE, archive, newsroom, settings=settings, source="wayback", **days)
    assert run.returncode == 0, run.stdout
    assert early.title.encode() in post_of(archive, early)
    assert post_of(archive, late) is None
