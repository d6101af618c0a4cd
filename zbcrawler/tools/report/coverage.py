"""What an archive covers and what it lacks: the values of the template ``coverage.html``."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from typing_extensions import Self

from zbcrawler.common.times import SINGAPORE
from zbcrawler.tools.report.calendar import ALL, DAY, draw_years, join_gaps, list_gaps
from zbcrawler.tools.website.sections import label_of, rank_of

FOLDER = Path(__file__).parent
"""The folder of the templates: ``coverage.html`` is the text, ``coverage.css`` its style."""

_MOST = 500  # a list has at most this many rows
_MOST_SECTIONS = 12  # the largest; the others are counted together
_OTHERS = "其余版块"
# The borders between bars, and their names after the first, 0. Below the chart, a phone has room for every second one.
_LENGTHS = (100, 200, 300, 400, 500, 600, 800, 1000, 1500, 2000, 3000)
_MINUTES = (5, 10, 15, 30, 60, 120, 360, 1440, 10080)
_MINUTE_NAMES = ("5分", "10分", "15分", "30分", "1小时", "2小时", "6小时", "1天", "7天")


class ReportedPost(NamedTuple):
    """What the report needs of a post."""

    time: datetime  # the post's date, in Singapore's zone
    section: str  # such as ``realtime/china``
    length: int  # letters, digits and Han characters of the body
    published: datetime | None = None  # the site's own time (aware), None if the site gave none
    seen: datetime | None = None  # when a realtime run committed the story as new (aware), None if no such run did


class PostCounts(NamedTuple):
    """What the report counts of posts."""

    days: Mapping[str, Counter[date]]  # by section, the posts of each day
    lengths: Mapping[str, Counter[int]]  # by section, the posts of each length
    hours: Counter[int]  # the posts of each hour of the day
    waits: Counter[int]  # the posts by the minutes from the site's own time to the realtime run that committed them

    @classmethod
    def of(cls, posts: Iterable[ReportedPost]) -> Self:
        """Count posts, in any order; the memory grows with days and sections, not with posts."""
        counts = cls(defaultdict(Counter), defaultdict(Counter), Counter(), Counter())
        for post in posts:
            counts.days[post.section][post.time.date()] += 1
            counts.lengths[post.section][post.length] += 1
            counts.hours[post.time.hour] += 1
            if post.seen and post.published and post.seen >= post.published:
                counts.waits[(post.seen - post.published) // timedelta(minutes=1)] += 1
        return counts


class EditCounts(NamedTuple):
    """What git knows of edits."""

    months: Mapping[str, tuple[int, int]]  # by month (``2026-01``): the number of edits, and of those of a title
    is_cut: bool = False  # older commits are missing (a shallow clone)


class Bars(NamedTuple):
    """A chart of bars, and its numbers as rows of a table."""

    rows: Sequence[tuple[str, int] | tuple[str, int, int]]  # label, count, and a count within the first
    ticks: Sequence[str]  # the labels below the bars, at equal distances
    top: int  # the value of the upper line; the lower line has half of this value


def describe_coverage(
    posts: PostCounts,
    edits: EditCounts | None,
    owed: Iterable[tuple[str, str, str]],
    absent: Iterable[tuple[str, str, str]],
    now: datetime,
    checked: tuple[int, Mapping[str, Counter[str]]] | None = None,
) -> dict[str, Any]:
    """Return the values of ``coverage.html``.

    :param edits: None if the archive is in no repository, or has no commit
    :param owed: address, reason and time of each note, as ``NotesOfKind.reasons`` yields them; ``absent`` likewise
    :param now: aware
    :param checked: how many files ``scrapy verify`` checked, and by kind the number of findings by rule
    """
    now = now.astimezone(SINGAPORE)
    days, lengths, hours, waits = posts
    past = {name: Counter({day: counts[day] for day in counts if day <= now.date()}) for name, counts in days.items()}
    days = {name: counts for name, counts in past.items() if counts}
    largest = sorted(lengths, key=lambda section: -lengths[section].total())[:_MOST_SECTIONS]
    sizes, sections = _by_name(lengths, largest), _by_name(days, largest)
    total = sum(sections.values(), Counter[date]())
    # Today may still get stories, so a gap ends yesterday at the latest.
    until = max(max(total, default=now.date()), now.date() - DAY)
    gaps = list_gaps(sections, until)
    drawn = {ALL: total} | (sections if len(sections) > 1 else {}) | {ALL: total}
    return {
        "now": now,
        "stories": hours.total(),
        "ahead": hours.total() - total.total(),
        "first": min(total, default="–"),
        "last": max(total, default="–"),
        "years": list(draw_years(drawn, gaps, until)) if total else [],
        "gaps": sorted(join_gaps(gaps), reverse=True),
        "hours": _bars([(f"{hour}时", hours[hour]) for hour in range(24)], ("0时", "6时", "12时", "18时")),
        "lengths": _histogram(_LENGTHS, [f"{border:,}" for border in _LENGTHS], sum(sizes.values(), Counter[int]())),
        "sections": [(name, those.total(), min(those), median(those), max(those)) for name, those in sizes.items()],
        "edits": edits,
        "months": _months(edits.months) if edits and edits.months else None,
        "waits": _histogram(_MINUTES, _MINUTE_NAMES, waits),
        "waited": waits.total(),
        "median_wait": median(waits),
        "owed": list(owed),
        "absent": list(absent),
        "checked": checked,
        "most": _MOST,
    }


def _by_name(counts: Mapping[str, Counter[Any]], largest: Container[str]) -> dict[str, Counter[Any]]:
    """Return counts by the name of a section, in the order of the site; all but the largest sections as one."""
    found: dict[str, Counter[Any]] = {}
    for section in sorted(counts, key=lambda one: (one not in largest, rank_of(one))):
        found.setdefault(label_of(section) if section in largest else _OTHERS, Counter()).update(counts[section])
    return found


def median(counts: Counter[int]) -> int:
    """Return the middle one of counted values, 0 if there is none."""
    middle, below = counts.total() / 2, 0
    return next((value for value in sorted(counts) if (below := below + counts[value]) >= middle), 0)


def _histogram(borders: Sequence[int], names: Sequence[str], values: Counter[int]) -> Bars:
    """Count the values below the first border, between each two, and from the last border on."""
    counts = Counter[int]()
    for value, number in values.items():
        counts[bisect_right(borders, value)] += number
    labels = [*(f"{low}–{high}" for low, high in pairwise(("0", *names))), f"≥{names[-1]}"]
    return _bars([(label, counts[place]) for place, label in enumerate(labels)], ("0", *names)[::2])


def _months(edits: Mapping[str, tuple[int, int]]) -> Bars:
    """Return a bar for each month of the years with edits."""
    years = range(int(min(edits)[:4]), int(max(edits)[:4]) + 1)
    rows = [(month, *edits.get(month, (0, 0))) for year in years for month in (f"{year}-{n:02}" for n in range(1, 13))]
    step = len(years) // 12 + 1
    return _bars(rows, [f"{year}" if place % step == 0 else "" for place, year in enumerate(years)])


def _bars(rows: Sequence[tuple[str, int] | tuple[str, int, int]], ticks: Sequence[str]) -> Bars:
    highest = max(row[1] for row in rows)
    # Half of each of these numbers is a whole number, so no two lines have the same label.
    steps = (step * 10**power for power in count() for step in (2, 4, 6, 8, 10))
    return Bars(rows, ticks, next(step for step in steps if step >= highest))
