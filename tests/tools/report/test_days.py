"""Which empty days are gaps."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from zbcrawler.tools.report.calendar import Gap, find_gaps, join_gaps, list_gaps

FIRST = date(2025, 1, 1)


def day(number):
    return FIRST + timedelta(days=number)


def stories(each, days, without=()):
    return {day(number): each for number in range(days) if number not in without}


@pytest.mark.parametrize(
    ("each", "without", "found"),
    [
        (20, {50}, [(50, 50, 20)]),
        (3, {50}, []),  # three fewer than usual are no wonder
        (3, {50, 51, 52}, [(50, 52, 9)]),
        (20, set(range(40, 60)), [(40, 59, 400)]),
        (20, {50, 70}, [(50, 50, 20), (70, 70, 20)]),
        (20, {99}, [(99, 99, 20)]),  # the section has ended, or is no longer read
        (20, {0, 1}, []),  # it begins later
    ],
)
def test_days_without_stories_are_a_gap_where_seven_were_to_be_expected(each, without, found):
    gaps = find_gaps(stories(each, 100, without), day(99))
    assert [(gap.first, gap.last) for gap in gaps] == [(day(first), day(last)) for first, last, _ in found]
    assert [gap.usual for gap in gaps] == pytest.approx([usual for _, _, usual in found], rel=0.1)


def test_a_section_that_has_a_story_a_week_is_not_full_of_gaps():
    weekly = {day(number): 1 for number in range(0, 364, 7)}
    assert find_gaps(weekly, day(363)) == []
    for number in range(70, 154, 7):
        del weekly[day(number)]
    assert [(gap.first, gap.last) for gap in find_gaps(weekly, day(363))] == [(day(64), day(153))]


def test_a_long_outage_does_not_make_its_days_usual():
    (gap,) = find_gaps(stories(30, 400, set(range(100, 292))), day(399))
    assert gap == Gap(day(100), day(291), 192 * 30)
    assert gap.days == 192


def test_a_few_old_stories_long_before_all_others_begin_no_gap():
    new = {day(number): 40 for number in range(400, 410)}
    assert find_gaps({FIRST: 3, day(50): 3, **new}, day(409)) == []
    assert [gap.first for gap in find_gaps({FIRST: 3, day(50): 4, **new}, day(409))] == [day(51)]


def test_the_rate_is_that_of_the_time():
    grown = {**stories(2, 200, {50}), **{day(number): 40 for number in range(200, 400)}}
    assert find_gaps(grown, day(399)) == []


def test_nothing_has_no_gaps():
    assert find_gaps({}, FIRST) == []
    assert find_gaps({FIRST: 1}, FIRST) == []


def listed(sections, last=99):
    gaps = join_gaps(list_gaps({name: Counter(days) for name, days in sections.items()}, day(last)))
    return [(gap.sections, gap.first, gap.last, round(gap.usual)) for gap in gaps]


@pytest.mark.parametrize(
    ("sections", "found"),
    [
        # What all sections lack is listed once, and not again for each.
        ({"甲": stories(20, 100, {50}), "乙": stories(10, 100, {50})}, [(("全部版块",), 50, 50, 30)]),
        # None of the two would have a gap of its own.
        ({"甲": stories(5, 100, {50}), "乙": stories(5, 100, {50})}, [(("全部版块",), 50, 50, 10)]),
        # A section that lacks more has a gap for the other days only, and not for a single one.
        (
            {"甲": stories(4, 100, range(40, 60)), "乙": stories(4, 100, range(45, 61))},
            [(("甲",), 40, 44, 20), (("全部版块",), 45, 59, 114)],
        ),
        # Some of the sections lack about the same days.
        (
            {
                name: stories(4, 100, without)
                for name, without in {"甲": range(40, 60), "乙": range(42, 61), "丙": ()}.items()
            },
            [(("甲", "乙"), 40, 60, 156)],
        ),
        # Two gaps that share few days are two.
        (
            {
                name: stories(4, 100, without)
                for name, without in {"甲": range(40, 60), "乙": range(58, 80), "丙": ()}.items()
            },
            [(("甲",), 40, 59, 80), (("乙",), 58, 79, 88)],
        ),
        ({"甲": stories(20, 100, {50})}, [(("全部版块",), 50, 50, 20)]),
        ({}, []),
    ],
)
def test_each_gap_is_listed_once(sections, found):
    assert listed(sections) == [(names, day(first), day(last), usual) for names, first, last, usual in found]
