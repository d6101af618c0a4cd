"""Writes the site's source into an archive's folder: what is missing once, what lists stories each time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from zbcrawler.archive.store import Archive
from zbcrawler.common.errors import ArgumentError
from zbcrawler.tools.website import feeds
from zbcrawler.tools.website.pages import pages
from zbcrawler.tools.website.stories import read_stories

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zbcrawler.tools.website.stories import SiteStory

_SKELETON = Path(__file__).with_name("skeleton")
# Made from the posts, so git need not keep them: they would change with every run.
_MADE = (
    *("/index.html", "/months.html", "/months/", "/sections.html", "/sections/"),
    *("/feed.xml", "/sitemap.xml", "/sitemaps/", f"/{feeds.DATA}/"),
    *("/_site/", "/.jekyll-cache/", "/resources/", "/.hugo_build.lock"),
)
_IGNORED_BY = "# What scrapy site, Jekyll and Hugo make of the posts"
_FOLDERS = ("months", "sections", "sitemaps", feeds.DATA)


class Written(NamedTuple):
    """What came of it.

    :ivar stories: how many the pages list
    :ivar added: files that were missing, and are yours now
    :ivar left_out: paths of files below ``_posts`` that are no posts
    """

    stories: int
    added: list[str]
    left_out: list[str]


def write_site(root: Path) -> Written:
    """Write what Jekyll needs beside the posts.

    :raises ArgumentError: if a page of somebody else stands where one of ours belongs
    :raises OSError: if a file cannot be written
    """
    archive = Archive(root)
    left_out: list[str] = []
    stories = read_stories(root, left_out.append)
    made = dict(_made(stories))
    _look_out(root, made)
    added = [name for name, data in _missing(root) if archive.write(root / name, data)]
    _ignore(archive, added)
    for name, text in made.items():
        archive.write(root / name, text.encode())
    for folder in _FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.relative_to(root).as_posix() not in made:
                path.unlink()
    return Written(len(stories), added, left_out)


def _made(stories: Sequence[SiteStory]) -> Iterator[tuple[str, str]]:
    yield from pages(stories)
    yield from feeds.neighbours(stories)
    yield from feeds.sitemaps(stories)
    yield "feed.xml", feeds.feed(stories)


def _look_out(root: Path, made: dict[str, str]) -> None:
    """Find what is not ours before anything is written over."""
    ignored = root / ".gitignore"
    if ignored.exists() and _IGNORED_BY in ignored.read_text("utf-8", "replace"):
        return
    for name in (*_FOLDERS, *made):
        if (root / name).exists():
            raise ArgumentError(f"{root / name}: is there already, and not by scrapy site; move it away")


def _missing(root: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(_SKELETON.rglob("*")):
        name = path.relative_to(_SKELETON).as_posix()
        if path.is_file() and not (root / name).exists():
            yield name, path.read_bytes()


def _ignore(archive: Archive, added: list[str]) -> None:
    path = archive.root / ".gitignore"
    text = path.read_text("utf-8") if path.exists() else ""
    if _IGNORED_BY not in text:
        block = "\n".join([_IGNORED_BY, *_MADE])
        text += "\n" if text and not text.endswith("\n") else ""
        archive.write(path, f"{text}{block}\n".encode())
        added.append(".gitignore")
