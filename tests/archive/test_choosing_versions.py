"""Which of several versions counts, and that their order does not."""

from __future__ import annotations

from datetime import date, datetime, timezone
from itertools import permutations

import pytest

from zbcrawler.archive.story_versions import PostFile, address_of, by_story, choose
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.items import Story

WHOLE = ["<p>甲乙丙丁戊己。</p>"]
PART = ["<p>甲乙丙丁</p>"]
OTHER = ["<p>子丑寅卯辰巳。</p>"]


def version(
    path: str, hour: int | None, body: list[str], truncated: bool = False, section: str = "china"
) -> tuple[str, Story]:
    address = StoryAddress.parse(f"/realtime/{section}/story20210121-1117907")
    moment = None if hour is None else datetime(2021, 1, 21, hour, tzinfo=timezone.utc)
    return path, Story(address, "标题", body=body, date=moment, truncated=truncated)


@pytest.mark.parametrize(
    ("versions", "best", "why"),
    [
        ([version("a", 1, WHOLE), version("b", 2, OTHER)], "b", {"a": "earlier"}),
        ([version("a", None, WHOLE), version("b", 0, OTHER)], "b", {"a": "earlier"}),
        ([version("a", 1, WHOLE), version("b", 2, PART)], "a", {"b": "only a part"}),
        ([version("a", 1, WHOLE), version("b", 2, ["<p>子</p>"])], "a", {"b": "only a part"}),
        ([version("a", 1, WHOLE), version("b", 2, OTHER, truncated=True)], "a", {"b": "cut by the paywall"}),
        (
            [version("a", 1, WHOLE, truncated=True), version("b", 2, PART, truncated=True)],
            "a",
            {"b": "cut by the paywall"},
        ),
        ([version("a", 1, PART), version("b", 2, WHOLE, truncated=True)], "b", {"a": "only a part"}),
        ([version("a", 1, WHOLE), version("b", 1, ["<p>子丑寅卯辰巳午。</p>"])], "b", {"a": "of the same time"}),
        ([version("b", 1, WHOLE), version("a", 1, OTHER)], "a", {"b": "of the same time"}),
        (
            [version("b", 1, WHOLE), version("a", 1, WHOLE), version("c", 0, WHOLE)],
            "c",
            dict.fromkeys("ab", "the same"),
        ),
        ([version("a", 1, WHOLE)], "a", {}),
    ],
)
def test_the_latest_complete_one_in_any_order(versions, best, why):
    for order in permutations(versions):
        chosen, others = choose(dict(order))
        assert chosen == best
        assert dict(others) == why


def test_the_address_is_the_earliest_ones():
    versions = [version("a", 5, WHOLE), version("b", 2, PART, section="world"), version("c", None, WHOLE, section="a")]
    for order in permutations(versions):
        assert address_of(story for _, story in order).section == "realtime/world"


def test_files_of_one_story_lie_at_most_two_days_apart():
    found = [
        PostFile("20", date(2021, 1, 3), "d"),
        PostFile("3", date(2021, 1, 3), "e"),
        PostFile("20", date(2021, 1, 1), "b"),
        PostFile("20", date(2021, 1, 1), "a"),
        PostFile("20", date(2021, 1, 4), "c"),
    ]
    for order in permutations(found):
        assert [[file.path for file in files] for files in by_story(order)] == [["a", "b", "d"], ["e"], ["c"]]
