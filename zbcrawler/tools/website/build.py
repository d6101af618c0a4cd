"""Build the website of an archive, or bring it up to date: only what has changed is written again."""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime
from functools import lru_cache, partial
from itertools import chain, product
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4
from zlib import crc32

from zbcrawler.archive.disk import PICTURES, POSTS, ArchiveFolder, hold_run_lock
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.processes import PROCESSES, chunks, in_processes
from zbcrawler.common.times import SINGAPORE
from zbcrawler.tools.website import search_index
from zbcrawler.tools.website.catalogue import Catalogue
from zbcrawler.tools.website.changes import Changes
from zbcrawler.tools.website.edits import Edits
from zbcrawler.tools.website.pages import Pages
from zbcrawler.tools.website.reading import ReadPost
from zbcrawler.tools.website.rendering import Look, style_of, write
from zbcrawler.tools.website.search_merging import groups_for
from zbcrawler.tools.website.search_runs import RUN
from zbcrawler.tools.website.story_pages import INDEX, write_stories

_MARK = ".zbcrawler-site"
"""The file in a website's folder by which ``scrapy site`` knows its own."""

_FOLDERS = ("story", "days", "months", "sections", "edits", "sitemaps", INDEX)
_MANY = 500  # posts that are worth several processes
_AT_ONCE = 100


class Built(NamedTuple):
    """What a build did."""

    stories: int  # in the website
    changed: int  # posts that were new, changed or gone
    written: int  # pages of stories that were written


def build(root: Path, out: Path, look: Look, left_out: Callable[[str], object], now: datetime) -> Built:
    """Build the website of an archive in a folder; after a killed build, go on.

    :param left_out: called with the path of each file below ``_posts`` that is no post, or lies in a wrong place
    :param now: aware; the report shows the day
    :raises ArgumentError: if ``out`` has files that ``scrapy site`` did not write, or is a part of the archive
    :raises HeldError: if another process builds a website of this archive
    :raises OSError: if the disk refuses
    :raises GitError: if git cannot read the archive's history
    """
    _check_folder(root, out)
    private = ArchiveFolder(root).private_folder()
    with hold_run_lock(private, "site"):
        name = f"website-{crc32(os.fsencode(out.resolve())):08x}.sqlite"
        try:
            with closing(Catalogue(private / name)) as catalogue:
                return _Build(catalogue, root, out, look).run(left_out, now)
        except sqlite3.Error as error:  # the disk is full, or refuses
            raise OSError(f"{private / name}: {error}; if the file is broken, remove it") from error


class _Build:
    def __init__(self, catalogue: Catalogue, root: Path, out: Path, look: Look) -> None:
        self.catalogue, self.root, self.out, self.look = catalogue, root, out, look
        self.edits = Edits(catalogue, root)

    def run(self, left_out: Callable[[str], object], now: datetime) -> Built:
        mark, website = self.out / _MARK, self.catalogue.fact("website")
        is_known = website and mark.is_file() and mark.read_text("utf-8", "replace") == website
        if not is_known:
            self._begin_anew(mark)
        with self.catalogue.transaction():
            changed = self._read_posts(left_out)
            self.edits.refresh()
            made_by = _digest(self.look)
            if self.catalogue.fact("made by") != made_by:
                self.catalogue.mark_all()
                self.catalogue.mark("script")
                self.catalogue.set_fact("made by", made_by)
            if not search_index.is_usable(self.out / INDEX):  # also after the kill of a first build
                self.catalogue.mark_all("index")
        self._copy_files()
        pages = Pages(self.catalogue, self.edits, self.root, self.out, self.look)
        written = self._write_marked(pages)
        today = now.astimezone(SINGAPORE).date().isoformat()
        if changed or self.catalogue.fact("day of the report") != today:
            pages.write_report(now)
            self.catalogue.set_fact("day of the report", today)
        return Built(sum(pages.counts.values()), changed, written)

    def _begin_anew(self, mark: Path) -> None:
        """Forget what is known, and remove the pages of an older website in the folder."""
        for name in _FOLDERS:
            shutil.rmtree(self.out / name, ignore_errors=True)
        self.catalogue.clear()
        self.catalogue.set_fact("website", uuid4().hex)
        self.out.mkdir(parents=True, exist_ok=True)
        mark.write_text(self.catalogue.fact("website"), "utf-8")

    def _read_posts(self, left_out: Callable[[str], object]) -> int:
        """Take all changed posts into the catalogue; return their number."""
        changes = Changes(self.catalogue)
        if count := changes.find(self.root, left_out):
            parts = chunks(changes.found(), _AT_ONCE)
            read = in_processes(partial(_read_posts, self.root), parts, count >= _MANY)
            changes.put(chain.from_iterable(read), left_out)
        return count

    def _write_marked(self, pages: Pages) -> int:
        """Write what the catalogue has marked, and the pages that show all; return the number of stories' pages."""
        catalogue, written = self.catalogue, self.catalogue.count_marked("story")
        gone = {name for name, _ in catalogue.marked("gone")}
        gone -= catalogue.pages(gone)
        for place, page in product(("story", "edits"), gone):
            (self.out / place / f"{page}.html").unlink(missing_ok=True)
        shards = groups_for(catalogue.count_marked("index"))
        work = partial(write_stories, self.root, self.out, self.look, catalogue.path, shards)
        # A part becomes a run of the search index. Larger ones cost less, but all processes should have some.
        parts = chunks(catalogue.marked_stories(), max(_AT_ONCE, min(RUN, written // (4 * PROCESSES))))
        runs = [run for run in in_processes(work, parts, written >= _MANY) if run]
        if runs or gone or catalogue.count_marked("script"):
            search_index.update_index(self.out / INDEX, runs, gone)
        marked = [(kind, *one) for kind in ("day", "month", "section", "versions") for one in catalogue.marked(kind)]
        work_on_pages = partial(_write_pages, self.root, self.out, self.look, catalogue.path)
        for _ in in_processes(work_on_pages, chunks(marked, _AT_ONCE), len(marked) >= _MANY):
            pass
        pages.write_overviews()
        with catalogue.transaction():
            catalogue.forget_marked()
        return written

    def _copy_files(self) -> None:
        """Copy the style and kept pictures, which never change, into the website."""
        write(self.out / "assets" / "style.css", style_of(self.look).read_text("utf-8"))
        for folder, _, names in os.walk(self.root / PICTURES):
            place = self.out / os.path.relpath(folder, self.root)
            place.mkdir(exist_ok=True)
            for name in names:
                if not (place / name).exists():
                    shutil.copyfile(Path(folder, name), place / name)


def _check_folder(root: Path, out: Path) -> None:
    inside = out.resolve()
    if inside == root.resolve() or inside.is_relative_to((root / POSTS).resolve()):
        raise ArgumentError(f"{out}: is a part of the archive; name another folder for the website")
    if out.exists() and not out.is_dir():
        raise ArgumentError(f"{out}: is not a folder; name a folder for the website")
    if out.is_dir() and not (out / _MARK).exists() and any(out.iterdir()):
        raise ArgumentError(f"{out}: has files that scrapy site did not write; name a new or an empty folder")


def _digest(look: Look) -> str:
    """Return a digest of what decides how pages look: the files of this package and of the theme, and the options."""
    found = hashlib.sha256(repr(look).encode())
    for folder in [Path(__file__).parent, *([Path(look.theme)] if look.theme else [])]:
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"):
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


@lru_cache(maxsize=1)
def _pages_of(root: Path, out: Path, look: Look, path: Path) -> Pages:
    """Return what writes pages in this process, with a connection of its own."""
    catalogue = Catalogue(path)
    return Pages(catalogue, Edits(catalogue, root), root, out, look)


def _write_pages(root: Path, out: Path, look: Look, path: Path, marked: Iterable[tuple[str, str, str]]) -> None:
    pages = _pages_of(root, out, look, path)
    writers = {"day": pages.write_day, "section": pages.write_section, "versions": pages.write_versions}
    for kind, name, section in marked:
        if kind == "month":
            pages.write_month(name, section)
        else:
            writers[kind](name)


def _read_posts(root: Path, changed: Iterable[tuple[str, str]]) -> list[ReadPost]:
    return [ReadPost.read(root, *one) for one in changed]
