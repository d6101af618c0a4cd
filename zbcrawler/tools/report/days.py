"""Stories by day: how many there are, which days are gaps, and how dark each day is drawn."""

from __future__ import annotations

from bisect import bisect, bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import quantiles
from typing import NamedTuple

from zbcrawler.tools.website.stories import rank_of

ALL = "all sections"
LEVELS = 4
"""The number of shades for days with stories."""

_DAY = timedelta(days=1)
# The days on either side that show how many stories are usual.
_AROUND = 28
# If stories come at random, a period that usually has seven stories has none once in a thousand times (e^-7).
_USUAL = 7


class Gap(NamedTuple):
    """Days without stories, from ``first`` to ``last``."""

    first: date
    last: date
    usual: int  # about how many stories the days around the gap have in a period of that length

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def count_days(posts: Iterable[tuple[str, date]]) -> dict[str, Counter[date]]:
    """Return the number of stories by section and day: first ``ALL``, then the sections in the order of the site."""
    found: dict[str, Counter[date]] = defaultdict(Counter)
    for section, day in posts:
        found[section][day] += 1
    return {ALL: sum(found.values(), Counter()), **{section: found[section] for section in sorted(found, key=rank_of)}}


def find_gaps(stories: Mapping[date, int], last: date) -> list[Gap]:
    """Return the gaps in a section, the oldest first.

    A quiet section has days without stories, so the number of stories to expect decides, not the number of days.

    :param stories: by day; days may be missing
    :param last: the last day that should have stories
    """
    days = sorted(day for day, count in stories.items() if count)
    found = []
    for before, after in pairwise([*days, last + _DAY]):
        empty = (after - before).days - 1
        if empty > 0 and (usual := empty * _rate(stories, days[0], last, before, after)) >= _USUAL:
            found.append(Gap(before + _DAY, after - _DAY, round(usual)))
    return found


def levels(counts: Mapping[date, int], gaps: Sequence[Gap], last: date) -> dict[date, str]:
    """Return how each day is drawn, from the section's first to ``last``: a colour of the page's style."""
    some = sorted(counts.values())
    borders = quantiles(some, n=LEVELS) if len(some) > 1 else []
    missed = {gap.first + n * _DAY for gap in gaps for n in range(gap.days)}
    shown = {}
    for day in (min(counts) + n * _DAY for n in range((last - min(counts)).days + 1)):
        count = counts.get(day, 0)
        # If all days have the same number of stories, each gets the middle shade.
        level = 1 + (bisect_left(borders, count) + bisect(borders, count)) // 2 if count else 0
        shown[day] = "gap" if day in missed else f"shade{level}" if level else "none"
    return shown


def week_of(day: date) -> int:
    """Return the number of a day's week in its year, from 0; weeks begin on Mondays."""
    first = date(day.year, 1, 1)
    return ((day - first).days + first.weekday()) // 7


def _rate(stories: Mapping[date, int], first: date, last: date, before: date, after: date) -> float:
    days = (day for n in range(_AROUND) for day in (before - n * _DAY, after + n * _DAY))
    around = [stories.get(day, 0) for day in days if first <= day <= last]
    return sum(around) / len(around)
