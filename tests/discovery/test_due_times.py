"""When stories are requested again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.crawling import MOMENT

from zbcrawler.discovery.due_times import REPEATS, before_retry, look_due, published_at

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEK = 7 * DAY


@pytest.mark.parametrize(
    ("fetched", "now", "due"),
    [
        # Age at the last look, age now: a look is due when a quarter of the former has passed, but not before 10 minutes.
        (10 * MINUTE, 19 * MINUTE, None),
        (10 * MINUTE, 21 * MINUTE, 20 * MINUTE),
        (4 * HOUR, 4 * HOUR + 59 * MINUTE, None),
        (4 * HOUR, 5 * HOUR, 5 * HOUR),
        (4 * DAY, 5 * DAY - MINUTE, None),
        (4 * DAY, 6 * DAY, 5 * DAY),
        # The last look is at the end of the window, and not made up for after days.
        (6 * DAY, 7 * DAY - MINUTE, None),
        (6 * DAY, 7 * DAY + HOUR, 7 * DAY),
        (6 * DAY, 9 * DAY, 7 * DAY),
        (6 * DAY, 10 * DAY + MINUTE, None),
        (7 * DAY - MINUTE, 7 * DAY + MINUTE, None),
        (7 * DAY - MINUTE, 7 * DAY + 9 * MINUTE, 7 * DAY + 9 * MINUTE),
        (7 * DAY, 8 * DAY, None),
        # The clock was wrong when the page was fetched.
        (3 * DAY, 2 * DAY, timedelta()),
        (300 * DAY, 2 * DAY, timedelta()),
        # The story was dated after it was fetched.
        (-HOUR, -51 * MINUTE, None),
        (-HOUR, -50 * MINUTE, -50 * MINUTE),
    ],
)
def test_a_look_is_due_when_the_age_has_grown_and_at_the_end_of_the_window(fetched, now, due):
    found = look_due(MOMENT, MOMENT + fetched, MOMENT + now, WEEK, 0.25)
    assert found == (None if due is None else MOMENT + due)


@pytest.mark.parametrize(("now", "due"), [(timedelta(), True), (6 * DAY, True), (11 * DAY, False)])
def test_without_growth_each_run_looks(now, due):
    assert (look_due(MOMENT, MOMENT + now, MOMENT + now, WEEK, 0) is not None) == due


def test_a_story_costs_few_looks_most_of_them_in_the_first_hours():
    looks = [MOMENT + 5 * MINUTE]
    now = looks[0]
    while (now := now + 15 * MINUTE) < MOMENT + 30 * DAY:
        if look_due(MOMENT, looks[-1], now, WEEK, 0.25):
            looks.append(now)
    ages = [look - MOMENT for look in looks[1:]]
    assert len(ages) < 30
    assert sum(age < 12 * HOUR for age in ages) > len(ages) / 2
    assert WEEK <= ages[-1] <= WEEK + 15 * MINUTE


def test_repeats_begin_with_the_next_run_and_pause_ever_longer():
    assert [before_retry(repeats) / MINUTE for repeats in range(REPEATS)] == [0, 10, 20, 40, 80]


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        (-HOUR, -HOUR),
        (-60 * HOUR, -60 * HOUR),
        (-3650 * DAY, -12 * HOUR),
        (-100 * 365 * DAY, -12 * HOUR),
        (HOUR, timedelta()),
        (3650 * DAY, -12 * HOUR),
        (None, -12 * HOUR),
    ],
)
def test_a_page_whose_time_contradicts_its_address_is_as_old_as_the_address(published, expected):
    moment = None if published is None else MOMENT + published
    assert published_at(moment, MOMENT.date(), MOMENT) == MOMENT + expected
