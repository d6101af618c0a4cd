"""Clocks that do not agree with the site's: what depends on the time is not written."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from email.utils import format_datetime
from time import monotonic

import pytest
from scrapy import Request
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.utils.test import get_crawler
from support.crawling import MOMENT, crawl, tree
from support.hub import git

from zbcrawler.common.times import Clock
from zbcrawler.downloading.middlewares import CheckClockMiddleware, RetryAfterMiddleware
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
    kept = (path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".pace", ".lock", ".run"})
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in kept if ".git" not in path.parts}


@pytest.mark.parametrize("hours", [-30, -2, 2, 24 * 400])
def test_a_machine_whose_clock_is_wrong_writes_nothing_and_says_so(newsroom, archive, hours):
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern="", headers=date_of(hours=hours)))
        run = crawl("realtime", replica.url, archive, newsroom, settings=NOW)
        # A time in the past may be that of an old copy of robots.txt, so a page has to confirm it.
        asked = ["/robots.txt", "/realtime/china"] if hours < 0 else ["/robots.txt"]
        assert [target for _, target, _ in replica.requests] == asked
        where = replica.url + asked[-1]
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


def test_an_old_copy_of_robots_txt_in_a_cache_is_no_wrong_clock(newsroom, archive):
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern="robots.txt", headers=date_of(days=-3)))
        replica.faults.add(Fault(pattern="", headers=date_of()))
        run = crawl("realtime", replica.url, archive, newsroom, settings=NOW)
    assert run.returncode == 0, run.stdout
    assert [name for name in tree(archive) if name.startswith("_posts/")]


def test_an_old_copy_of_a_redirect_is_no_wrong_clock():
    part, request, _ = compared({})
    old = Response(request.url, status=301, headers=date_of(days=-3) | {"Location": "/realtime/world"})
    assert part.process_response(request, old) is old
    assert not part.fault


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


def test_the_site_says_by_its_own_clock_how_long_to_wait():
    part = RetryAfterMiddleware(get_crawler(settings_dict={"RETRY_AFTER_LIMIT": 300}))
    at_site = date_of(minutes=45)["Date"]
    until = date_of(minutes=45, seconds=100)["Date"]
    request = Request("https://www.zaobao.com/realtime/china")
    part.process_response(request, Response(request.url, 503, headers={"Retry-After": until, "Date": at_site}))
    assert 0 < part.held_until - monotonic() < 110


def test_a_wait_with_an_impossible_zone_is_none():
    part = RetryAfterMiddleware(get_crawler(settings_dict={"RETRY_AFTER_LIMIT": 300}))
    request = Request("https://www.zaobao.com/realtime/china")
    until = "Thu, 26 Nov 2026 12:55:49 +99999999999999999999"
    response = Response(request.url, 503, headers={"Retry-After": until})
    assert part.process_response(request, response) is response
    assert not part.held_until


@pytest.mark.parametrize("edition", ["react", "drupal", "astro", "mainland"])
def test_an_old_copy_of_a_listing_is_noticed_whatever_times_it_shows(clock, archive, edition):
    newsroom = Newsroom(seed=7, clock=clock, stories=30)
    with Replica(newsroom, edition=edition) as replica:
        page = replica.answer("/realtime/world")[0].body
        assert crawl("realtime", replica.url, archive, newsroom, sections="world").returncode == 0
        replica.faults.add(Fault(pattern="^/realtime/world$", body=page))
        clock.advance(timedelta(days=6))
        run = crawl("realtime", replica.url, archive, newsroom, sections="world", recheck="off")
    assert run.returncode == 1, run.stdout
    assert "its newest story is of 2026-01-31, older than 48 hours (NEWEST_LIMIT)" in run.stdout


def test_one_story_with_a_wrong_day_is_no_wrong_clock_and_hides_no_old_listing(clock, archive):
    newsroom = Newsroom(seed=7, clock=clock, stories=60)
    body = "<p>地址里的日子写错了。</p>"
    newsroom.add("world", 9999999, date(2027, 1, 31), "写错日子的报道", MOMENT - timedelta(minutes=5), body)
    with Replica(newsroom) as replica:
        run = crawl("realtime", replica.url, archive, newsroom, sections="world")
        assert run.returncode == 0, run.stdout
        assert any("9999999" in name for name in tree(archive))
        clock.advance(timedelta(days=6))
        run = crawl("realtime", replica.url, archive, newsroom, sections="world", recheck="off")
    assert run.returncode == 1
    assert ", older than 48 hours (NEWEST_LIMIT)" in run.stdout
    assert "clock" not in run.stdout


def test_a_story_whose_page_gives_a_time_of_years_ago_is_looked_at_again(clock, archive):
    newsroom = Newsroom(seed=7, clock=clock, stories=30)
    story = newsroom.add(
        "world", 9999998, MOMENT.date(), "写错年份的报道", MOMENT - timedelta(days=3650), "<p>甲。</p>"
    )
    with Replica(newsroom) as replica:
        crawl("story", replica.url, archive, newsroom, url=story.url)
        story.raw_body, story.version = "<p>甲。乙。</p>", story.version + 1
        clock.advance(timedelta(days=1))
        crawl("realtime", replica.url, archive, newsroom, sections="world")
    assert "乙".encode() in next(data for name, data in tree(archive).items() if "9999998" in name)
