"""Days with and without stories: which of them are gaps, and how the days of a year are drawn."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import mean, quantiles
from typing import Any, NamedTuple

ALL = "全部版块"
DAY = timedelta(days=1)
_LEVELS = 4  # the number of shades
_AROUND = 28  # the days on either side that show how many stories are usual
# If stories come at random, a period that usually has seven stories has none once in a thousand times (e^-7).
_USUAL = 7


class Gap(NamedTuple):
    """Days without stories, from ``first`` to ``last``."""

    first: date
    last: date
    usual: float  # about how many stories the days around the gap have in a period of that length
    sections: tuple[str, ...] = (ALL,)  # their names

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def find_gaps(stories: Mapping[date, int], last: date) -> list[Gap]:
    """Return the gaps in a section, the oldest first.

    A quiet section has days without stories, so the number of stories to expect decides, not the number of days.

    :param stories: by day; days may be missing
    :param last: the last day that should have stories
    """
    days = sorted(day for day, count in stories.items() if count)
    found = []
    for before, after in pairwise([*days, last + DAY]):
        if (empty := (after - before).days - 1) > 0:
            near = [before - n * DAY for n in range(min(_AROUND, (before - days[0]).days + 1))]
            near += [after + n * DAY for n in range(min(_AROUND, (last - after).days + 1))]
            usual = empty * mean(stories.get(day, 0) for day in near)
            if usual >= _USUAL:
                found.append(Gap(before + DAY, after - DAY, usual))
    return found


def list_gaps(sections: Mapping[str, Counter[date]], last: date) -> list[Gap]:
    """Return each gap once: those of all sections together, then what single sections lack on other days."""
    common = find_gaps(sum(sections.values(), Counter()), last)
    if len(sections) < 2:
        return common
    own = (gap._replace(sections=(name,)) for name, counts in sections.items() for gap in find_gaps(counts, last))
    return [*common, *(part for gap in own for part in _outside(gap, common))]


def _outside(gap: Gap, others: Sequence[Gap]) -> Iterator[Gap]:
    """Yield the parts of a gap between ``others`` that are long enough to be gaps themselves."""
    first = gap.first
    inner = [(other.first, other.last) for other in others if other.first <= gap.last and other.last >= gap.first]
    for start, end in [*inner, (gap.last + DAY, gap.last)]:
        days = (start - first).days
        if (usual := gap.usual * days / gap.days) >= _USUAL:
            yield gap._replace(first=first, last=start - DAY, usual=usual)
        first = end + DAY


def join_gaps(gaps: Iterable[Gap]) -> Iterator[Gap]:
    """Yield the gaps, as one those of several sections that share more than half of their days."""
    recent: list[Gap] = []
    for gap in sorted(gaps, key=lambda gap: gap[:2]):
        yield from (one for one in recent if one.last < gap.first)
        recent = [one for one in recent if one.last >= gap.first]
        for place, one in enumerate(recent):
            last = max(one.last, gap.last)
            if 2 * (min(one.last, gap.last) - gap.first + DAY) > last - one.first + DAY:
                recent[place] = Gap(one.first, last, one.usual + gap.usual, (*one.sections, *gap.sections))
                break
        else:
            recent.append(gap)
    yield from recent


def draw_years(sections: Mapping[str, Counter[date]], gaps: Sequence[Gap], last: date) -> Iterator[dict[str, Any]]:
    """Yield what is drawn and listed of each year, the newest first; of empty years in a row only their name.

    The drawings are data of SVG paths, by the name of a shade: a strip of weeks, and squares of weeks and weekdays.

    :param sections: by name, ``ALL`` first
    :param last: the last day that should have stories
    """
    years: dict[int, dict[str, Counter[date]]] = defaultdict(dict)
    weeks: dict[int, Counter[int]] = defaultdict(Counter)
    for name, counts in sections.items():
        for day, number in counts.items():
            years[day.year].setdefault(name, Counter())[day] = number
    for year, those in years.items():
        for day, number in those[ALL].items():
            weeks[year][_seventh(day)] += number
    level_of_week = _leveller(number for each in weeks.values() for number in each.values())
    known = {name: (min(counts), _leveller(counts.values())) for name, counts in sections.items()}
    after = last.year + 1
    for year in sorted(years, reverse=True):
        if year + 1 < after:
            yield {"name": "–".join(dict.fromkeys((f"{year + 1}", f"{after - 1}"))), "total": 0}
        after, first, end = year, date(year, 1, 1), min(last, date(year, 12, 31))
        strip: dict[str, str] = defaultdict(str)
        for week, number in weeks[year].items():
            level = level_of_week(number)
            strip[f"shade{level}"] += f"M{week}.5 4v-{level}"
        calendars, late, months = {}, set(), Counter[tuple[str, int]]()
        for name, counts in years[year].items():
            begun, level_of = known[name]
            own = [gap for gap in gaps if {name, ALL} & {*gap.sections}]
            missed = {day for gap in own for day in _days(max(first, gap.first), min(end, gap.last))}
            late |= {_seventh(day) for day in missed}
            calendars[name] = squares = defaultdict[str, str](str)
            for day in _days(max(first, begun), end):
                x, y = _week_of(day), day.weekday()
                if number := counts[day]:
                    months[name, day.month] += number
                    squares[f"shade{level_of(number)}"] += f"M{x} {y}h.9"
                elif day in missed:
                    squares["gap"] += f"M{x}.1 {y - 0.35:.2f}l.7.7m0-.7l-.7.7"
                else:
                    squares["none"] += f"M{x} {y}h.9"
        strip["gap"] = "".join(f"M{week} 4.7h1" for week in sorted(late))
        rows = [(f"{month}月", *(months[name, month] for name in calendars)) for month in range(1, 13)]
        yield {
            "name": f"{year}",
            "total": years[year][ALL].total(),
            "strip": strip,
            "calendars": calendars,
            "rows": rows,
        }


def _leveller(counts: Iterable[int]) -> Callable[[int], int]:
    """Return the function that gives a count its shade, by the quartiles of all counts."""
    some = sorted(counts)
    borders = quantiles(some, n=_LEVELS) if len(some) > 1 else []
    # If all counts are the same, each gets the middle shade.
    return lambda count: 1 + (bisect_left(borders, count) + bisect_right(borders, count)) // 2


def _days(first: date, last: date) -> Iterator[date]:
    return (first + number * DAY for number in range((last - first).days + 1))


def _seventh(day: date) -> int:
    """Return in which seven days of its year a day is, from 0; the last ones are eight or nine."""
    return min((day.timetuple().tm_yday - 1) // 7, 51)


def _week_of(day: date) -> int:
    """Return the number of a day's week in its year, from 0; weeks begin on Mondays."""
    return (day.timetuple().tm_yday - 1 + date(day.year, 1, 1).weekday()) // 7
