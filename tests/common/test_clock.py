from datetime import datetime, timedelta, timezone

import pytest

from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.times import Clock


def test_stands_where_it_was_set_until_it_is_moved():
    clock = Clock.parse("2026-01-31T08:00:00+08:00")
    assert clock.now() == datetime(2026, 1, 31, 0, 0, tzinfo=timezone.utc)
    clock.advance(timedelta(minutes=30))
    assert clock.now() == datetime(2026, 1, 31, 0, 30, tzinfo=timezone.utc)


def test_otherwise_follows_the_machine():
    before = datetime.now(timezone.utc)
    assert before <= Clock.parse("").now() <= datetime.now(timezone.utc)


@pytest.mark.parametrize("text", ["now", "2026-01-31T08:00:00", "2026-01-31", "31.1.2026"])
def test_needs_a_time_with_a_zone(text):
    with pytest.raises(ArgumentError, match="2026-01-31T08:00:00\\+08:00"):
        Clock.parse(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1969-12-31T23:59:59Z"])
def test_needs_a_time_that_all_zones_have(text):
    with pytest.raises(ArgumentError, match="1970 to 2199"):
        Clock.parse(text)
