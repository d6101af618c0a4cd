"""Clocks that do not agree with the site's: what depends on the time is not written."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from scrapy import Request
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.utils.test import get_crawler
from support.crawling import crawl, tree
from support.hub import git

from zbcrawler.common.clock import Clock
from zbcrawler.downloading.check_clock import CheckClockMiddleware
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica

NOW = {"CLOCK": "", "NEWEST_LIMIT": "off"}


@pytest.fixture
def newsroom():
    """Return a newsroom of the present, because the clock of these runs is the machine's."""
    return Newsroom(seed=7, clock=Clock(), stories=30)


def date_of(**off):
    return {"Date": format_datetime(datetime.now(timezone.utc) + timedelta(**off), usegmt=True)}


def everything(folder):
    """Return all files that a run might write, with the state of the runs, without the pace and the lock."""
    kept = (path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".pace", ".lock"})
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in kept if ".git" not in path.parts}


@pytest.mark.parametrize("hours", [-30, -2, 2, 24 * 400])
def test_a_machine_whose_clock_is_wrong_writes_nothing_and_says_so(newsroom, archive, hours):
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern="", headers=date_of(hours=hours)))
        run = crawl("realtime", replica.url, archive, newsroom, settings=NOW)
        assert [target for _, target, _ in replica.requests] == ["/robots.txt"]
        where = f"{replica.url}/robots.txt"
    assert run.returncode == 1
    assert run.stdout.count("\nfailed: ") == 1
    assert "failed: clock: this machine's clock shows " in run.stdout
    assert f"but {where} says that it is " in run.stdout
    assert "; set the clock right; nothing was written" in run.stdout
    assert set(everything(archive)) <= {".zbcrawler/.gitignore"}


@pytest.mark.parametrize("spider", ["story", "backfill", "realtime"])
def test_what_earlier_runs_left_stays_as_it_is(newsroom, archive, spider):
    git(archive, "init", "--quiet")
    git(archive, "commit", "--quiet", "--allow-empty", "--message=begun")
    failing, other = newsroom.listed("china")[3:5]
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern=failing.number, status=500))
        crawl("realtime", replica.url, archive, newsroom, settings=NOW)
        before = everything(archive)
        assert any("_data/owed/" in name for name in before)
        head = git(archive, "rev-parse", "HEAD")
        replica.faults.clear()
        replica.faults.add(Fault(pattern="", headers=date_of(hours=-8)))
        newsroom.publish("china")
        given = {
            "story": {"url": f"{other.url},{failing.url}"},
            "backfill": {"owed": "now"},
            "realtime": {"owed": "now"},
        }
        settings = NOW | {"ARCHIVE_COMMIT": 1}
        run = crawl(spider, replica.url, archive, newsroom, settings=settings, **given[spider])
    assert run.returncode == 1, run.stdout
    assert "failed: clock: this machine's clock shows " in run.stdout
    assert everything(archive) == before
    assert git(archive, "rev-parse", "HEAD") == head


@pytest.mark.parametrize(("minutes", "age"), [(50, ""), (-50, ""), (-420, "25200"), (20, "x")])
def test_a_clock_that_is_right_is_believed(minutes, age):
    part, request, response = compared(date_of(minutes=minutes) | {"Age": age})
    assert part.process_response(request, response) is response
    assert part.is_right


@pytest.mark.parametrize(
    "date",
    [
        None,
        "",
        "yesterday",
        "Thu, 01 Jan 1970 00:00:00",
        "Thu, 01 Jan 1970 00:00:00 SGT",
        "Thu, 99 Foo 1970 99:00:00 GMT",
    ],
)
def test_a_date_that_cannot_be_read_says_nothing(date):
    part, request, response = compared({} if date is None else {"Date": date})
    assert part.process_response(request, response) is response
    assert not part.is_right
    assert not part.fault


def compared(headers, **settings):
    crawler = get_crawler(settings_dict=settings)
    part = CheckClockMiddleware(crawler)
    crawler.spider = type("Spider", (), {"own_hosts": frozenset()})
    request = Request("https://www.zaobao.com/realtime/china")
    return part, request, Response(request.url, headers=headers)


def test_a_set_clock_is_believed(newsroom, archive):
    with pytest.raises(NotConfigured):
        compared({}, CLOCK="2026-01-31T12:00:00+08:00")
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern="", headers=date_of(hours=-8)))
        run = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == 0, run.stdout
    assert [name for name in tree(archive) if name.startswith("_posts/")]
