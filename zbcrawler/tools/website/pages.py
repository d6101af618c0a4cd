"""The website's source in an archive's folder: missing files once, and each time what lists the stories.

``scrapy site`` makes anew each time: pages that list stories, an Atom feed, sitemaps, and data for layouts.

The pages are finished HTML with relative links, so Jekyll and Hugo compute nothing. A layout that went through all
posts would make the time of a build grow with the square of their number. Only the front page is named ``index.html``:
Hugo would read any other as a bundle of all files beside it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain, count, groupby, islice
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from zbcrawler.archive import disk, posts
from zbcrawler.archive.disk import ArchiveFolder
from zbcrawler.archive.posts import AUTHOR
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import ArgumentError, PostError
from zbcrawler.common.text import escape
from zbcrawler.common.times import SINGAPORE
from zbcrawler.items import Story

_DATA = "_made"
"""The folder of the data that layouts look up (``data_dir`` of Jekyll's configuration)."""

_SKELETON = Path(__file__).with_name("skeleton")
_FOLDERS = ("months", "sections", "sitemaps", _DATA)
# Made from the posts, and different after every run, so git must not keep them. The first line shows whose they are.
_IGNORED = Path(__file__).with_name("made.gitignore")
_FRONT_DAYS = 2  # days with stories that the front page shows
# Stories at the top of a section's page. The pages of its months list all.
_NEWEST = 50
_IN_FEED = 50
_DATE = re.compile(r"^date: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})Z$", re.MULTILINE | re.ASCII)
# Jekyll and Hugo leave out names that begin with _ or ., and Hugo writes capitals as small letters.
_UNSAFE = re.compile("[^a-z0-9]+")

# The names that the newspaper's site gives its oldest sections. Other sections are shown by their paths.
_TREES = {"realtime": "即时", "news": "新闻"}
_SECTIONS = {"china": "中国", "world": "国际", "singapore": "新加坡", "sea": "东南亚"}
_SECTIONS |= {"finance": "财经", "sports": "体育"}


class ListedStory(NamedTuple):
    """A story as the lists show it."""

    time: datetime  # the post's date, in Singapore's zone
    page: str  # the name of the story's page: the number; if an earlier story has it, the day and the number
    title: str
    section: str  # such as ``realtime/china``
    path: str  # of the post, from the archive's folder


def write_website(root: Path, stories: Sequence[ListedStory]) -> list[str]:
    """Write the files that Jekyll needs beside the posts.

    :returns: the files that were missing; from now on they belong to the user
    :raises ArgumentError: if another file stands where a generated page belongs
    """
    archive, made = ArchiveFolder(root), dict(_pages(stories))
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


def _pages(stories: Sequence[ListedStory]) -> Iterator[tuple[str, str]]:
    """Yield path and text of each file, given the oldest story first; another feed needs one more line here."""
    newest = stories[::-1]
    dated = [story for story in stories if "-" in story.page]
    yield f"{_DATA}/dated.json", json.dumps([story.path for story in dated]) + "\n"
    sections, months = _by_section(newest), _by_month(newest)
    slugs = _slugs_of(sections)
    front = islice(_by_day(newest).items(), _FRONT_DAYS)
    yield "index.html", _fill("index.html", title="", days=front, slugs=slugs, dated=dated)
    yield "months.html", _fill("links.html", title="月份", links=_months(months, "months"))
    for month, those in months.items():
        text = _fill("month.html", title=_month_name(month), stories=those, root="../", with_section=True)
        yield f"months/{month}.html", text
    links = [(f"sections/{slugs[one]}.html", label_of(one), those) for one, those in sections.items()]
    yield "sections.html", _fill("links.html", title="版块", links=links)
    for section, those in sections.items():
        slug, name, months = slugs[section], label_of(section), _by_month(those)
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


def read_stories(root: Path, left_out: Callable[[str], object]) -> list[ListedStory]:
    """Return the stories of an archive, the oldest first.

    :param left_out: called with the path of each file below ``_posts`` that is no post, or lies in a wrong place
    """
    found: list[ListedStory] = []
    pages: set[str] = set()
    for path in filter(Path.is_file, sorted((root / disk.POSTS).rglob("*"))):
        name = path.relative_to(root).as_posix()
        if story := _read(path, name):
            if story.page in pages:
                story = story._replace(page=path.stem)
            pages.add(story.page)
            found.append(story)
        else:
            left_out(name)
    return sorted(found, key=lambda story: (story.time, int(story.page.rpartition("-")[2])))


def read_post(root: Path, story: ListedStory) -> Story | None:
    """Return the post of a listed story; None if the post is broken, which ``scrapy verify`` reports."""
    try:
        return posts.read((root / story.path).read_text("utf-8"))
    except (PostError, UnicodeDecodeError):
        return None


def _by_section(stories: Iterable[ListedStory]) -> dict[str, list[ListedStory]]:
    """Return the stories of each section, the sections in the order of :func:`rank_of`."""
    return _grouped(sorted(stories, key=lambda story: rank_of(story.section)), lambda story: story.section)


def _by_day(stories: Iterable[ListedStory]) -> dict[date, list[ListedStory]]:
    return _grouped(stories, lambda story: story.time.date())


def _by_month(stories: Iterable[ListedStory]) -> dict[str, list[ListedStory]]:
    return _grouped(stories, lambda story: f"{story.time:%Y-%m}")


def _grouped(stories: Iterable[ListedStory], key: Callable[[ListedStory], Any]) -> dict[Any, list[ListedStory]]:
    return {value: list(those) for value, those in groupby(stories, key)}


def label_of(section: str) -> str:
    """Return the name that readers see: ``即时·中国`` for ``realtime/china``."""
    tree, _, name = section.partition("/")
    return "·".join(filter(None, (_TREES.get(tree, tree), _SECTIONS.get(name, name)))) or "其他"


def rank_of(section: str) -> tuple[int, int, str]:
    """Return the sort key of a section: the order of the newspaper's site, then the path."""
    tree, _, name = section.partition("/")
    places = [[*known, part].index(part) for part, known in ((tree, _TREES), (name, _SECTIONS))]
    return places[0], places[1], section


def _slugs_of(sections: Iterable[str]) -> dict[str, str]:
    """Return a file name for each section that every builder and disk can use, and that no two sections share."""
    slugs: dict[str, str] = {}
    for section in sections:
        name = _UNSAFE.sub("-", section.lower()).strip("-") or "other"
        taken = set(slugs.values())
        slugs[section] = next(slug for slug in chain([name], (f"{name}-{n}" for n in count(2))) if slug not in taken)
    return slugs


def _read(path: Path, name: str) -> ListedStory | None:
    try:
        text = path.read_text("utf-8")
        title, link, written = posts.read_title(text), posts.read_link(text), _DATE.search(text)
        address = StoryAddress.parse(link or "")
        if not (title and address and written) or name != disk.post_path(address):
            return None
        time = datetime.fromisoformat(f"{written[1]}+00:00").astimezone(SINGAPORE)
        return ListedStory(time, address.number, title, address.section, name)
    except (OSError, ValueError, OverflowError):
        return None


def _escaped(value: object) -> Markup:
    """Escape each value as posts do: braces too, because Jekyll runs Liquid on the pages."""
    return value if isinstance(value, Markup) else Markup(escape(str(value)))  # noqa: S704


def templates_in(folder: Path, **more: Any) -> Environment:
    """Return the HTML templates of a folder, whose lines of statements leave nothing in a page."""
    blanks: dict[str, Any] = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}
    return Environment(loader=FileSystemLoader(folder), autoescape=True, **blanks, **more)


_TEMPLATES = templates_in(Path(__file__).with_name("templates"), finalize=_escaped)
_TEMPLATES.globals |= {"by_day": _by_day, "by_section": _by_section, "label_of": label_of}


def _fill(template: str, **values: object) -> str:
    return _TEMPLATES.get_template(template).render(values)
