"""Days with and without stories: which of them are gaps, and how the days of a year are drawn."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
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
    found, seen = [], 0
    for before, after in pairwise([*days, last + DAY]):
        seen += stories[before]
        # A few old stories, found by chance, are not the beginning of what is usual.
        if (empty := (after - before).days - 1) > 0 and seen >= _USUAL:
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

    The drawings are data of SVG paths, by the name of a shade.

    :param sections: by name, ``ALL`` first
    :param last: the last day that should have stories
    """
    years: dict[int, dict[str, Counter[date]]] = defaultdict(dict)
    for name, counts in sections.items():
        for day, number in counts.items():
            years[day.year].setdefault(name, Counter())[day] = number
    weeks = {year: Counter(_seventh(day) for day in those[ALL].elements()) for year, those in years.items()}
    level_of_week = _leveller(number for each in weeks.values() for number in each.values())
    begun = {name: min(counts) for name, counts in sections.items()}
    level_of = {name: _leveller(counts.values()) for name, counts in sections.items()}
    after = last.year + 1
    for year in sorted(years, reverse=True):
        if year + 1 < after:
            yield {"name": "–".join(dict.fromkeys((f"{year + 1}", f"{after - 1}"))), "total": 0}
        after, first, end, those = year, date(year, 1, 1), min(last, date(year, 12, 31)), years[year]
        missed = {name: set(_missed(gaps, name, first, end)) for name in those}
        yield {
            "name": f"{year}",
            "total": those[ALL].total(),
            "strip": _strip(weeks[year], {_seventh(day) for days in missed.values() for day in days}, level_of_week),
            "calendars": {
                name: _squares(_days(max(first, begun[name]), end), counts, missed[name], level_of[name])
                for name, counts in those.items()
            },
            "rows": [
                (f"{month}月", *(sum(counts[day] for day in counts if day.month == month) for counts in those.values()))
                for month in range(1, 13)
            ],
        }


def _missed(gaps: Iterable[Gap], name: str, first: date, last: date) -> Iterator[date]:
    for gap in gaps:
        if name in gap.sections or ALL in gap.sections:
            yield from _days(max(first, gap.first), min(last, gap.last))


def _strip(weeks: Mapping[int, int], late: Iterable[int], level_of: Callable[[int], int]) -> dict[str, str]:
    """Draw a column for each seven days of a year, and a line below those with days in a gap."""
    drawing: dict[str, str] = defaultdict(str)
    for week, number in weeks.items():
        level = level_of(number)
        drawing[f"shade{level}"] += f"M{week}.5 4v-{level}"
    drawing["gap"] = "".join(f"M{week} 4.7h1" for week in sorted(late))
    return drawing


def _squares(
    days: Iterable[date], counts: Mapping[date, int], missed: Container[date], level_of: Callable[[int], int]
) -> dict[str, str]:
    """Draw a square for each day of a year, in the column of its week, and a cross for each day in a gap."""
    drawing: dict[str, str] = defaultdict(str)
    for day in days:
        x, y = (day.timetuple().tm_yday - 1 + date(day.year, 1, 1).weekday()) // 7, day.weekday()
        if day in missed:
            drawing["gap"] += f"M{x}.1 {y - 0.35:.2f}l.7.7m0-.7l-.7.7"
        else:
            drawing[f"shade{level_of(counts[day])}" if day in counts else "none"] += f"M{x} {y}h.9"
    return drawing


def _leveller(counts: Iterable[int]) -> Callable[[int], int]:
    """Return the function that gives a count its shade, by the quartiles of all counts."""
    some = sorted(counts)
    borders = quantiles(some, n=_LEVELS) if len(some) > 1 else []
    # If all counts are the same, each gets the middle shade.
    return lambda count: 1 + (bisect_left(borders, count) + bisect_right(borders, count)) // 2


def _days(first: date, last: date) -> Iterator[date]:
    return (first + number * DAY for number in range((last - first).days + 1))


def _seventh(day: date) -> int:
    """Return in which seven days of its year a day is, from 0 to 51; one or two have eight days."""
    return (day.timetuple().tm_yday - 1) * 52 // 366
