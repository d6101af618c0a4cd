"""The website's source in an archive's folder: missing files once, and each time what lists the stories.

``scrapy site`` makes anew each time: pages that list stories, an Atom feed, sitemaps, and data for layouts.

The pages are finished HTML with relative links, so Jekyll and Hugo compute nothing. A layout that went through all
posts would make the time of a build grow with the square of their number. Only the front page is named ``index.html``:
Hugo would read any other as a bundle of all files beside it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, islice
from pathlib import Path, PurePosixPath

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from zbcrawler.archive.disk import ArchiveFolder
from zbcrawler.archive.posts import AUTHOR
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.text import escape
from zbcrawler.tools.website.stories import ListedStory, by_day, by_month, by_section, label_of, slugs_of

_DATA = "_made"
"""The folder of the data that layouts look up (``data_dir`` of Jekyll's configuration)."""

_SKELETON = Path(__file__).with_name("skeleton")
_FOLDERS = ("months", "sections", "sitemaps", _DATA)
# Made from the posts, and different after every run, so git must not keep them. The first line shows whose they are.
_IGNORED = Path(__file__).with_name("made.gitignore")
# Days with stories that the front page shows.
_FRONT_DAYS = 2
# Stories at the top of a section's page. The pages of its months list all.
_NEWEST = 50
_IN_FEED = 50


def write_website(root: Path, stories: Sequence[ListedStory]) -> list[str]:
    """Write the files that Jekyll needs beside the posts.

    :returns: the files that were missing; from now on they belong to the user
    :raises ArgumentError: if another file stands where a generated page belongs
    :raises OSError: if a file cannot be written
    """
    archive, made = ArchiveFolder(root), dict(pages(stories))
    ignored = root / ".gitignore"
    before = ignored.read_bytes() if ignored.exists() else b""
    lines = _IGNORED.read_bytes()
    is_ours = lines.partition(b"\n")[0] in before
    for name in () if is_ours else (*_FOLDERS, *made):
        if (root / name).exists():
            raise ArgumentError(f"{root / name}: exists, and scrapy site did not write it; move it away")
    skeleton = {path.relative_to(_SKELETON).as_posix(): path for path in sorted(_SKELETON.rglob("*")) if path.is_file()}
    added = [name for name in skeleton if not (root / name).exists()]
    for name in added:
        archive.write(root / name, skeleton[name].read_bytes())
    if not is_ours:
        end = b"\n" if before and not before.endswith(b"\n") else b""
        archive.write(ignored, before + end + lines)
        added.append(ignored.name)
    for name, text in made.items():
        archive.write(root / name, text.encode())
    for folder in _FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.relative_to(root).as_posix() not in made:
                path.unlink()
    return added


def pages(stories: Sequence[ListedStory]) -> Iterator[tuple[str, str]]:
    """Yield path and text of each file; another feed needs one more line here.

    :param stories: the oldest first
    """
    newest = stories[::-1]
    dated = [story for story in stories if "-" in story.page]
    yield f"{_DATA}/dated.json", json.dumps([story.path for story in dated]) + "\n"
    sections, months = by_section(newest), by_month(newest)
    slugs = slugs_of(sections)
    front = islice(by_day(newest), _FRONT_DAYS)
    yield "index.html", _fill("index.html", title="", days=front, slugs=slugs, dated=dated)
    yield "months.html", _fill("links.html", title="月份", links=_months(months, "months"))
    for month, those in months.items():
        text = _fill("month.html", title=_month_name(month), stories=those, root="../", with_section=True)
        yield f"months/{month}.html", text
    links = [(f"sections/{slugs[one]}.html", label_of(one), those) for one, those in sections.items()]
    yield "sections.html", _fill("links.html", title="版块", links=links)
    for section, those in sections.items():
        slug, name, months = slugs[section], label_of(section), by_month(those)
        text = _fill("section.html", title=name, newest=those[:_NEWEST], months=_months(months, slug))
        yield f"sections/{slug}.html", text
        for month, listed in months.items():
            title = f"{name} {_month_name(month)}"
            yield f"sections/{slug}/{month}.html", _fill("month.html", title=title, stories=listed, root="../../")
    yield "feed.xml", _fill("feed.xml", stories=newest[:_IN_FEED], author=AUTHOR)
    # A year has less than the 50,000 addresses that a sitemap may have.
    years = {year: list(those) for year, those in groupby(stories, key=lambda story: story.time.year)}
    yield "sitemap.xml", _fill("sitemap-index.xml", years=years)
    for year, those in years.items():
        yield f"sitemaps/{year}.xml", _fill("sitemap.xml", stories=those)
    yield from _neighbours(stories)


def _neighbours(stories: Sequence[ListedStory]) -> Iterator[tuple[str, str]]:
    """Yield a file for each month: by page, the page and title of the story before and of the one after.

    The month is that of the post's name, because a layout knows only the post's path.
    """
    months: dict[str, dict[str, list[str | None]]] = defaultdict(dict)
    for before, story, after in zip((None, *stories), stories, (*stories[1:], None), strict=False):
        beside = [part for one in (before, after) for part in ((one.page, one.title) if one else (None, None))]
        months[PurePosixPath(story.path).name[:7]][story.page] = beside
    for month, those in months.items():
        yield f"{_DATA}/neighbours/{month}.json", json.dumps(those, ensure_ascii=False, indent=0) + "\n"


def _months(months: Mapping[str, Sequence[ListedStory]], folder: str) -> list[tuple[str, str, Sequence[ListedStory]]]:
    return [(f"{folder}/{month}.html", _month_name(month), those) for month, those in months.items()]


def _month_name(month: str) -> str:
    return f"{int(month[:4])}年{int(month[5:])}月"


def _day_name(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _escaped(value: object) -> Markup:
    """Escape each value as posts do: braces too, because Jekyll runs Liquid on the pages."""
    return value if isinstance(value, Markup) else Markup(escape(str(value)))  # noqa: S704


_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    finalize=_escaped,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_TEMPLATES.globals |= {"by_day": by_day, "by_section": by_section, "day_name": _day_name, "label_of": label_of}


def _fill(template: str, **values: object) -> str:
    return _TEMPLATES.get_template(template).render(values)
