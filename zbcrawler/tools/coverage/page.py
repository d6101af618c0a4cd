"""The report: one page that needs no other file."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from html import escape
from itertools import groupby, pairwise
from pathlib import Path
from statistics import median

from zbcrawler.archive.store import Archive
from zbcrawler.common.times import SINGAPORE
from zbcrawler.tools.coverage import charts
from zbcrawler.tools.coverage.days import ALL, LEVELS, Gap, count_days, find_gaps, levels
from zbcrawler.tools.coverage.facts import History, PostFacts, read_facts, read_history
from zbcrawler.tools.coverage.markup import bars, chart, document, table
from zbcrawler.tools.verifying.findings import Tally
from zbcrawler.tools.website.stories import rank_of

# Rows of a list of stories; the notes have the others.
_MOST = 500
# Years that are shown opened, with a number for each day.
_OPEN = 2
_LENGTHS = (100, 200, 300, 400, 500, 600, 800, 1000, 1500, 2000, 3000)
_HOURS = (1, 2, 3, 6, 12, 24, 48, 24 * 7, 24 * 30)

_Days = Mapping[str, Counter[date]]
_Gaps = Mapping[str, Sequence[Gap]]


def write_report(root: Path, file: Path, checked: Tally, now: datetime) -> None:
    """Write the report of an archive, whole or not at all.

    :param now: aware
    :raises GitError: if git cannot read the archive's history
    :raises OSError: if a post cannot be read, or the file cannot be written
    """
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(_report(root, checked, now.astimezone(SINGAPORE)), "utf-8")
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def _report(root: Path, checked: Tally, now: datetime) -> str:
    posts, history, notes, today = list(read_facts(root)), read_history(root), Archive(root).notes, now.date()
    owed, gone = list(notes.owed.reasons()), list(notes.absent.reasons())
    days = count_days((post.section, post.time.date()) for post in posts if post.time.date() <= today)
    # Today is not over.
    until = max(max(days[ALL], default=today), today - timedelta(days=1))
    gaps = {section: find_gaps(counts, until) for section, counts in days.items()}
    ahead = sum(post.time.date() > today for post in posts)
    figures = {
        "stories": f"{len(posts):,}",
        "sections": len(days) - 1,
        "first day": min(days[ALL], default="–"),
        "last day": max(days[ALL], default="–"),
        "gaps": sum(map(len, gaps.values())),
        "owed": len(owed),
        "gone": len(gone),
        "findings": checked.wrong.total(),
    }
    title = f"Coverage of {root.resolve().name}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="quiet">As of {now:%Y-%m-%d %H:%M}. All days and hours are in Singapore time.</p>',
        f"<dl>{''.join(f'<div><dt>{name}</dt><dd>{value}</dd></div>' for name, value in figures.items())}</dl>",
        "<h2>Stories per day</h2>",
        *(_calendars(days, gaps) if days[ALL] else ["<p>The archive has no story yet.</p>"]),
        *([f"<p>{ahead:,} more stories are dated in the future.</p>"] if ahead else []),
        *_gaps(gaps),
        *_hours(posts),
        *_lengths(posts),
        *_history(posts, history),
        *_missing("Owed", "Listed, but not available so far; runs keep trying.", owed),
        *_missing("Gone", "Listed by the site, but never served, or withdrawn later.", gone),
        *_findings(checked),
    ]
    return document(title, "\n".join(parts))


def _calendars(days: _Days, gaps: _Gaps) -> Iterator[str]:
    last = max(*days[ALL], *(gap.last for those in gaps.values() for gap in those), date.min)
    drawn = {section: levels(counts, gaps[section], last) for section, counts in days.items()}
    shades = "".join(f'<span style="background:var(--shade{n})"></span>' for n in range(1, LEVELS + 1))
    yield (
        f'<p class="key quiet">A square is a day:<span style="background:var(--none)"></span>none{shades}few to many, '
        'by the section\'s own quartiles<span style="background:var(--gap)"></span>× a gap, where stories were '
        "expected</p>"
    )
    for place, year in enumerate(sorted({day.year for day in drawn[ALL]}, reverse=True)):
        shown = {section: cells for section, cells in drawn.items() if any(day.year == year for day in cells)}
        # Days of a decade would be most of the page.
        those = [day for day in drawn[ALL] if day.year == year]
        numbers = _in_numbers(days, shown, those, "%Y-%m-%d" if place < _OPEN else "%Y-%m")
        total = sum(count for day, count in days[ALL].items() if day.year == year)
        yield (
            f"<details{' open' * (place < _OPEN)}><summary>{year}: {total:,} stories</summary>\n"
            f"{chart(f'Calendar of {year}', charts.calendar(year, shown))}\n"
            f"<details><summary>{year} in numbers</summary>{numbers}</details></details>"
        )


def _in_numbers(days: _Days, sections: Iterable[str], those: Sequence[date], period: str) -> str:
    """:param period: ``strftime`` format of the day, or of the month, that a row counts"""
    head = ["day" if "d" in period else "month", *sections]
    groups = [(when, list(each)) for when, each in groupby(those, lambda day: format(day, period))]
    return table(
        head, ((when, *(sum(days[section][day] for day in each) for section in sections)) for when, each in groups)
    )


def _gaps(gaps: _Gaps) -> Iterator[str]:
    yield "<h2>Gaps</h2>"
    yield '<p class="quiet">Days without a story, although the four weeks before and after suggest seven or more.</p>'
    rows = [
        (section, f"{gap.first}", f"{gap.last}", gap.days, f"about {gap.usual:,}")
        for section, those in gaps.items()
        for gap in those
    ]
    yield table(["section", "from", "to", "days", "stories expected"], rows) if rows else "<p>None.</p>"


def _hours(posts: Sequence[PostFacts]) -> Iterator[str]:
    counts = Counter(post.time.hour for post in posts)
    yield "<h2>Hours of the day</h2>"
    yield from bars([(f"{hour}", {"stories": counts[hour]}) for hour in range(24)], "hour", ["stories"])


def _lengths(posts: Sequence[PostFacts]) -> Iterator[str]:
    yield "<h2>Lengths</h2>"
    yield '<p class="quiet">Letters, digits and Chinese characters of a body.</p>'
    yield from bars(_histogram(_LENGTHS, (post.length for post in posts)), "characters", ["stories"])
    sections: dict[str, list[int]] = defaultdict(list)
    for post in posts:
        sections[post.section].append(post.length)
    ranked = [(section, sections[section]) for section in sorted(sections, key=rank_of)]
    yield table(
        ["section", "stories", "shortest", "median", "longest"],
        ((section, len(those), min(those), round(median(those)), max(those)) for section, those in ranked),
    )


def _history(posts: Sequence[PostFacts], history: History | None) -> Iterator[str]:
    yield "<h2>Edits and retitles</h2>"
    if history is None:
        yield "<p>The archive is in no git repository, so its history is not known.</p>"
        return
    if history.cut:
        yield "<p>This clone is shallow: its older commits are missing and not counted.</p>"
    yield (
        '<p class="quiet">Stories that a later commit changed, by month of the commit; retitled ones (the lighter '
        "bars) are among them.</p>"
    )
    months = sorted(history.edits)
    rows = [(month, {"changed": history.edits[month], "retitled": history.retitles[month]}) for month in months]
    yield from bars(rows, "month", ["changed", "retitled"]) if rows else ["<p>None.</p>"]
    yield "<h2>From publication to the first commit</h2>"
    waits = [
        (history.first[post.path] - post.published).total_seconds() / 3600
        for post in posts
        if post.published and post.path in history.first
    ]
    yield f'<p class="quiet">Hours, of the {len(waits):,} stories that git knows and that have a time of the site.</p>'
    if waits:
        yield f"<p>Median: {median(waits):,.1f} hours.</p>"
        yield from bars(_histogram(_HOURS, waits), "hours", ["stories"])


def _missing(name: str, about: str, stories: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    yield f'<h2>{name}</h2>\n<p class="quiet">{about}</p>'
    yield table(["story", "why", "since"], stories[:_MOST], "words") if stories else "<p>None.</p>"
    if len(stories) > _MOST:
        yield f"<p>And {len(stories) - _MOST:,} more.</p>"


def _findings(checked: Tally) -> Iterator[str]:
    yield "<h2>Findings</h2>"
    yield f'<p class="quiet">What scrapy verify found in {checked.files:,} files.</p>'
    kinds = (("wrong", checked.wrong), ("warning", checked.warnings))
    rows = [(rule, kind, count) for kind, counts in kinds for rule, count in sorted(counts.items())]
    yield table(["rule", "kind", "files"], rows) if rows else "<p>None.</p>"


def _histogram(borders: Sequence[int], values: Iterable[float]) -> list[tuple[str, dict[str, int]]]:
    """Count the values below the first border, between each two, and from the last border on."""
    counts = Counter(sum(value >= border for border in borders) for value in values)
    between = [f"{low:,}–{high:,}" for low, high in pairwise(borders)]
    labels = [f"<{borders[0]:,}", *between, f"≥{borders[-1]:,}"]
    return [(label, {"stories": counts[place]}) for place, label in enumerate(labels)]
