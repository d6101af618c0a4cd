"""What becomes of a new version of a story: the rules, a line each."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest
from support.crawling import MOMENT

from zbcrawler.archive.decide import OTHER_VERSION, decide
from zbcrawler.archive.story_versions import text
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import Outcome
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
    "a beginning": ({"body": BEGINNING}, False, Outcome.DOUBTFUL, None),
    "under half": ({"body": SHORT}, False, Outcome.DOUBTFUL, None),
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
    assert decide(OLD, None) == (Outcome.NEW, OLD, "", 0)


def test_reasons():
    assert decide(replace(OLD, imported=True, body=CHANGED), OLD).reason == OTHER_VERSION
    assert decide(replace(OLD, body=BEGINNING), OLD, "x.md").reason == (
        "the site's text is shorter, and nothing shows whether it was edited or cut; x.md was left as it is"
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


# Seven paragraphs of 20 characters, none like another.
WHOLE = [sign * 19 + "。" for sign in "甲乙丙丁戊己庚"]
NEXT = [sign * 19 + "。" for sign in "子丑寅卯辰巳午"]
LOGIN, TEASER = "请登录后继续阅读", "更多精彩内容尽在早报"
OFFER = "新用户首月只需一元，随时可以取消，解锁全部内容，并且可以在所有设备上阅读早报的每一篇报道和评论。" * 2
NEWS = "公司宣布，会员从下月起须多付费三元，订户可以在三十天内取消；分析师认为，涨价不会让人离开，" * 2
MEMBERS = "会员" * 9 + "。。"
KEPT, SHORTENED, CHANGES, DOUBT = Outcome.UNCHANGED, Outcome.SHORTENED, Outcome.CHANGED, Outcome.DOUBTFUL
# The archived blocks, the new ones, whether the page has the mark, and the outcome if the edition's mark is known or not.
TEXTS = {
    "the same": (WHOLE, WHOLE, False, KEPT, KEPT),
    "grown": (WHOLE, [*WHOLE, NEXT[0]], False, CHANGES, CHANGES),
    "as long": (WHOLE, NEXT, False, CHANGES, CHANGES),
    "a few characters less": (WHOLE, [*WHOLE[:6], WHOLE[6][10:]], False, CHANGES, CHANGES),
    "a sentence less": (WHOLE, [*WHOLE[:3], WHOLE[3][11:], *WHOLE[4:]], False, SHORTENED, SHORTENED),
    "a beginning": (WHOLE, WHOLE[:4], False, SHORTENED, DOUBT),
    "the last block gone": (WHOLE, WHOLE[:6], False, SHORTENED, DOUBT),
    "rewritten to four blocks": (WHOLE, NEXT[:4], False, SHORTENED, SHORTENED),
    "rewritten to three": (WHOLE, NEXT[:3], False, SHORTENED, DOUBT),
    "blocks in the middle gone": (WHOLE, [*WHOLE[:2], *WHOLE[4:]], False, SHORTENED, SHORTENED),
    "two blocks made one": (WHOLE, [*WHOLE[:5], "".join(WHOLE[5:])], False, CHANGES, CHANGES),
    "the last block rewritten": (WHOLE, [*WHOLE[:6], "又" * 8], False, SHORTENED, SHORTENED),
    "blocks and an unknown one": (WHOLE, [*WHOLE[:4], TEASER], False, SHORTENED, DOUBT),
    "blocks and two unknown": (WHOLE, [*WHOLE[:4], TEASER, "另一句"], False, SHORTENED, DOUBT),
    "blocks and three unknown": (WHOLE, [*WHOLE[:3], *NEXT[:3]], False, SHORTENED, SHORTENED),
    "marked, a beginning": (WHOLE, WHOLE[:3], True, KEPT, KEPT),
    "marked, edited": (WHOLE, NEXT[:3], True, KEPT, KEPT),
    "marked, longer and edited": (WHOLE[:3], NEXT[:4], True, KEPT, KEPT),
    "marked, goes on": (WHOLE[:3], WHOLE[:4], True, CHANGES, CHANGES),
    "asks to sign in": (WHOLE, [*WHOLE[:3], LOGIN], False, KEPT, KEPT),
    "asks to sign in after half a block": (WHOLE, [*WHOLE[:3], WHOLE[3][:9], LOGIN], False, KEPT, KEPT),
    "asks to subscribe in English": (WHOLE, [*WHOLE[:3], "Subscribe to read on. Log in"], False, KEPT, KEPT),
    "asks at length": (WHOLE * 2, [*WHOLE[:3], "订阅享优惠：" + OFFER, *["独家新闻"] * 3], False, KEPT, KEPT),
    "asks to pay, and is news": ([WHOLE[0], NEXT[0]], [WHOLE[0], NEWS, NEWS[::-1]], False, CHANGES, CHANGES),
    "no words left": (WHOLE, [], False, DOUBT, DOUBT),
    "marked, no words left": (WHOLE, [], True, KEPT, KEPT),
    "the last full stop gone": (WHOLE, [*WHOLE[:6], WHOLE[6][:-1]], False, CHANGES, CHANGES),
    "marked, a block edited": (WHOLE[:3], [WHOLE[0], NEXT[0], WHOLE[2]], True, CHANGES, CHANGES),
    "marked, a block before": (WHOLE[:3], [NEXT[0], *WHOLE[:2]], True, KEPT, KEPT),
    "asks and shows no text": (WHOLE, [LOGIN, "购买单篇"], False, DOUBT, DOUBT),
    "asks under another first block": (WHOLE, [NEXT[0], LOGIN], False, DOUBT, DOUBT),
    "had the word before": ([*WHOLE[:6], "登录" * 9], [*WHOLE[:3], "登录" * 9], False, SHORTENED, SHORTENED),
    "the text goes on": (WHOLE, [*WHOLE[:2], LOGIN, *WHOLE[4:]], False, SHORTENED, SHORTENED),
    "another text goes on": (WHOLE, [*WHOLE[:1], MEMBERS, *NEXT[:4]], False, SHORTENED, SHORTENED),
    "the word in a longer text": (WHOLE[:3], [*WHOLE[:2], MEMBERS, *NEXT[:2] * 3], False, CHANGES, CHANGES),
    "the word in an edited block": (WHOLE, [*WHOLE[:5], WHOLE[5][:9] + "购买"], False, SHORTENED, DOUBT),
    "whole instead of cut": ([*WHOLE[:3], LOGIN], WHOLE, False, CHANGES, CHANGES),
}


def paragraphs(blocks):
    return [f"<p>{block}</p>" for block in blocks]


@pytest.mark.parametrize("is_known", [True, False], ids=["its mark is known", "its mark is not known"])
@pytest.mark.parametrize(("before", "now", "is_marked", "known", "unknown"), TEXTS.values(), ids=TEXTS)
def test_what_is_an_edit_and_what_is_a_cut(before, now, is_marked, known, unknown, is_known):
    old = replace(OLD, body=paragraphs(before))
    new = replace(OLD, body=paragraphs(now), truncated=is_marked, cuts_are_marked=is_known)
    decision = decide(new, old)
    assert decision.outcome is (known if is_known else unknown)
    if decision.outcome.is_written:
        assert decision.story.body == new.body
    elif decision.outcome is KEPT:
        assert decision.story == old
        titled = decide(replace(new, title="新"), old)
        assert (titled.outcome, titled.story) == (CHANGES, replace(old, title="新"))
    assert decision.longest == (len(text(old)) if decision.outcome is SHORTENED else 0)


def test_a_cut_text_that_is_archived_gives_way_to_a_fuller_one_only():
    old = replace(OLD, body=paragraphs(WHOLE[:3]), truncated=True)
    fuller, shorter = (replace(OLD, body=paragraphs(NEXT[:count]), truncated=True) for count in (4, 2))
    assert decide(fuller, old)[:2] == (CHANGES, fuller)
    assert decide(shorter, old)[:2] == (KEPT, old)


def test_a_text_that_shrinks_again_and_again_is_compared_with_the_longest():
    first, second, third = (replace(OLD, body=paragraphs(signs)) for signs in (WHOLE, NEXT[:4], ["申" * 50]))
    decision = decide(second, first)
    assert (decision.outcome, decision.longest) == (SHORTENED, 140)
    assert decide(third, second).outcome is SHORTENED
    assert decide(third, second, longest=140).outcome is DOUBT
    assert decide(replace(second, title="新"), second, longest=140)[::3] == (CHANGES, 140)
    assert decide(first, second, longest=140)[::3] == (CHANGES, 0)
    assert decide(second, second, longest=900).outcome is KEPT


def test_a_shortened_text_is_not_filled_up_by_an_import_or_the_other_half():
    archived, older = replace(OLD, body=paragraphs(WHOLE[:3])), replace(OLD, body=paragraphs(WHOLE))
    assert decide(older, archived, is_other_half=True).outcome is CHANGES
    assert decide(older, archived, is_other_half=True, longest=140).outcome is KEPT
    assert decide(replace(older, imported=True), archived).outcome is CHANGES
    assert decide(replace(older, imported=True), archived, longest=140).outcome is Outcome.SKIPPED


LATER = MOMENT + timedelta(hours=5)


@pytest.mark.parametrize(
    ("archived", "fields", "date"),
    [
        ((LATER, MOMENT), {"date": LATER, "fetched": LATER}, LATER),
        ((LATER, MOMENT), {"published": None, "date": EARLIER, "fetched": LATER}, LATER),
        ((LATER, MOMENT), {"date": LATER - timedelta(hours=1), "fetched": LATER - timedelta(hours=1)}, MOMENT),
        ((LATER, MOMENT), {"date": LATER, "fetched": LATER, "imported": True}, MOMENT),
        ((LATER, LATER + timedelta(days=1)), {"date": LATER, "fetched": LATER}, LATER + timedelta(days=1)),
        ((MOMENT + timedelta(seconds=35), MOMENT), {"date": LATER, "fetched": LATER}, MOMENT),
    ],
)
def test_a_date_that_lay_before_a_time_to_come_is_set_right(archived, fields, date):
    published, old_date = archived
    old = replace(OLD, published=published, date=old_date)
    decision = decide(replace(OLD, **{"published": published} | fields), old)
    assert decision.story.date == date
    assert decision.outcome is (KEPT if date == old_date else CHANGES)


FIGURE = '<figure><img src="https://static.zaobao.com/a.jpg" alt="旧"><figcaption>说明</figcaption></figure>'


@pytest.mark.parametrize(
    "now", ["", FIGURE.replace("旧", "新"), FIGURE.replace("说明", "另"), FIGURE.replace("a.jpg", "b.jpg")]
)
def test_pictures_captions_and_alt_texts_alone_are_no_news_of_a_learnt_edition(now):
    archived = replace(OLD, body=[FIGURE, *OLD.body])
    new = replace(OLD, body=[now, *OLD.body] if now else OLD.body)
    assert decide(new, archived, by_words=True).outcome is Outcome.UNCHANGED
    assert decide(replace(new, title="新"), archived, by_words=True).outcome is Outcome.CHANGED
    assert decide(replace(new, body=[now, *FULLER]), archived, by_words=True).outcome is Outcome.CHANGED
