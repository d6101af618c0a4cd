"""The pages that list stories: front page, sections, months.

They are finished HTML, and their links are relative, so that Jekyll or Hugo has nothing to work out: a layout that went
through all posts would make the time of a build grow with the square of their number. None but the front page is an
``index.html``, which Hugo would take for a bundle of all that lies beside it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from itertools import chain, count, groupby
from typing import TYPE_CHECKING

from zbcrawler.common.text import escape
from zbcrawler.tools.website.stories import label_of, rank_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from zbcrawler.tools.website.stories import SiteStory

# Days with stories that the front page shows.
_FRONT_DAYS = 2
# Stories at the top of a section's page; all of them are in its months.
_NEWEST = 50
# Builders leave out what begins with _ or ., and Hugo makes small letters of capitals.
_ODD = re.compile("[^a-z0-9]+")


def pages(stories: Sequence[SiteStory]) -> Iterator[tuple[str, str]]:
    """All pages: path and text.

    :param stories: the oldest first
    """
    newest = list(reversed(stories))
    sections = _by_section(newest)
    slugs = _slugs(sections)
    yield "index.html", _page("", _front(newest, slugs))
    months = _by(newest, lambda story: f"{story.time:%Y-%m}")
    yield "months.html", _page("月份", _months(months, "months/"))
    for month, those in months.items():
        yield f"months/{month}.html", _page(_month(month), _month_of(those, "../", with_section=True))
    yield "sections.html", _page("版块", _index_of_sections(sections, slugs))
    for section, those in sections.items():
        yield from _section(section, slugs[section], those)


def _slugs(sections: Iterable[str]) -> dict[str, str]:
    """The name of each section's page and folder: one that every builder and disk takes, and no other section has."""
    slugs: dict[str, str] = {}
    for section in sections:
        name = _ODD.sub("-", section.lower()).strip("-") or "other"
        taken = set(slugs.values())
        slugs[section] = next(one for one in chain([name], (f"{name}-{n}" for n in count(2))) if one not in taken)
    return slugs


def _section(section: str, slug: str, stories: Sequence[SiteStory]) -> Iterator[tuple[str, str]]:
    path, name = f"sections/{slug}", label_of(section)
    months = _by(stories, lambda story: f"{story.time:%Y-%m}")
    newest = _days(stories[:_NEWEST], "../", with_section=False)
    yield f"{path}.html", _page(name, newest + "<h2>按月份</h2>" + _months(months, f"{slug}/"))
    for month, those in months.items():
        listed = _month_of(those, "../../", with_section=False)
        yield f"{path}/{month}.html", _page(f"{name} {_month(month)}", listed)


def _front(newest: Sequence[SiteStory], slugs: dict[str, str]) -> str:
    if not newest:
        return "<h1>还没有文章</h1>"
    parts = ["<h1>最新</h1>"]
    days = groupby(newest, key=lambda story: story.time.date())
    for _, (day, those) in zip(range(_FRONT_DAYS), days, strict=False):
        parts.append(f"<h2>{_day(day)}</h2>")
        for section, stories in _by_section(those).items():
            link = f"sections/{slugs[section]}.html"
            parts += [f'<h3><a href="{link}">{escape(label_of(section))}</a></h3>', _list(stories, "")]
    parts.append('<p class="more"><a href="months.html">更早的文章</a></p>')
    return "\n".join(parts)


def _months(months: dict[str, list[SiteStory]], folder: str) -> str:
    return _ul([_counted(f"{folder}{month}.html", _month(month), those) for month, those in months.items()])


def _index_of_sections(sections: dict[str, list[SiteStory]], slugs: dict[str, str]) -> str:
    return _ul([_counted(f"sections/{slugs[one]}.html", label_of(one), those) for one, those in sections.items()])


def _month_of(stories: Sequence[SiteStory], to: str, with_section: bool) -> str:
    # A month may have thousands of stories.
    days = dict.fromkeys(story.time.date() for story in stories)
    links = "\n".join(f'<a href="#{day}">{day.day}日</a>' for day in days)
    return f'<nav class="jump" aria-label="日期">\n{links}\n</nav>\n' + _days(stories, to, with_section)


def _days(stories: Iterable[SiteStory], to: str, with_section: bool) -> str:
    parts = []
    for day, those in groupby(stories, key=lambda story: story.time.date()):
        parts += [f'<h2 id="{day}">{_day(day)}</h2>', _list(those, to, with_section)]
    return "\n".join(parts)


def _list(stories: Iterable[SiteStory], to: str, with_section: bool = False) -> str:
    lines = []
    for story in stories:
        section = f'<span class="count where">{escape(label_of(story.section))}</span>' if with_section else ""
        time = f'<time datetime="{story.time.isoformat(timespec="minutes")}">{story.time:%H:%M}</time>'
        lines.append(f'<li>{time}<a href="{to}story/{story.number}.html">{escape(story.title)}</a>{section}</li>')
    return _ul(lines)


def _counted(link: str, text: str, stories: Sequence[SiteStory]) -> str:
    return f'<li><a href="{link}">{escape(text)}</a><span class="count">{len(stories)} 篇</span></li>'


def _ul(lines: Sequence[str]) -> str:
    return '<ul class="list">\n' + "\n".join(lines) + "\n</ul>"


def _page(title: str, body: str) -> str:
    heading = "" if body.startswith("<h1>") else f"<h1>{escape(title)}</h1>\n"
    head = f"title: {json.dumps(title, ensure_ascii=False)}\n" if title else ""
    return f"---\n{head}layout: default\n---\n{heading}{body}\n"


def _by(stories: Iterable[SiteStory], key: Callable[[SiteStory], str]) -> dict[str, list[SiteStory]]:
    groups = defaultdict(list)
    for story in stories:
        groups[key(story)].append(story)
    return dict(groups)


def _by_section(stories: Iterable[SiteStory]) -> dict[str, list[SiteStory]]:
    groups = _by(stories, lambda story: story.section)
    return {section: groups[section] for section in sorted(groups, key=rank_of)}


def _month(month: str) -> str:
    return f"{int(month[:4])}年{int(month[5:])}月"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
