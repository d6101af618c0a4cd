"""The pages that list stories: front page, sections, months.

The pages are finished HTML with relative links, so Jekyll and Hugo compute nothing. A layout that went through all
posts would make the time of a build grow with the square of their number. Only the front page is named ``index.html``:
Hugo would read any other as a bundle of all files beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, islice

from zbcrawler.common.text import escape
from zbcrawler.tools.website.stories import ListedStory, by_month, by_section, label_of, slugs_of

# Days with stories that the front page shows.
_FRONT_DAYS = 2
# Stories at the top of a section's page. The pages of its months list all.
_NEWEST = 50

_Groups = Mapping[str, Sequence[ListedStory]]


def pages(stories: Sequence[ListedStory]) -> Iterator[tuple[str, str]]:
    """Yield path and text of each page.

    :param stories: the oldest first
    """
    newest = list(reversed(stories))
    sections, months = by_section(newest), by_month(newest)
    slugs = slugs_of(sections)
    yield "index.html", _page("", _front(newest, slugs))
    yield "months.html", _page("月份", _months(months, "months/"))
    for month, those in months.items():
        yield f"months/{month}.html", _page(_month_name(month), _month(those, "../", with_section=True))
    links = [_counted(f"sections/{slugs[one]}.html", label_of(one), those) for one, those in sections.items()]
    yield "sections.html", _page("版块", _list(links))
    for section, those in sections.items():
        yield from _section(slugs[section], label_of(section), those)


def _section(slug: str, name: str, stories: Sequence[ListedStory]) -> Iterator[tuple[str, str]]:
    months = by_month(stories)
    newest = _days(stories[:_NEWEST], "../", with_section=False)
    yield f"sections/{slug}.html", _page(name, newest + "<h2>按月份</h2>" + _months(months, f"{slug}/"))
    for month, those in months.items():
        listed = _month(those, "../../", with_section=False)
        yield f"sections/{slug}/{month}.html", _page(f"{name} {_month_name(month)}", listed)


def _front(newest: Sequence[ListedStory], slugs: Mapping[str, str]) -> str:
    if not newest:
        return "<h1>还没有文章</h1>"
    parts = ["<h1>最新</h1>"]
    for day, those in islice(groupby(newest, key=lambda story: story.time.date()), _FRONT_DAYS):
        parts.append(f"<h2>{_day_name(day)}</h2>")
        for section, stories in by_section(those).items():
            link = f"sections/{slugs[section]}.html"
            parts += [f'<h3><a href="{link}">{escape(label_of(section))}</a></h3>', _stories(stories, "")]
    parts.append('<p class="more"><a href="months.html">更早的文章</a></p>')
    return "\n".join(parts)


def _months(months: _Groups, folder: str) -> str:
    return _list(_counted(f"{folder}{month}.html", _month_name(month), those) for month, those in months.items())


def _month(stories: Sequence[ListedStory], to: str, with_section: bool) -> str:
    # A month may have thousands of stories, so links to its days come first.
    days = dict.fromkeys(story.time.date() for story in stories)
    links = "\n".join(f'<a href="#{day}">{day.day}日</a>' for day in days)
    return f'<nav class="jump" aria-label="日期">\n{links}\n</nav>\n' + _days(stories, to, with_section)


def _days(stories: Iterable[ListedStory], to: str, with_section: bool) -> str:
    """:param to: the relative path to the website's root"""
    return "\n".join(
        f'<h2 id="{day}">{_day_name(day)}</h2>\n{_stories(those, to, with_section)}'
        for day, those in groupby(stories, key=lambda story: story.time.date())
    )


def _stories(stories: Iterable[ListedStory], to: str, with_section: bool = False) -> str:
    lines = []
    for story in stories:
        section = f'<span class="count where">{escape(label_of(story.section))}</span>' if with_section else ""
        time = f'<time datetime="{story.time.isoformat(timespec="minutes")}">{story.time:%H:%M}</time>'
        lines.append(f'<li>{time}<a href="{to}story/{story.number}.html">{escape(story.title)}</a>{section}</li>')
    return _list(lines)


def _counted(link: str, text: str, stories: Sequence[ListedStory]) -> str:
    return f'<li><a href="{link}">{escape(text)}</a><span class="count">{len(stories)} 篇</span></li>'


def _list(lines: Iterable[str]) -> str:
    return '<ul class="list">\n' + "\n".join(lines) + "\n</ul>"


def _page(title: str, body: str) -> str:
    heading = "" if body.startswith("<h1>") else f"<h1>{escape(title)}</h1>\n"
    head = f"title: {json.dumps(title, ensure_ascii=False)}\n" if title else ""
    return f"---\n{head}layout: default\n---\n{heading}{body}\n"


def _month_name(month: str) -> str:
    return f"{int(month[:4])}年{int(month[5:])}月"


def _day_name(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
