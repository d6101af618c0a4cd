"""The report: one page, which needs no other file, of the posts of an archive, its gaps and its past."""

from __future__ import annotations

from bisect import bisect, bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from operator import methodcaller
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Any, NamedTuple

from jinja2 import StrictUndefined

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.disk import POSTS
from zbcrawler.archive.git import Git
from zbcrawler.archive.posts import text_of
from zbcrawler.common.text import letters
from zbcrawler.common.times import SINGAPORE
from zbcrawler.tools.website.pages import rank_of, read_post, read_stories, templates_in

_ALL = "all sections"
_DAY = timedelta(days=1)
_LEVELS = 4  # the number of shades for days with stories
_AROUND = 28  # the days on either side that show how many stories are usual
# If stories come at random, a period that usually has seven stories has none once in a thousand times (e^-7).
_USUAL = 7
_MOST = 500  # a list of stories has at most this many rows; the notes have all
# This many years are shown open, with a number for each day. The days of ten years would fill most of the page.
_OPEN = 2
_LENGTHS = (100, 200, 300, 400, 500, 600, 800, 1000, 1500, 2000, 3000)
_HOURS = (1, 2, 3, 6, 12, 24, 48, 24 * 7, 24 * 30)
_COMMIT = "commit "
_TEMPLATES = templates_in(Path(__file__).parent, undefined=StrictUndefined)


class _Post(NamedTuple):
    time: datetime  # the post's date, in Singapore's zone
    section: str
    path: str  # from the archive's folder
    length: int  # letters, digits and Han characters of the body
    published: datetime | None  # the site's own time (aware), None if the site gave none


class History(NamedTuple):
    """The past of the posts."""

    first: dict[str, datetime]  # by path, when a post was first committed (Singapore's zone)
    edits: list[tuple[str, int, int]]  # each month, how often a post was changed, and how often its title was
    cut: bool  # older commits are missing (a shallow clone), and ``first`` lacks the posts that they added


class Gap(NamedTuple):
    """Days without stories, from ``first`` to ``last``."""

    first: date
    last: date
    usual: int  # about how many stories the days around the gap have in a period of that length

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def make_coverage_report(root: Path, files: int, found: Mapping[str, Counter[str]], now: datetime) -> str:
    """Return the report of an archive as HTML.

    :param files: the number of files that were checked
    :param found: by kind, the number of findings by rule
    :param now: aware
    :raises GitError: if git cannot read the archive's history
    """
    now = now.astimezone(SINGAPORE)
    history, notes, today = read_history(root), Archive(root).notes, now.date()
    # Broken posts are left out: ``scrapy verify`` reports them.
    read = ((story, read_post(root, story)) for story in read_stories(root, lambda _: None))
    posts = [
        _Post(story.time, story.section, story.path, len(letters(text_of(post.body))), post.published)
        for story, post in read
        if post
    ]
    days = _count_days(post for post in posts if post.time.date() <= today)
    # Today may still get stories, so a gap ends yesterday at the latest.
    until = max(max(days[_ALL], default=today), today - _DAY)
    gaps = {section: find_gaps(counts, until) for section, counts in days.items()}
    hours = Counter(post.time.hour for post in posts)
    lengths: dict[str, list[int]] = defaultdict(list)
    for post in posts:
        lengths[post.section].append(post.length)
    return _TEMPLATES.get_template("report.html").render(
        title=f"Coverage of {root.resolve().name}",
        now=now,
        posts=posts,
        days=days,
        all_days=sorted(days[_ALL]),
        years=list(_years(days, gaps)) if days[_ALL] else [],
        levels=range(1, _LEVELS + 1),
        ahead=len(posts) - days[_ALL].total(),
        gaps=[(name, gap.first, gap.last, gap.days, f"about {gap.usual:,}") for name in gaps for gap in gaps[name]],
        hours=[(f"{hour}", hours[hour]) for hour in range(24)],
        lengths=_histogram(_LENGTHS, (post.length for post in posts)),
        sections=[
            (section, len(those), min(those), round(median(those)), max(those))
            for section, those in sorted(lengths.items(), key=lambda item: rank_of(item[0]))
        ],
        history=history,
        waits=[
            (first - post.published).total_seconds() / 3600
            for post in posts
            if history and post.published and (first := history.first.get(post.path))
        ],
        owed=list(notes.owed.reasons()),
        gone=list(notes.absent.reasons()),
        most=_MOST,
        findings=[(rule, kind, n) for kind in ("wrong", "warning") for rule, n in sorted(found[kind].items())],
        files=files,
        wrong=found["wrong"].total(),
        hour_borders=_HOURS,
        histogram=_histogram,
        median=median,
        week_of=_week_of,
    )


def read_history(root: Path) -> History | None:
    """Return the past of an archive's posts; None if the archive is in no repository, or has no commit."""
    git = Git(root)
    if git.is_unborn():
        return None
    # The oldest commits of a shallow clone, which git shows as adding all posts that came before them.
    shallow = git.folder / git("rev-parse", "--git-path", "shallow").strip()
    ends = shallow.read_text().split() if shallow.exists() else []
    # The newest commit comes first, so the oldest commit that added a path overwrites the others.
    added = {path: (when, commit) for when, commit, path in _log(git, "--diff-filter=A")}
    edits, retitles = (
        Counter(f"{when:%Y-%m}" for when, _, _ in _log(git, "--diff-filter=M", *words))
        for words in ((), ("-G", "^title: "))
    )
    first = {path: when for path, (when, commit) in added.items() if commit not in ends}
    return History(first, [(month, edits[month], retitles[month]) for month in sorted(edits)], cut=bool(ends))


def _log(git: Git, *words: str) -> Iterator[tuple[datetime, str, str]]:
    """Yield time, commit and path of each change of a post that ``git log`` selects."""
    options = ("--no-renames", "--relative", "--name-only", f"--format={_COMMIT}%ct %H")
    when, commit = None, ""
    for line in git("log", *options, *words, "--", POSTS).splitlines():
        if line.startswith(_COMMIT):
            seconds, commit = line.removeprefix(_COMMIT).split()
            when = datetime.fromtimestamp(int(seconds), SINGAPORE)
        elif line and when:
            yield when, commit, line


def _count_days(found: Iterable[_Post]) -> dict[str, Counter[date]]:
    """Return the number of stories by section and day: first ``_ALL``, then the sections in the order of the site."""
    counts: dict[str, Counter[date]] = defaultdict(Counter)
    for post in found:
        counts[post.section][post.time.date()] += 1
    return {_ALL: sum(counts.values(), Counter()), **{name: counts[name] for name in sorted(counts, key=rank_of)}}


def find_gaps(stories: Mapping[date, int], last: date) -> list[Gap]:
    """Return the gaps in a section, the oldest first.

    A quiet section has days without stories, so the number of stories to expect decides, not the number of days.

    :param stories: by day; days may be missing
    :param last: the last day that should have stories
    """
    days = sorted(day for day, count in stories.items() if count)
    found = []
    for before, after in pairwise([*days, last + _DAY]):
        if (empty := (after - before).days - 1) > 0:
            near = (day for n in range(_AROUND) for day in (before - n * _DAY, after + n * _DAY))
            usual = empty * mean(stories.get(day, 0) for day in near if days[0] <= day <= last)
            if usual >= _USUAL:
                found.append(Gap(before + _DAY, after - _DAY, round(usual)))
    return found


def _years(days: Mapping[str, Counter[date]], gaps: Mapping[str, Sequence[Gap]]) -> Iterator[dict[str, Any]]:
    """Yield the calendar of each year, the newest first, and its numbers by day, or by month in older years."""
    last = max(*days[_ALL], *(gap.last for those in gaps.values() for gap in those), date.min)
    drawn = {section: _colours(counts, gaps[section], last) for section, counts in days.items()}
    for place, year in enumerate(sorted({day.year for day in drawn[_ALL]}, reverse=True)):
        shown = {section: cells for section, cells in drawn.items() if any(day.year == year for day in cells)}
        row, period = ("day", "%Y-%m-%d") if place < _OPEN else ("month", "%Y-%m")
        those = groupby((day for day in drawn[_ALL] if day.year == year), methodcaller("strftime", period))
        groups = [(when, list(each)) for when, each in those]
        yield {
            "name": year,
            "is_open": place < _OPEN,
            "total": sum(count for day, count in days[_ALL].items() if day.year == year),
            "months": [date(year, month, 1) for month in range(1, 13)],
            "sections": {name: [one for one in shown[name].items() if one[0].year == year] for name in shown},
            "head": [row, *shown],
            "rows": [(when, *(sum(days[name][day] for day in each) for name in shown)) for when, each in groups],
        }


def _colours(counts: Mapping[date, int], gaps: Sequence[Gap], last: date) -> dict[date, str]:
    """Return how each day is drawn, from the section's first to ``last``: a colour of the page's style."""
    some = sorted(counts.values())
    borders = quantiles(some, n=_LEVELS) if len(some) > 1 else []
    missed = {gap.first + n * _DAY for gap in gaps for n in range(gap.days)}
    shown = {}
    for day in (min(counts) + n * _DAY for n in range((last - min(counts)).days + 1)):
        count = counts.get(day, 0)
        # If all days have the same number of stories, each gets the middle shade.
        level = 1 + (bisect_left(borders, count) + bisect(borders, count)) // 2 if count else 0
        shown[day] = "gap" if day in missed else f"shade{level}" if level else "none"
    return shown


def _week_of(day: date) -> int:
    """Return the number of a day's week in its year, from 0; weeks begin on Mondays."""
    return (day.timetuple().tm_yday - 1 + date(day.year, 1, 1).weekday()) // 7


def _histogram(borders: Sequence[int], values: Iterable[float]) -> list[tuple[str, int]]:
    """Count the values below the first border, between each two, and from the last border on."""
    counts = Counter(sum(value >= border for border in borders) for value in values)
    between = [f"{low:,}–{high:,}" for low, high in pairwise(borders)]
    labels = [f"<{borders[0]:,}", *between, f"≥{borders[-1]:,}"]
    return [(label, counts[place]) for place, label in enumerate(labels)]
