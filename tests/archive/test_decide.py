"""What becomes of a new version of a story: the rules, a line each."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest
from support.crawling import MOMENT

from zbcrawler.archive.decide import OTHER_VERSION, decide
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.outcomes import Outcome
from zbcrawler.items import Story

ADDRESS = StoryAddress.parse("/realtime/china/story20260131-1154260")
OTHER_ADDRESS = StoryAddress.parse("/news/china/story20260201-1154260")
OLD = Story(ADDRESS, "标题", MOMENT, ["<p>一二三四五六</p>"], MOMENT)
FULLER = ["<p>一二三四五六七八</p>"]
CHANGED = ["<p>六五四三二一</p>"]
BEGINNING = ["<p>一二三</p>"]
SHORT = ["<p>别的</p>"]
EARLIER = MOMENT - timedelta(days=9)


def told(**fields):
    """Return what an expected story says beside the old one."""
    return replace(OLD, **fields)


# Fields of the new version, whether it is from the other half, the outcome, and what the post says then.
VERSIONS = {
    "the same": ({}, False, Outcome.UNCHANGED, told()),
    "another address": ({"address": OTHER_ADDRESS}, False, Outcome.UNCHANGED, told()),
    "a new headline": ({"title": "新"}, False, Outcome.CHANGED, told(title="新")),
    "a new text": ({"body": CHANGED}, False, Outcome.CHANGED, told(body=CHANGED)),
    "a new time": (
        {"published": EARLIER, "date": EARLIER},
        False,
        Outcome.CHANGED,
        told(published=EARLIER, date=EARLIER),
    ),
    "no time": ({"published": None, "date": EARLIER}, False, Outcome.UNCHANGED, told()),
    "a coarser time": ({"published": MOMENT.replace(hour=0), "date": EARLIER}, False, Outcome.UNCHANGED, told()),
    "a beginning": ({"body": BEGINNING}, False, Outcome.FAILED, None),
    "under half": ({"body": SHORT}, False, Outcome.FAILED, None),
    "cut by the paywall": ({"body": BEGINNING, "truncated": True}, False, Outcome.UNCHANGED, told()),
    "cut, a new headline": (
        {"body": SHORT, "truncated": True, "title": "新"},
        False,
        Outcome.CHANGED,
        told(title="新"),
    ),
    "marked as cut, yet fuller": ({"body": FULLER, "truncated": True}, False, Outcome.CHANGED, told(body=FULLER)),
    "the other half's headline": ({"title": "新", "body": CHANGED}, True, Outcome.UNCHANGED, None),
    "the other half's fuller text": ({"title": "新", "body": FULLER * 2}, True, Outcome.CHANGED, told(body=FULLER * 2)),
    "imported, the same": ({"imported": True}, False, Outcome.UNCHANGED, told()),
    "imported, another": ({"imported": True, "body": CHANGED}, False, Outcome.SKIPPED, None),
    "imported, fuller": ({"imported": True, "body": FULLER}, False, Outcome.CHANGED, told(body=FULLER)),
    "imported, fuller yet cut": ({"imported": True, "body": FULLER, "truncated": True}, False, Outcome.SKIPPED, None),
}


@pytest.mark.parametrize(("fields", "is_other_half", "outcome", "expected"), VERSIONS.values(), ids=VERSIONS)
def test_versions(fields, is_other_half, outcome, expected):
    new, old = replace(OLD, **fields), deepcopy(OLD)
    before = deepcopy(new)
    decision = decide(new, old, "the post", is_other_half)
    assert decision.outcome is outcome
    assert decision.story.address == ADDRESS
    if expected:
        assert decision.story == expected
        assert not decision.story.truncated or decision.story.body == FULLER
    assert (new, new.truncated, new.optional_keys) == (before, before.truncated, before.optional_keys)
    assert old == OLD


def test_a_new_story_is_taken_as_it_is():
    assert decide(OLD, None) == (Outcome.NEW, OLD, "")


def test_reasons():
    assert decide(replace(OLD, imported=True, body=CHANGED), OLD).reason == OTHER_VERSION
    assert decide(replace(OLD, body=BEGINNING), OLD, "x.md").reason == (
        "the site's text is now only the beginning of the archived one, or less than half of it; x.md was left as it is"
    )


def test_a_file_with_another_storys_address_is_left_alone():
    stranger = replace(OLD, address=StoryAddress.parse("/realtime/china/story20260131-99"))
    decision = decide(OLD, stranger, "x.md")
    assert (decision.outcome, decision.story) == (Outcome.FAILED, OLD)
    assert decision.reason.startswith(f"x.md: from: {stranger.address} belongs to another story")


def test_optional_keys_that_a_version_lacks_stay():
    old = replace(OLD, byline="甲", keywords=("乙",), optional_keys=frozenset({"byline", "keywords"}))
    decision = decide(replace(OLD, byline="丙", optional_keys=frozenset({"image"})), old)
    assert decision.outcome is Outcome.UNCHANGED  # they make no news
    assert (decision.story.byline, decision.story.keywords) == ("丙", ("乙",))
    assert decision.story.optional_keys == {"byline", "keywords", "image"}
