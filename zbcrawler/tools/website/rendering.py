"""Fill the templates, with a theme's before ours."""

import calendar
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup
from typing_extensions import Self

from zbcrawler.archive import posts
from zbcrawler.archive.disk import link_from_post
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.text import one_line
from zbcrawler.common.times import SINGAPORE
from zbcrawler.items import Story
from zbcrawler.tools.report.coverage import FOLDER
from zbcrawler.tools.website.sections import label_of, slug_of

TEMPLATES = Path(__file__).with_name("templates")
_KEPT = link_from_post("")
_SOURCE = re.compile(r'<img src="([^"]*)"')
_LATE = ' loading="lazy" decoding="async" referrerpolicy="no-referrer"'


class Look(NamedTuple):
    """What the owner of a website chooses."""

    title: str
    url: str = ""  # the website's address with a slash at its end; empty if not known
    theme: str = ""  # a folder of templates that replace ours; empty for none

    @classmethod
    def of(cls, title: str, url: str, theme: str) -> Self:
        """Check the options; raise ArgumentError for a wrong one."""
        try:
            parts = urlsplit(url)
        except ValueError:  # such as http://[
            parts = urlsplit("")
        if url and (parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment):
            raise ArgumentError(f"--url {url}: write the website's address, such as https://news.example.org/archive/")
        if theme and not Path(theme).expanduser().is_dir():
            raise ArgumentError(f"--theme {theme}: is not an existing folder")
        return cls(
            one_line(title), f"{url.rstrip('/')}/" if url else "", str(Path(theme).expanduser()) if theme else ""
        )


def style_of(look: Look) -> Path:
    """Return the file of the style: the theme's, or ours."""
    own = Path(look.theme, "style.css")
    return own if look.theme and own.is_file() else TEMPLATES.with_name("style.css")


def write(path: Path, text: str) -> None:
    """Write a page if it differs, so that tools which copy websites see what is new."""
    data = text.encode("utf-8", "replace")
    if path.is_file() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def fill(look: Look, template: str, path: str, **values: Any) -> str:
    """Return a page; ``path`` is its path in the website, from which its relative links lead to the top."""
    values.setdefault("root", "../" * path.count("/"))
    return _environment(look.theme).get_template(template).render(site=look, path=path, **values)


def read_post(root: Path, path: str) -> Story | None:
    try:
        return posts.read((root / path).read_text("utf-8"), path)
    except (OSError, ValueError):
        return None


def body_of(story: Story, root: str) -> Markup:
    """Return a story's body for a page whose links to the top of the website begin with ``root``."""

    def source(found: re.Match[str]) -> str:
        return f'<img src="{picture_address(found[1], root)}"{_LATE}'

    return Markup("\n".join(_SOURCE.sub(source, line) for line in story.body))  # noqa: S704 - cleaned HTML


def picture_address(source: str, root: str) -> str:
    """Return the address of a picture; kept pictures lie in the website."""
    return root + source.removeprefix(_KEPT) if source.startswith(_KEPT) else source


@lru_cache(maxsize=1)
def _environment(theme: str) -> Environment:
    ours = FileSystemLoader([TEMPLATES, FOLDER])
    loaders = ChoiceLoader([*([FileSystemLoader(theme)] if theme else []), ours, PrefixLoader({"default": ours})])
    made = Environment(
        loader=loaders, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    made.globals |= {"label_of": label_of, "slug_of": slug_of, "weeks_of": _weeks_of}
    made.filters |= {"picture": picture_address, "groupby_year": _by_year, "moment": _moment}
    return made


def _moment(time: datetime | None) -> str:
    return f"{time.astimezone(SINGAPORE):%Y-%m-%d %H:%M}" if time else "无"


def _weeks_of(month: str) -> list[list[str]]:
    """Return the weeks of a month, from Monday, as days such as ``2026-01-31``; empty for days of other months."""
    weeks = calendar.Calendar().monthdayscalendar(int(month[:4]), int(month[5:]))
    return [[f"{month}-{day:02}" if day else "" for day in week] for week in weeks]


def _by_year(counts: Mapping[str, int]) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield each year, the newest first, with the number of stories of all its months."""
    for year, _ in groupby(sorted(counts, reverse=True), lambda month: month[:4]):
        yield year, {month: counts.get(month, 0) for month in (f"{year}-{number:02}" for number in range(1, 13))}
