"""Words that the site puts into many stories are found among the last stories and among edits."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from judge.real import real_bodies
from support.cleaned import clean_html

from zbcrawler.archive import posts
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.repeated_blocks import RepeatedBlocks, _blocks_of
from zbcrawler.archive.run_state import RunState
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.items import Story

NOW = datetime(2026, 1, 31, 4, tzinfo=timezone.utc)
ADVERT = "<p>每天清晨送到府上，现在就订。</p>"
BODIES = real_bodies()


def story(number, *body):
    address = StoryAddress("realtime/china", date(2026, 1, 31), str(number))
    return Story(address, f"题目{number}", NOW, [*body, f"<p>第{number}篇报道的正文各不相同。</p>"], NOW)


@pytest.fixture
def state(tmp_path):
    return RunState(tmp_path / "state.sqlite", "realtime")


def edit(state, number, *body, now=NOW, before=()):
    """Let an edit add lines to a story; return the lines that are left of them."""
    new, old = story(number, *before, *body), story(number, *before)
    RepeatedBlocks(state, now).take_out(new, old)
    return new.body[:-1]


def archived(archive, stories):
    for one in stories:
        archive.write(archive.path_of(one.address), posts.render(one).encode())
    return [one.address for one in stories]


def found(archive, state, written, now=NOW):
    blocks = RepeatedBlocks(state, now)
    blocks.find(archive, written)
    return [block.text for block in blocks.report(now)]


@pytest.mark.parametrize(
    ("many", "before", "expected"),
    [(4, 0, 1), (3, 0, 0), (4, 1, 0), (30, 0, 1)],
    ids=["four stories", "three stories", "also one before", "all"],
)
def test_words_of_four_of_the_last_stories_are_found_if_no_story_before_has_them(
    tmp_path, state, many, before, expected
):
    archive = Archive(tmp_path)
    archived(archive, [story(1000 + n, *[ADVERT] * (n < before)) for n in range(30)])
    written = archived(archive, [story(2000 + n, *[ADVERT] * (n < many)) for n in range(30)])
    assert len(found(archive, state, written[-1:])) == expected


def test_words_are_found_in_older_stories_that_a_run_archived_after_newer_ones(tmp_path, state):
    archive = Archive(tmp_path)
    archived(archive, [story(2000 + n) for n in range(60)])
    older = [story(1000 + n, ADVERT) for n in range(90)]
    for one in older:
        one.address = replace(one.address, day=date(2025, 10, 1))
    assert len(found(archive, state, archived(archive, older))) == 1


def test_nothing_is_found_while_there_are_too_few_stories_before(tmp_path, state):
    archive = Archive(tmp_path)
    written = archived(archive, [story(1000 + n, *[ADVERT] * (n > 29)) for n in range(59)])
    assert found(archive, state, written[-1:]) == []


def test_words_that_were_reported_are_met_again_although_the_stories_before_have_them(tmp_path, state):
    archive = Archive(tmp_path)
    archived(archive, [story(1000 + n) for n in range(30)])
    for first in (2000, 3000, 4000):
        written = archived(archive, [story(first + n, ADVERT) for n in range(30)])
        assert len(found(archive, state, written)) == 1
    written = archived(archive, [story(5000 + n) for n in range(30)])
    assert found(archive, state, written, now=NOW + timedelta(hours=1)) == []


def test_broken_posts_and_foreign_files_are_passed_over(tmp_path, state):
    archive = Archive(tmp_path)
    archived(archive, [story(1000 + n) for n in range(70)])
    written = archived(archive, [story(2000 + n, ADVERT) for n in range(5)])
    archive.path_of(written[0]).write_text("half a po")
    (archive.path_of(written[0]).parent / "notes.md").write_text("my own")
    assert len(found(archive, state, written)) == 1


def test_the_third_story_that_an_edit_adds_words_to_does_not_get_them(state):
    assert [bool(edit(state, number, ADVERT)) for number in (1, 2, 2, 3, 4)] == [True, True, True, False, False]


def test_edits_count_for_a_week(state):
    edit(state, 1, ADVERT)
    edit(state, 2, ADVERT)
    later = NOW + timedelta(days=8)
    assert edit(state, 3, ADVERT, now=later) == [ADVERT]


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ('<figure><img src="https://a.example/1.jpg" alt=""><figcaption>{}</figcaption></figure>', []),
        ('<figure><img src="https://a.example/0.jpg" alt=""><figcaption>{}</figcaption></figure>', ["old picture"]),
        ('<p><a href="https://shop.example/">{}</a></p>', []),
        ("<ul><li>{}</li></ul>", []),
        ("<blockquote><p>{}</p></blockquote>", []),
        ("<table><tbody><tr><td>{}</td><td>甲</td></tr></tbody></table>", ["as it is"]),
        ("<p>{}</p>", []),
    ],
    ids=["new picture", "old picture", "link", "list", "quote", "table with other words", "paragraph"],
)
def test_a_block_is_taken_out_with_its_line_and_nothing_else(state, line, left):
    old = '<figure><img src="https://a.example/0.jpg" alt=""></figure>'
    line = line.format("每天清晨送到府上，现在就订。")
    before = [] if left == ["old picture"] else [old]
    for number in (1, 2):
        edit(state, number, line)
    new, was = story(3, *before, line), story(3, old)
    RepeatedBlocks(state, NOW).take_out(new, was)
    assert new.body[:-1] == [*before, *{"old picture": [old], "as it is": [line]}.get("".join(left), [])]


def test_short_words_are_not_counted(state):
    assert all(edit(state, number, "<p>（路透社）</p>") for number in range(9))


@pytest.mark.parametrize("value", ["x", "[]", "{}", '{"a": 1}', '{"a": [1]}', '{"a": [[], "", "x"]}', "null"])
def test_a_state_that_no_run_wrote_is_begun_anew(state, value):
    state.note_fact("blocks in many stories", value)
    assert edit(state, 1, ADVERT) == [ADVERT]


def test_what_is_remembered_is_bounded(state):
    for number in range(40):
        edit(state, number, *[f"<p>第{number}次编辑加入的第{line}个段落</p>" for line in range(300)])
    assert len(state.fact("blocks in many stories")) < 200_000


@pytest.mark.skipif(not BODIES, reason="the real bodies are not at hand (../shared)")
def test_no_honest_block_stands_in_more_than_two_of_thirty_real_stories():
    """126 bodies of 117 stories, 1,729 blocks: two (0.12 %) are in another of the 30 stories up to their own."""
    blocks = defaultdict(set)
    for body in BODIES:
        day, number = re.search(r"story(\d{8})-(\d+)", body.url).groups()
        blocks[day, int(number)] |= set(_blocks_of(clean_html(body.html)))
    stories = [blocks[key] for key in sorted(blocks)]
    most = [max(Counter(one for story in stories[end - 30 : end] for one in story).values()) for end in range(30, 118)]
    assert (len(BODIES), len(stories), sum(map(len, stories))) == (126, 117, 1729)
    assert max(most) == 2
