"""Which stories a realtime run takes from listings, and which it fetches, without a crawl."""

from datetime import date

import pytest
from support.crawling import MOMENT
from support.parts import crawl_in

from zbcrawler.archive.run_state import PlannedStory
from zbcrawler.common.errors import Outcome
from zbcrawler.discovery.candidates import DueRules, RealtimeChoice
from zbcrawler.discovery.listings import ListingWalk, Section
from zbcrawler.editions import ListingEntry

PAGE = "https://www.zaobao.com/realtime/china"


def add(walk, link, section=None, title="题"):
    return walk.add_entry(ListingEntry(link, title, MOMENT), section or Section("china", 0), PAGE, "singapore")


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("/zvideos/one", "video"),
        ("https://example.org/realtime/china/story20260130-1", "other host"),
        ("http://[", "broken link"),
        ("/about", "other page"),
        ("/realtime/china/story20260101-1", "older than 2026-01-30"),
    ],
)
def test_what_is_no_story_to_fetch_is_skipped_with_its_reason(archive, link, reason):
    crawl, signals = crawl_in(archive)
    walk = ListingWalk(crawl, date(2026, 1, 30))
    seen = add(walk, link)
    assert signals.settled() == [("skipped", reason)]
    assert walk.candidates == {}
    assert seen is None or not seen.news


def test_the_first_section_counts_and_a_story_is_news_until_it_is_known(archive):
    crawl, _ = crawl_in(archive)
    walk = ListingWalk(crawl)
    link = "/realtime/world/story20260130-1234567"
    assert add(walk, link, Section("world", 1)).news
    assert add(walk, link.replace("world", "china")).news
    (story,) = walk.candidates.values()
    assert (story.section, story.address.section, len(story.records)) == ("china", "realtime/china", 2)
    crawl.state.plan([PlannedStory(story.address.key_in(()), "realtime", link, "world", False)])
    assert not add(walk, link).news
    walk.story_settled(story.address, Outcome.FAILED)
    assert walk.candidates
    walk.story_settled(story.address, Outcome.NEW)
    assert not walk.candidates
    assert crawl.state.listing_record(story.address, "singapore/china") is None  # it is for later runs
    crawl.state.save()
    again, _ = crawl_in(archive)
    assert again.state.listing_record(story.address, "singapore/china").title == "题"


def test_the_oldest_is_fetched_first_and_owed_stories_last(archive):
    crawl, signals = crawl_in(archive)
    walk = ListingWalk(crawl)
    for number, day in (("30", "20260130"), ("9", "20260130"), ("40", "20260129"), ("1", "20260128")):
        add(walk, f"/realtime/china/story{day}-{number}")
    owed = walk.candidates["2026-01-28-1"].address
    crawl.archive.notes.owed.add(owed, "china", "answered 500", crawl.clock.now())
    due = DueRules(crawl, owed_now=True)
    choice = RealtimeChoice(crawl, walk.candidates, due, ("china",), window=None, growth=0)
    assert [story.address.number for story in choice.choose()] == ["40", "9", "30", "1"]
    assert signals.settled() == []
