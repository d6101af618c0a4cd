from datetime import datetime, timedelta, timezone

import pytest

from zbcrawler.common import times
from zbcrawler.common.times import SINGAPORE


def at(*parts):
    return datetime(*parts, tzinfo=SINGAPORE)


NOW = at(2026, 1, 2, 9, 30)


@pytest.mark.parametrize("value", [1620809580, "1620809580", 1620809580.0, 1620809580000, "1620809580000"])
def test_epoch(value):
    assert times.epoch_time(value) == at(2021, 5, 12, 16, 53)


@pytest.mark.parametrize("value", [None, "", "soon", True, [], {}, 0, -1, 1e30, float("nan"), "1e400"])
def test_no_epoch(value):
    assert times.epoch_time(value) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("05/12/2021 - 16:53", at(2021, 5, 12, 16, 53)),  # the month comes first
        ("2021-05-12T16:53:00+08:00", at(2021, 5, 12, 16, 53)),
        ("2021-05-12T08:53:00Z", at(2021, 5, 12, 16, 53)),
        ("2021-05-12T16:53:00+0800", at(2021, 5, 12, 16, 53)),
        ("2021-05-12T16:53:00.123456789+08:00", at(2021, 5, 12, 16, 53)),
        ("2025-02-22 11:07:00", at(2025, 2, 22, 11, 7)),
        ("2016-01-20T18:38:00", at(2016, 1, 20, 18, 38)),
        ("2016-01-20T18:38", at(2016, 1, 20, 18, 38)),
        (" 2016-01-20T18:38:00 ", at(2016, 1, 20, 18, 38)),
        ("13/12/2021 - 16:53", None),
        ("12/05/2021", None),
        ("2021-13-12T16:53:00", None),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
        (None, None),
        (1620809580, None),
    ],
)
def test_for_machines(text, expected):
    assert times.machine_time(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("发布 / 2020年10月29日 7:38 PM", at(2020, 10, 29, 19, 38)),
        ("发布/ 2023年05月06日 07:38 PM", at(2023, 5, 6, 19, 38)),
        ("发布/ 2023年05月06日 12:05 AM", at(2023, 5, 6, 0, 5)),
        ("发布/ 2023年05月06日 12:05 PM", at(2023, 5, 6, 12, 5)),
        ("发布/2025年2月22日 11:07", at(2025, 2, 22, 11, 7)),
        ("发布/2025年2月22日 23:07", at(2025, 2, 22, 23, 7)),
        ("2017年10月5日 星期四 07:38 PM", at(2017, 10, 5, 19, 38)),
        ("2017年10月5日", at(2017, 10, 5)),
        ("2017年13月5日", None),
        ("发布 /", None),
        (None, None),
    ],
)
def test_beside_a_story(text, expected):
    assert times.byline_time(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("刚刚", NOW),
        ("59分钟前", NOW - timedelta(minutes=59)),
        ("6 分钟前", NOW - timedelta(minutes=6)),
        ("3小时前", NOW - timedelta(hours=3)),
        ("2天前", NOW - timedelta(days=2)),
        ("\n  12分钟前\n ", NOW - timedelta(minutes=12)),
        ("08:15", at(2026, 1, 2, 8, 15)),
        ("23:50", at(2026, 1, 1, 23, 50)),  # not this evening's
        ("09/05/2021", at(2021, 5, 9)),  # the day comes first
        ("01月02日", at(2026, 1, 2)),
        ("12月31日", at(2025, 12, 31)),
        ("2月29日", at(2024, 2, 29)),
        ("2025年2月21日", at(2025, 2, 21)),
        ("12-31", at(2025, 12, 31)),
        ("01-02", at(2026, 1, 2)),
        ("2026-01-01 22:00:00", at(2026, 1, 1, 22)),
        ("99999999999天前", None),
        ("31/02/2021", None),
        ("25:00", None),
        ("", None),
        (None, None),
    ],
)
def test_on_a_listing(text, expected):
    assert times.listing_time(text, NOW.astimezone(timezone.utc)) == expected


def test_new_year():
    just_after = at(2026, 1, 1, 0, 5)
    assert times.listing_time("23:59", just_after) == at(2025, 12, 31, 23, 59)
    assert times.listing_time("12-31", just_after) == at(2025, 12, 31)
    assert times.listing_time("01-01", just_after) == at(2026, 1, 1)


def test_the_site_may_reach_a_new_year_some_minutes_earlier():
    just_before = at(2025, 12, 31, 23, 53)
    assert times.listing_time("01-01", just_before) == at(2026, 1, 1)
    assert times.listing_time("01月01日", just_before) == at(2026, 1, 1)
    assert times.listing_time("01-02", just_before) == at(2025, 1, 2)


def test_written_in_utc():
    assert times.to_utc_text(at(2021, 6, 10, 8, 30)) == "2021-06-10T00:30:00.000Z"
    assert times.to_utc_text(at(2021, 6, 10, 0, 0).replace(microsecond=345678)) == "2021-06-09T16:00:00.345Z"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.9, "59 s"), (60, "1 min"), (6412, "1 h 46 min"), (773_148, "8 d 22 h"), (86_400, "1 d 0 h")],
)
def test_a_length_of_time_is_told_in_its_two_largest_units(seconds, text):
    assert times.rough_time(seconds) == text
