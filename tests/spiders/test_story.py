"""``scrapy crawl story``: single addresses."""

from __future__ import annotations

from datetime import datetime

import pytest
from judge.real import SHARED, seed_body
from support.crawling import crawl, tree

from zbcrawler.common.times import SINGAPORE, Clock
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica


def test_given_stories_and_no_others(newsroom, archive):
    stories = newsroom.listed("world")[5:7]
    urls = f"{stories[0].url}?ref=x,https://www.zaobao.com.sg{stories[1].path}"
    with Replica(newsroom, "react") as replica:
        run = crawl("story", replica.url, archive, newsroom, url=urls)
        again = crawl("story", replica.url, archive, newsroom, url=urls)
    assert (run.returncode, again.returncode) == (0, 0)
    assert "2 new" in run.stdout
    assert "2 unchanged" in again.stdout
    assert len(tree(archive)) == 2


def test_an_unknown_story_is_said_to_be_gone(newsroom, archive):
    url = "https://www.zaobao.com/realtime/china/story20200101-1"
    with Replica(newsroom, "react") as replica:
        run = crawl("story", replica.url, archive, newsroom, url=url)
    assert run.returncode == 0
    assert "1 owed" in run.stdout
    assert not [name for name in tree(archive) if name.startswith("_posts")]


def test_the_seed_body_comes_out_clean(archive):
    if not (SHARED / "seed-post.md").exists():
        pytest.skip("../shared/seed-post.md is not here")
    seed = seed_body()
    clock = Clock(datetime(2021, 6, 10, 18, 0, tzinfo=SINGAPORE))
    newsroom = Newsroom(seed=1, clock=clock, stories=0)
    published = datetime(2021, 6, 10, 8, 30, tzinfo=SINGAPORE)
    newsroom.add("china", 1154260, published.date(), seed.title, published, raw_body=seed.html)
    with Replica(newsroom, "drupal") as replica:
        run = crawl("story", replica.url, archive, newsroom, url=seed.url)
    assert run.returncode == 0, run.stdout
    text = tree(archive)["_posts/2021/06/10/2021-06-10-1154260.md"].decode()
    wanted = (SHARED / "seed-post.md").read_text("utf-8").split("<div>")[0]
    wanted = wanted.replace("date: 2021-06-10T03:59:45.343Z", "date: 2021-06-10T00:30:00.000Z")
    wanted = wanted.replace("<!--1623342600000-->", "<!--1623285000000-->")
    head, _, body = text.partition("<div>")
    assert head == wanted
    lines = body.split("\n")[1:-2]
    assert len(lines) == 9
    assert all(line.startswith("<p>") for line in lines)
    for noise in ("dfp-ad", "imu", "subscribe.sph", "freemium", "<img", "<a "):
        assert noise not in body
