"""Real backfills from the replica's sitemaps."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from support.crawling import MOMENT, crawl, start_crawl, tree, wait_for
from support.past import wrong_posts

from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.times import Clock
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.past import newsroom_with_past
from zbcrawler.replica.server import Replica

ONE_BY_ONE = {"CONCURRENT_REQUESTS": 1}


@pytest.fixture
def past():
    return newsroom_with_past(Clock(MOMENT), stories=60, months=6)


def fetched(replica, since=0):
    return [target for _, target, _ in replica.requests[since:] if "/story" in target]


def sitemaps(replica, since=0):
    return [target for _, target, _ in replica.requests[since:] if "sitemap" in target]


@pytest.mark.parametrize("form", ["monthly", "numbered", "packed"])
def test_all_that_the_sitemaps_list_is_archived_once_and_the_oldest_first(past, archive, form):
    with Replica(past) as replica:
        replica.sitemaps = form
        first = crawl("backfill", replica.url, archive, past, settings=ONE_BY_ONE)
        stories = fetched(replica)
        asked = len(replica.requests)
        second = crawl("backfill", replica.url, archive, past)
        assert fetched(replica, asked) == []
    assert (first.returncode, second.returncode) == (0, 0), first.stdout + second.stdout
    assert wrong_posts(past, archive) == []
    assert len(stories) == len({story.rpartition("-")[2] for story in stories})
    days = [StoryAddress.parse(story).day for story in stories]
    assert days == sorted(days) or form == "numbered"
    assert "1 skipped (1 dated in the future)" in first.stdout or form == "numbered"
    assert "0 new, 0 changed, 2" in second.stdout
    if form != "numbered":
        assert "sitemap-202507.xml" in first.stdout
        assert "answered 404; none of its stories is found" in first.stdout


def test_a_time_of_change_in_the_future_hides_no_story_whose_day_has_come(past, archive):
    today, *_, older = past.listed("china")
    for story in (today, older):
        story.changed = past.clock.now() + timedelta(days=400)
    with Replica(past) as replica:
        run = crawl("backfill", replica.url, archive, past)
    assert run.returncode == 0, run.stdout
    assert wrong_posts(past, archive) == []
    # The story whose address is of tomorrow waits.
    assert "1 skipped (1 dated in the future)" in run.stdout


def test_twins_are_one_story_and_the_realtime_address_counts(past, archive):
    with Replica(past) as replica:
        crawl("backfill", replica.url, archive, past, sections="china,news/world")
    names = [name for name in tree(archive) if name.startswith("_posts/")]
    links = {post.address.path for post in map(Archive(archive).read, (archive / name for name in names))}
    china = {story.path for story in past.every() if story.section == "china" and story.path.startswith("/realtime/")}
    world = {link for link in links if link.startswith("/news/world/")}
    assert {link for link in links if link.startswith("/realtime/")} == {
        link for link in china if past.find(link).published <= MOMENT
    }
    assert world
    assert not any(link.startswith("/realtime/world") for link in links)


def test_all_sections_are_every_story_that_the_sitemaps_list_under_its_own_address(past, archive):
    wanted = {story.path for story in [*past.expected(), *past.decoys]}
    with Replica(past) as replica:
        run = crawl("backfill", replica.url, archive, past, sections="all")
        asked = len(replica.requests)
        again = crawl("backfill", replica.url, archive, past, sections="all")
        assert fetched(replica, asked) == []
    assert (run.returncode, again.returncode) == (0, 0), run.stdout
    links = {Archive(archive).read(path).address.path for path in (archive / "_posts").rglob("*.md")}
    assert links == wanted
    # Sections that no other backfill asks for, and addresses without a section.
    parents = {link.rpartition("/")[0] for link in links}
    assert {"/realtime/china", "/news/world", "/entertainment", "/forum/views", "/news"} <= parents
    assert re.search(r"^news: \d+ new", run.stdout, re.MULTILINE)


def test_an_address_at_the_root_of_the_site_has_a_section_of_its_own_in_the_summary(past, archive):
    entry = b"<urlset><url><loc>https://www.zaobao.com/story20251103-77</loc></url></urlset>"
    with Replica(past) as replica:
        replica.faults.add(Fault(pattern="/sitemap-202511", status=200, body=entry))
        run = crawl("backfill", replica.url, archive, past, sections="all", since="2025-11-02", until="2025-11-29")
    assert run.returncode == 0, run.stdout
    assert "/: 0 new, 0 changed, 0 unchanged, 1 owed" in run.stdout
    assert "/story20251103-77" in fetched(replica)


def test_any_paths_are_asked_for(past, archive):
    with Replica(past) as replica:
        run = crawl("backfill", replica.url, archive, past, sections="/news,forum/views")
    assert run.returncode == 0, run.stdout
    links = {Archive(archive).read(path).address.path for path in (archive / "_posts").rglob("*.md")}
    assert {link.rpartition("/")[0] for link in links} == {"/news", "/forum/views"}


def test_it_says_at_its_beginning_what_is_missing_and_how_long_that_takes(past, archive):
    with Replica(past) as replica:
        limited = crawl("backfill", replica.url, archive, past, "-L", "INFO", limit=3)
        run = crawl("backfill", replica.url, archive, past, "-L", "INFO", settings={"DOWNLOAD_DELAY": 0.01})
        quiet = crawl("backfill", replica.url, archive, past, "--quiet")
    found = re.search(r"(\d+) of (\d+) stories are missing, this run fetches 3$", limited.stderr, re.MULTILINE)
    missing, listed = map(int, found.groups())
    assert missing == listed > 3
    assert re.search(
        rf"2025-08-\d\d to 2025-08-\d\d: {missing - 3} of {listed} stories are missing: "
        r"about 0 s at one request per 0.01 s, and up to 0 s for the \d sitemaps to come$",
        run.stderr,
        re.MULTILINE,
    )
    assert re.search(r"\d+ of \d+ missing stories are still to be fetched", run.stderr)
    assert (quiet.stdout, quiet.stderr) == ("", "")


@pytest.mark.parametrize(
    ("since", "until", "first", "last"),
    [
        ("2025-10", "2025-11", (2025, 10, 1), (2025, 11, 30)),
        ("2025-10-05", "2025-10-20", (2025, 10, 5), (2025, 10, 20)),
    ],
)
def test_a_time_is_asked_for(past, archive, since, until, first, last):
    with Replica(past) as replica:
        run = crawl("backfill", replica.url, archive, past, since=since, until=until)
        months = sitemaps(replica)
    assert run.returncode == 0, run.stdout
    days = {tuple(map(int, name.split("/")[1:4])) for name in tree(archive) if name.startswith("_posts/")}
    assert days
    assert all(first <= day <= last for day in days)
    wanted = {story.path for story in past.expected() if first <= tuple(story.published.date().timetuple()[:3]) <= last}
    assert len(wanted) == len([name for name in tree(archive) if name.startswith("_posts/")])
    # A sitemap may list a story in the month before or after that of its address.
    assert len(months) <= 5


def test_with_a_limit_the_next_run_goes_on(past, archive):
    with Replica(past) as replica:
        counts = []
        for _ in range(4):
            run = crawl("backfill", replica.url, archive, past, limit=25)
            assert run.returncode == 0, run.stdout
            counts.append(len([name for name in tree(archive) if name.startswith("_posts/")]))
            assert ("limit=25 was reached" in run.stdout) == (len(counts) < 3)
    assert counts[:2] == [25, 50]
    assert counts[2] == counts[3]
    assert wrong_posts(past, archive) == []


def test_what_could_not_be_had_is_owed_and_fetched_later(past, archive):
    ill = past.expected()[20]
    gone = past.expected()[30]
    past.withdraw(gone)
    with Replica(past) as replica:
        replica.faults.add(Fault(pattern=ill.path, status=500, times=4))
        first = crawl("backfill", replica.url, archive, past)
        assert first.returncode == 1
        assert ill.path in first.stdout
        assert {name.rpartition("/")[2] for name in tree(archive) if "/owed/" in name} == {
            f"{ill.number}.json",
            f"{gone.number}.json",
        }
        past.clock.advance(timedelta(hours=25))
        second = crawl("backfill", replica.url, archive, past)
        assert second.returncode == 0, second.stdout
        asked = len(replica.requests)
        crawl("backfill", replica.url, archive, past)
        assert fetched(replica, asked) == []
    assert wrong_posts(past, archive) == []
    assert not [name for name in tree(archive) if "/owed/" in name]
    assert f"_data/absent/{gone.number}.json" in tree(archive)


def test_edits_are_fetched_once_if_that_is_asked_for(past, archive):
    edited, retitled = past.expected()[3], past.expected()[40]
    with Replica(past) as replica:
        crawl("backfill", replica.url, archive, past)
        past.clock.advance(timedelta(hours=2))
        past.edit(edited)
        past.retitle(retitled)
        asked = len(replica.requests)
        assert "2 changed" not in crawl("backfill", replica.url, archive, past).stdout
        assert fetched(replica, asked) == []
        run = crawl("backfill", replica.url, archive, past, recheck="edited")
        assert sorted(fetched(replica, asked)) == sorted([edited.path, retitled.path])
        asked = len(replica.requests)
        crawl("backfill", replica.url, archive, past, recheck="edited")
        assert fetched(replica, asked) == []
    assert run.returncode == 0, run.stdout
    assert wrong_posts(past, archive) == []


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(pattern="^/sitemap.xml", status=404), "/sitemap.xml: answered 404"),
        (Fault(pattern="^/sitemap.xml", status=200, body=b"<html>new</html>"), "not a sitemap"),
        (Fault(pattern="/sitemap-202511", status=500), "sitemap-202511.xml: answered 500"),
        (Fault(pattern="/sitemap-202511", status=200, body=b"<html>new</html>"), "not a sitemap"),
        (Fault(pattern="/sitemap-202511", cut=True), "sitemap-202511.xml"),
        (
            Fault(pattern="/sitemap-202511", status=200, body=b"<urlset><url><loc>https://www.zaobao.com/a/1</loc></url></urlset>"),
            "none of its 1 links leads to a story",
        ),
    ],
    ids=["no index", "another index", "a month fails", "a month is a page", "a month is cut", "other addresses"],
)  # fmt: skip
def test_what_hides_stories_fails_the_run_and_the_rest_is_fetched(past, archive, fault, told):
    with Replica(past) as replica:
        replica.faults.add(fault)
        run = crawl("backfill", replica.url, archive, past)
        assert run.returncode == 1
        assert told in run.stdout
        has_posts = (archive / "_posts").is_dir()
        assert has_posts == ("^/sitemap.xml" not in fault.pattern)
        replica.faults.clear()
        assert crawl("backfill", replica.url, archive, past).returncode == 0
    assert wrong_posts(past, archive) == []


@pytest.mark.parametrize(("arguments", "pattern"), [({"sections": "chnia"}, "never"), ({}, "/sitemaps/")])
def test_where_nothing_at_all_is_found_the_run_fails(past, archive, arguments, pattern):
    with Replica(past) as replica:
        replica.faults.add(Fault(pattern=pattern, status=404))
        run = crawl("backfill", replica.url, archive, past, **arguments)
    assert run.returncode == 1
    assert "none of the sitemaps from 2016-01-01 to " in run.stdout
    assert "are the sections right" in run.stdout


def test_an_empty_month_is_noted(past, archive):
    with Replica(past) as replica:
        replica.faults.add(Fault(pattern="/sitemap-202511", status=200, body=b"<urlset></urlset>"))
        run = crawl("backfill", replica.url, archive, past)
    assert run.returncode == 0, run.stdout
    assert "sitemap-202511.xml: has no entries" in run.stdout


def test_stories_that_cannot_be_read_keep_no_run_from_the_rest(past, archive):
    ill = sorted(past.expected(), key=lambda story: story.published)[5:20]
    more = {"GIVE_UP_AFTER": 10, **ONE_BY_ONE}
    with Replica(past) as replica:
        for story in ill:
            replica.faults.add(Fault(pattern=story.number, status=200, body=b"<html>?</html>"))
        for _ in range(3):
            run = crawl("backfill", replica.url, archive, past, settings=more)
            assert run.returncode == 1
            past.clock.advance(timedelta(hours=25))
    assert sorted(wrong_posts(past, archive)) == sorted(story.path for story in ill)


@pytest.mark.quick
def test_stopped_it_leaves_the_rest_to_the_next_and_owes_nothing(past, archive):
    with Replica(past) as replica:
        run = start_crawl(replica.url, archive, past, spider="backfill", DOWNLOAD_DELAY=0.05)
        wait_for(lambda: len(fetched(replica)) >= 10, run)
        run.terminate()
        told = run.communicate()[0]
        assert run.returncode == 1
        assert "ended too early" in told
        assert not [name for name in tree(archive) if "/owed/" in name]
        assert crawl("backfill", replica.url, archive, past).returncode == 0
    assert wrong_posts(past, archive) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"since": "2025-13"}, "since=2025-13: write a month or a day"),
        ({"since": "2025-02", "until": "2025-01"}, "since=2025-02-01 is later than until=2025-01-31"),
        ({"limit": "0"}, "limit=0"),
        ({"recheck": "2d"}, "recheck=2d: write edited"),
        ({"sections": "China"}, "sections=China"),
        ({"sections": "all,china"}, "sections=all,china: write all, or the sections"),
        (
            {"sections": "all", "source": "wayback"},
            "sections=all: source=wayback is asked for each section by its path",
        ),
        ({"pages": "3"}, "pages: unknown argument"),
    ],
)
def test_wrong_arguments_are_told_before_anything_begins(past, archive, arguments, told):
    run = crawl("backfill", "http://127.0.0.1:9", archive, past, **arguments)
    assert run.returncode == 2
    assert told in run.stderr
    assert list(archive.iterdir()) == []


def test_a_change_dated_in_the_future_hides_no_later_edit(past, archive):
    story = past.expected()[3]
    entry = f"<urlset><url><loc>{story.url}</loc><lastmod>{{}}</lastmod></url></urlset>"
    with Replica(past) as replica:
        crawl("backfill", replica.url, archive, past)
        for changed in ("2099-01-01T00:00:00+08:00", (past.clock.now() + timedelta(hours=1)).isoformat()):
            past.clock.advance(timedelta(hours=2))
            past.edit(story)
            replica.faults.clear()
            month = f"{story.published:%Y%m}"
            replica.faults.add(Fault(pattern=f"sitemap-{month}", body=entry.format(changed).encode()))
            run = crawl("backfill", replica.url, archive, past, recheck="edited")
            assert "1 changed" in run.stdout
            asked = len(replica.requests)
            crawl("backfill", replica.url, archive, past, recheck="edited")
            assert story.path not in fetched(replica, asked)
