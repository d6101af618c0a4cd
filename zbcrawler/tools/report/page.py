"""The report: one page that needs no other file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from operator import methodcaller
from pathlib import Path
from statistics import median
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from zbcrawler.archive.archive import Archive
from zbcrawler.common.times import SINGAPORE
from zbcrawler.tools.report.days import ALL, LEVELS, Gap, count_days, find_gaps, levels, week_of
from zbcrawler.tools.report.facts import read_facts, read_history
from zbcrawler.tools.verifying.findings import Tally
from zbcrawler.tools.website.stories import rank_of

# A list of stories has at most this many rows; the notes have all.
_MOST = 500
# This many years are shown open, with a number for each day. The days of ten years would fill most of the page.
_OPEN = 2
_LENGTHS = (100, 200, 300, 400, 500, 600, 800, 1000, 1500, 2000, 3000)
_HOURS = (1, 2, 3, 6, 12, 24, 48, 24 * 7, 24 * 30)
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def make_coverage_report(root: Path, checked: Tally, now: datetime) -> str:
    """Return the report of an archive as HTML.

    :param now: aware
    :raises GitError: if git cannot read the archive's history
    :raises OSError: if a post cannot be read
    """
    now = now.astimezone(SINGAPORE)
    posts, history, notes, today = list(read_facts(root)), read_history(root), Archive(root).notes, now.date()
    days = count_days((post.section, post.time.date()) for post in posts if post.time.date() <= today)
    # Today may still get stories, so a gap ends yesterday at the latest.
    until = max(max(days[ALL], default=today), today - timedelta(days=1))
    gaps = {section: find_gaps(counts, until) for section, counts in days.items()}
    hours = Counter(post.time.hour for post in posts)
    lengths: dict[str, list[int]] = defaultdict(list)
    for post in posts:
        lengths[post.section].append(post.length)
    kinds = {"wrong": checked.wrong, "warning": checked.warnings}
    return _TEMPLATES.get_template("report.html").render(
        title=f"Coverage of {root.resolve().name}",
        now=now,
        posts=posts,
        days=days,
        all_days=sorted(days[ALL]),
        years=list(_years(days, gaps)) if days[ALL] else [],
        levels=range(1, LEVELS + 1),
        ahead=len(posts) - days[ALL].total(),
        gaps=[
            (section, gap.first, gap.last, gap.days, f"about {gap.usual:,}")
            for section, those in gaps.items()
            for gap in those
        ],
        hours=[(f"{hour}", hours[hour]) for hour in range(24)],
        lengths=_histogram(_LENGTHS, (post.length for post in posts)),
        sections=[
            (section, len(those), min(those), round(median(those)), max(those))
            for section, those in sorted(lengths.items(), key=lambda item: rank_of(item[0]))
        ],
        history=history,
        edits=sorted((month, count, history.retitles[month]) for month, count in history.edits.items())
        if history
        else [],
        waits=[
            (first - post.published).total_seconds() / 3600
            for post in posts
            if history and post.published and (first := history.first.get(post.path))
        ],
        owed=list(notes.owed.reasons()),
        gone=list(notes.absent.reasons()),
        most=_MOST,
        findings=[(rule, kind, count) for kind, counts in kinds.items() for rule, count in sorted(counts.items())],
        checked=checked,
        hour_borders=_HOURS,
        histogram=_histogram,
        median=median,
        week_of=week_of,
    )


def _years(days: Mapping[str, Counter[date]], gaps: Mapping[str, Sequence[Gap]]) -> Iterator[dict[str, Any]]:
    """Yield the calendar of each year, the newest first, and its numbers by day, or by month in older years."""
    last = max(*days[ALL], *(gap.last for those in gaps.values() for gap in those), date.min)
    drawn = {section: levels(counts, gaps[section], last) for section, counts in days.items()}
    for place, year in enumerate(sorted({day.year for day in drawn[ALL]}, reverse=True)):
        shown = {section: cells for section, cells in drawn.items() if any(day.year == year for day in cells)}
        row, period = ("day", "%Y-%m-%d") if place < _OPEN else ("month", "%Y-%m")
        those = groupby((day for day in drawn[ALL] if day.year == year), methodcaller("strftime", period))
        groups = [(when, list(each)) for when, each in those]
        yield {
            "name": year,
            "is_open": place < _OPEN,
            "total": sum(count for day, count in days[ALL].items() if day.year == year),
            "months": [date(year, month, 1) for month in range(1, 13)],
            "sections": {
                name: [cell for cell in cells.items() if cell[0].year == year] for name, cells in shown.items()
            },
            "head": [row, *shown],
            "rows": [(when, *(sum(days[name][day] for day in each) for name in shown)) for when, each in groups],
        }


def _histogram(borders: Sequence[int], values: Iterable[float]) -> list[tuple[str, int]]:
    """Count the values below the first border, between each two, and from the last border on."""
    counts = Counter(sum(value >= border for border in borders) for value in values)
    between = [f"{low:,}–{high:,}" for low, high in pairwise(borders)]
    labels = [f"<{borders[0]:,}", *between, f"≥{borders[-1]:,}"]
    return [(label, counts[place]) for place, label in enumerate(labels)]
