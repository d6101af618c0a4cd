"""The report: one page that holds all it needs."""

from __future__ import annotations

from bisect import bisect, bisect_left
from collections import Counter, defaultdict
from datetime import date, timedelta
from html import escape
from itertools import pairwise
from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple

from zbcrawler.common.times import SINGAPORE
from zbcrawler.tools.coverage import charts
from zbcrawler.tools.coverage.gaps import find_gaps
from zbcrawler.tools.website.stories import rank_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from zbcrawler.archive.note import StoryReason
    from zbcrawler.tools.coverage.facts import Fact
    from zbcrawler.tools.coverage.gaps import Gap
    from zbcrawler.tools.coverage.history import History

ALL = "all sections"
# Rows of a list of stories; who wants more has the files.
_MOST = 500
# Years that are shown without asking.
_OPEN = 2
_LENGTHS = (100, 200, 300, 400, 500, 600, 800, 1000, 1500, 2000, 3000)
_HOURS = (1, 2, 3, 6, 12, 24, 48, 24 * 7, 24 * 30)

_STYLE = """
:root { color-scheme: light dark; --ground: #fdfdfb; --ink: #1c1c1c; --quiet: #595959; --line: #d8d8d2; --gap: #b3261e;
  --none: #e9e9e4; --shade1: #b9d7c6; --shade2: #7fb79a; --shade3: #458f6c; --shade4: #1d6145; }
@media (prefers-color-scheme: dark) { :root { --ground: #16181a; --ink: #e4e4e0; --quiet: #a5a8aa; --line: #3a3e42;
  --gap: #ff8a7d; --none: #26292c; --shade1: #1f4a37; --shade2: #2f7355; --shade3: #4fa37d; --shade4: #8fd9b6; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 52rem; padding: 0 1rem 3rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.6 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
.quiet { color: var(--quiet); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .8rem; margin: 1rem 0; }
dt { color: var(--quiet); font-size: .875rem; } dd { margin: 0; font-size: 1.25rem; }
.scroll { overflow-x: auto; } .scroll:focus-visible { outline: 3px solid var(--shade3); }
svg { display: block; } svg text { font-size: 12px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .875rem; }
td, th { border-bottom: 1px solid var(--line); padding: .2rem .8rem .2rem 0; text-align: right; white-space: nowrap; }
td:first-child, th:first-child, .words td, .words th { text-align: left; } .words td { white-space: normal; }
summary { cursor: pointer; padding: .3rem 0; }
.key span { display: inline-block; width: .8em; height: .8em; margin: 0 .3em 0 .8em; }
"""


class VerifyCounts(NamedTuple):
    """What ``scrapy verify`` found.

    :ivar files: how many it looked at
    :ivar wrong: findings by rule
    :ivar warnings: as well
    """

    files: int
    wrong: Mapping[str, int]
    warnings: Mapping[str, int]


class Contents(NamedTuple):
    """All that the page tells.

    :ivar name: the archive's folder
    :ivar made: when the page was made (aware)
    :ivar posts: the oldest first
    :ivar history: None if git knows nothing of the archive
    """

    name: str
    made: datetime
    posts: Sequence[Fact]
    history: History | None
    checked: VerifyCounts
    owed: Sequence[StoryReason]
    gone: Sequence[StoryReason]


def report(contents: Contents) -> str:
    """Return the page, as HTML."""
    today = contents.made.astimezone(SINGAPORE).date()
    days = _days(post for post in contents.posts if post.time.date() <= today)
    # Today is not over.
    until = max(max(days[ALL], default=today), today - timedelta(days=1))
    gaps = {section: find_gaps(counts, until) for section, counts in days.items()}
    ahead = sum(post.time.date() > today for post in contents.posts)
    parts = [
        _head(contents, days, gaps),
        "<h2>Stories per day</h2>",
        *(_calendars(days, gaps) if days[ALL] else ["<p>The archive has no story yet.</p>"]),
        *([f"<p>{ahead:,} stories more are dated in the future.</p>"] if ahead else []),
        *_gaps(gaps),
        *_when(contents.posts),
        *_lengths(contents.posts),
        *_history(contents.posts, contents.history),
        *_notes("Owed", "Listed, and not to be had so far; runs go on trying.", contents.owed),
        *_notes("Gone", "Listed by the site, and not served, or withdrawn.", contents.gone),
        *_findings(contents.checked),
    ]
    body = "\n".join(parts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n'
        f"<title>Coverage of {escape(contents.name)}</title>\n"
        f'<link rel="icon" href="data:,">\n<style>{_STYLE}</style>\n</head>\n'
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


# -- the parts ---------------------------------------------------------------------------------------


def _head(contents: Contents, days: Mapping[str, Counter[date]], gaps: Mapping[str, Sequence[Gap]]) -> str:
    posts = contents.posts
    figures = {
        "stories": f"{len(posts):,}",
        "sections": str(len(days) - 1),
        "first day": str(min(days[ALL], default="–")),
        "last day": str(max(days[ALL], default="–")),
        "gaps": str(sum(map(len, gaps.values()))),
        "owed": str(len(contents.owed)),
        "gone": str(len(contents.gone)),
        "findings": str(sum(contents.checked.wrong.values())),
    }
    terms = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in figures.items())
    made = contents.made.astimezone(SINGAPORE)
    return (
        f"<h1>Coverage of {escape(contents.name)}</h1>\n"
        f'<p class="quiet">As of {made:%Y-%m-%d %H:%M}. All days and hours are Singapore\'s.</p>\n<dl>{terms}</dl>'
    )


def _calendars(days: Mapping[str, Counter[date]], gaps: Mapping[str, Sequence[Gap]]) -> Iterator[str]:
    last = max(*days[ALL], *(gap.last for those in gaps.values() for gap in those), date.min)
    levels = {section: _levels(counts, gaps[section], last) for section, counts in days.items()}
    shades = "".join(f'<span style="background:var(--shade{n})"></span>' for n in range(1, charts.LEVELS + 1))
    yield (
        f'<p class="key quiet">A square is a day:<span style="background:var(--none)"></span>none{shades}few to many, '
        'by the section\'s own quarters<span style="background:var(--gap)"></span>× a gap, where stories were to be '
        "expected</p>"
    )
    years = sorted({day.year for day in levels[ALL]}, reverse=True)
    for place, year in enumerate(years):
        shown = {section: those for section, those in levels.items() if any(day.year == year for day in those)}
        # A decade of days would be most of the page.
        table = _in_numbers(days, shown, _days_of(year, levels[ALL]), "%Y-%m-%d" if place < _OPEN else "%Y-%m")
        total = sum(days[ALL][day] for day in _days_of(year, days[ALL]))
        chart = _chart(f"Calendar of {year}", charts.calendar(year, shown))
        yield (
            f"<details{' open' * (place < _OPEN)}><summary>{year}: {total:,} stories</summary>\n{chart}\n"
            f"<details><summary>{year} in numbers</summary>{table}</details></details>"
        )


def _gaps(gaps: Mapping[str, Sequence[Gap]]) -> Iterator[str]:
    yield "<h2>Gaps</h2>"
    rows = [
        (section, f"{gap.first}", f"{gap.last}", gap.days, f"about {gap.usual:,}")
        for section, those in gaps.items()
        for gap in those
    ]
    yield '<p class="quiet">Days without a story, where the four weeks before and after let expect seven or more.</p>'
    yield _table(["section", "from", "to", "days", "stories usual"], rows) if rows else "<p>None.</p>"


def _when(posts: Sequence[Fact]) -> Iterator[str]:
    counts = Counter(post.time.hour for post in posts)
    yield "<h2>Hours of the day</h2>"
    yield from _bars([(f"{hour}", {"stories": counts[hour]}) for hour in range(24)], "hour", ["stories"])


def _lengths(posts: Sequence[Fact]) -> Iterator[str]:
    yield "<h2>Lengths</h2>"
    yield '<p class="quiet">Letters, digits and Chinese characters of a body.</p>'
    rows = [(label, {"stories": count}) for label, count in _sorted_into(_LENGTHS, (post.length for post in posts))]
    yield from _bars(rows, "characters", ["stories"])
    sections: dict[str, list[int]] = defaultdict(list)
    for post in posts:
        sections[post.section].append(post.length)
    yield _table(
        ["section", "stories", "shortest", "median", "longest"],
        ((name, len(all_), min(all_), round(median(all_)), max(all_)) for name, all_ in _in_order(sections)),
    )


def _history(posts: Sequence[Fact], history: History | None) -> Iterator[str]:
    yield "<h2>Edits and retitles</h2>"
    if history is None:
        yield "<p>The archive is in no git repository, which would know.</p>"
        return
    if history.cut:
        yield "<p>This clone does not have the older commits (it is shallow): what they hold is not counted.</p>"
    months = sorted(history.edits)
    kinds = ["changed", "retitled"]
    yield (
        '<p class="quiet">Stories that a later commit changed, by month of the commit; retitled ones (the lighter '
        "bars) are among them.</p>"
    )
    rows = [(month, {"changed": history.edits[month], "retitled": history.retitles[month]}) for month in months]
    yield from _bars(rows, "month", kinds) if rows else ["<p>None.</p>"]
    yield "<h2>From publication to the first commit</h2>"
    waits = [
        (history.first[post.path] - post.published).total_seconds() / 3600
        for post in posts
        if post.published and post.path in history.first
    ]
    yield f'<p class="quiet">Hours, of the {len(waits):,} stories that git knows and the site gave a time for.</p>'
    if waits:
        yield f"<p>Median: {median(waits):,.1f} hours.</p>"
        rows = [(label, {"stories": count}) for label, count in _sorted_into(_HOURS, waits)]
        yield from _bars(rows, "hours", ["stories"])


def _notes(name: str, about: str, notes: Sequence[StoryReason]) -> Iterator[str]:
    yield f'<h2>{name}</h2>\n<p class="quiet">{about}</p>'
    if not notes:
        yield "<p>None.</p>"
        return
    yield _table(["story", "why", "since"], ((one.address, one.reason, one.since) for one in notes[:_MOST]), "words")
    if len(notes) > _MOST:
        yield f"<p>And {len(notes) - _MOST:,} more.</p>"


def _findings(checked: VerifyCounts) -> Iterator[str]:
    yield "<h2>Findings</h2>"
    yield f'<p class="quiet">What scrapy verify found in {checked.files:,} files.</p>'
    kinds = (("wrong", checked.wrong), ("warning", checked.warnings))
    rows = [(rule, kind, count) for kind, counts in kinds for rule, count in sorted(counts.items())]
    yield _table(["rule", "kind", "files"], rows) if rows else "<p>None.</p>"


# -- figures -----------------------------------------------------------------------------------------


def _days(posts: Iterable[Fact]) -> dict[str, Counter[date]]:
    """Stories by section and day; all of them first, then the sections in the site's order."""
    found: dict[str, Counter[date]] = defaultdict(Counter)
    for post in posts:
        found[ALL][post.time.date()] += 1
        found[post.section][post.time.date()] += 1
    everything = found.pop(ALL, Counter())
    return {ALL: everything, **dict(_in_order(found))}


def _in_order(sections: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    return ((name, sections[name]) for name in sorted(sections, key=rank_of))


def _levels(counts: Counter[date], gaps: Sequence[Gap], last: date) -> dict[date, str]:
    """How each day is shown, from the section's first to the archive's last."""
    some = sorted(counts.values())
    borders = quantiles(some, n=charts.LEVELS) if len(some) > 1 else []
    missed = {gap.first + timedelta(days=n) for gap in gaps for n in range(gap.days)}
    shown = {}
    day = min(counts)
    while day <= last:
        # Where all days have as many stories, each is as usual, and neither has few nor many.
        level = 1 + (bisect_left(borders, counts[day]) + bisect(borders, counts[day])) // 2 if counts[day] else 0
        shown[day] = charts.GAP if day in missed else str(level)
        day += timedelta(days=1)
    return shown


def _in_numbers(days: Mapping[str, Counter[date]], sections: Iterable[str], those: Sequence[date], name: str) -> str:
    """:param name: of a day, or of the month that it is counted in; as ``strftime`` takes it"""
    rows: dict[str, Counter[str]] = {format(day, name): Counter() for day in those}
    for day in those:
        rows[format(day, name)].update({section: days[section][day] for section in sections})
    head = ["day" if "d" in name else "month", *sections]
    return _table(head, ((when, *(counts[section] for section in sections)) for when, counts in rows.items()))


def _days_of(year: int, days: Iterable[date]) -> list[date]:
    return [day for day in days if day.year == year]


def _sorted_into(borders: Sequence[int], values: Iterable[float]) -> list[tuple[str, int]]:
    """How many values lie below the first border, between two, and from the last on."""
    counts = Counter(sum(value >= border for border in borders) for value in values)
    between = [f"{low:,}–{high:,}" for low, high in pairwise(borders)]
    labels = [f"<{borders[0]:,}", *between, f"≥{borders[-1]:,}"]
    return [(label, counts[place]) for place, label in enumerate(labels)]


# -- markup ------------------------------------------------------------------------------------------


def _bars(rows: Sequence[tuple[str, Mapping[str, int]]], axis: str, kinds: Sequence[str]) -> Iterator[str]:
    yield _chart(f"{' and '.join(kinds)} by {axis}", charts.bars(rows, axis, kinds))
    table = _table([axis, *kinds], ((label, *(counts[kind] for kind in kinds)) for label, counts in rows))
    yield f"<details><summary>In numbers</summary>{table}</details>"


def _chart(name: str, svg: str) -> str:
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(name)}">'
        f'<div role="img" aria-label="{escape(name)}; the numbers follow as a table">{svg}</div></div>'
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[object]], kind: str = "") -> str:
    top = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = "\n".join("<tr>" + "".join(f"<td>{_cell(value)}</td>" for value in row) + "</tr>" for row in rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(head[0])} table"><table class="{kind}">'
        f"<thead><tr>{top}</tr></thead><tbody>\n{lines}\n</tbody></table></div>"
    )


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else escape(str(value))
