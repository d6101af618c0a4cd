"""What a run remembers of the site's answers, without requests."""

from datetime import timedelta

import pytest
from support.parts import crawl_in

from zbcrawler.common.addresses import StoryAddress

ADDRESS = StoryAddress.parse("https://www.zaobao.com/realtime/china/story20260130-1234567")


def test_an_absent_story_is_owed_for_a_day_and_then_noted(archive):
    crawl, signals = crawl_in(archive)
    crawl.settle_absent("china", ADDRESS, "answered 404")
    crawl.archive.notes.owed.add(ADDRESS, "china", "answered 404", crawl.clock.now(), "absent")
    crawl.clock.advance(timedelta(hours=23))
    crawl.settle_absent("china", ADDRESS, "video")
    assert not crawl.archive.notes.absent.has(ADDRESS)
    crawl.clock.advance(timedelta(hours=1))
    crawl.settle_absent("china", ADDRESS, "answered 404")
    assert crawl.archive.notes.absent.find(ADDRESS) == "answered 404"
    assert signals.settled() == [
        ("owed", "answered 404"),
        ("owed", "leads elsewhere: video"),
        ("gone", "answered 404"),
    ]


@pytest.mark.parametrize(
    ("later", "waits"), [(timedelta(minutes=59), True), (timedelta(hours=1), False), (timedelta(hours=-24), False)]
)
def test_the_site_is_left_alone_until_the_time_it_named(archive, later, waits):
    crawl, signals = crawl_in(archive)
    crawl.site_asked_to_wait("https://www.zaobao.com/x", crawl.clock.now() + timedelta(hours=1))
    crawl.clock.advance(later)
    crawl.check_pause()
    assert [what for what in signals.reported() if "asked to be left alone" in what] == (
        ["https://www.zaobao.com: asked to be left alone until 2026-01-31 13:00 SGT"] if waits else []
    )
    assert (crawl.state.wait_until is None) != waits


def test_a_streak_of_failures_ends_the_asking_once(archive):
    crawl, signals = crawl_in(archive)
    crawl.fail("china", ADDRESS, "answered 500")
    crawl.failed_in_a_row = 0
    for _ in range(3):
        crawl.fail("china", ADDRESS, "answered 500")
    assert signals.reported() == ["2 stories in a row failed (GIVE_UP_AFTER), the last: answered 500"]
