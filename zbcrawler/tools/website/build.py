"""Build the website of an archive, or bring it up to date: only what has changed is written again."""

import hashlib
import multiprocessing
import os
import shutil
import sqlite3
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar
from uuid import uuid4
from zlib import crc32

from zbcrawler.archive.disk import PICTURES, POSTS, ArchiveFolder, hold_run_lock
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.times import SINGAPORE
from zbcrawler.tools.website import search_index
from zbcrawler.tools.website.catalogue import Catalogue
from zbcrawler.tools.website.changes import Changes
from zbcrawler.tools.website.edits import Edits
from zbcrawler.tools.website.pages import Pages
from zbcrawler.tools.website.reading import ReadPost
from zbcrawler.tools.website.rendering import Look, StoryPage, style_of, write, write_story
from zbcrawler.tools.website.search_index import IndexedStory

_MARK = ".zbcrawler-site"
"""The file in a website's folder by which ``scrapy site`` knows its own."""

_INDEX = "search-index"
_FOLDERS = ("story", "days", "months", "sections", "edits", "sitemaps", _INDEX)
_MANY = 500  # posts that are worth several processes
_AT_ONCE = 100
# A forked process has all modules; a new one would first import Scrapy. Fork is only safe on Linux.
_START = "fork" if sys.platform == "linux" else "spawn"
_T = TypeVar("_T")
_R = TypeVar("_R")


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
            raise OSError(f"{private / name}: {error}") from error


class _Build:
    def __init__(self, catalogue: Catalogue, root: Path, out: Path, look: Look) -> None:
        self.catalogue, self.root, self.out, self.look = catalogue, root, out, look
        self.edits = Edits(catalogue, root)

    def run(self, left_out: Callable[[str], object], now: datetime) -> Built:
        mark, website = self.out / _MARK, self.catalogue.fact("website")
        is_known = website and mark.is_file() and mark.read_text("utf-8", "replace") == website
        if not is_known or not search_index.is_usable(self.out / _INDEX):
            self._begin_anew(mark)
        with self.catalogue.transaction():
            changed = self._read_posts(left_out)
            self.edits.refresh()
            made_by = _digest(self.look)
            if self.catalogue.fact("made by") != made_by:
                self.catalogue.mark_all()
                # The index has the search's script.
                search_index.update_index(self.out / _INDEX, (), ())
                self.catalogue.set_fact("made by", made_by)
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
        """Take all changed posts into the catalogue and the search index; return their number."""
        changes, gone = Changes(self.catalogue), set[str]()
        count = changes.find(self.root, left_out)
        if not count:
            return 0

        def indexed() -> Iterator[IndexedStory]:
            for post in _in_processes(partial(_read_post, self.root), changes.found(), count):
                gone.update(changes.put(post))
                if post.indexed:
                    yield post.indexed._replace(page=self.catalogue.page_of(post.path))
                elif post.stamp:
                    left_out(post.path)

        search_index.update_index(self.out / _INDEX, indexed(), ())
        gone -= self.catalogue.pages(gone)
        for page in gone:
            for place in ("story", "edits"):
                (self.out / place / f"{page}.html").unlink(missing_ok=True)
        # A story whose number an older one has gets another page, although its post has not changed.
        renamed = [
            post.indexed._replace(page=self.catalogue.page_of(path))
            for path in changes.renamed
            if (post := ReadPost.read(self.root, path, "")).indexed
        ]
        if gone or renamed:
            search_index.update_index(self.out / _INDEX, renamed, gone)
        return count

    def _write_marked(self, pages: Pages) -> int:
        """Write what the catalogue has marked, and the pages that show all; return the number of stories' pages."""
        catalogue, written = self.catalogue, self.catalogue.count_marked("story")
        for _ in _in_processes(partial(write_story, self.root, self.out, self.look), self._story_pages(), written):
            pass
        writers = {"day": pages.write_day, "section": pages.write_section, "versions": pages.write_versions}
        for kind, write_page in writers.items():
            for name, _ in catalogue.marked(kind):
                write_page(name)
        for month, section in catalogue.marked("month"):
            pages.write_month(month, section)
        pages.write_overviews()
        with catalogue.transaction():
            catalogue.forget_marked()
        return written

    def _story_pages(self) -> Iterator[StoryPage]:
        for path, _ in self.catalogue.marked("story"):
            for story in self.catalogue.stories("path = ?", [path]):
                before, after = self.catalogue.beside(story.section, int(story.time.timestamp()), path)
                yield StoryPage(story, before, after, *self.edits.about(path))

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


def _read_post(root: Path, changed: tuple[str, str]) -> ReadPost:
    return ReadPost.read(root, *changed)


def _in_processes(work: Callable[[_T], _R], tasks: Iterable[_T], count: int) -> Iterator[_R]:
    """Yield the results of tasks in their order, from several processes if there are many tasks."""
    processes = os.cpu_count() or 1
    if count < _MANY or processes == 1:
        yield from map(work, tasks)
        return
    left, waiting = iter(tasks), deque[Future[list[_R]]]()
    with ProcessPoolExecutor(processes, multiprocessing.get_context(_START)) as pool:
        # Memory holds a few parts only.
        while part := list(islice(left, _AT_ONCE)):
            waiting.append(pool.submit(_work_all, work, part))
            if len(waiting) > 2 * processes:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _work_all(work: Callable[[_T], _R], tasks: Sequence[_T]) -> list[_R]:
    return [work(task) for task in tasks]
