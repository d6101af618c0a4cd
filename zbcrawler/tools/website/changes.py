"""Take changed posts into the catalogue, and mark the pages that show them."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any
from zlib import crc32

from zbcrawler.archive import disk
from zbcrawler.tools.website.catalogue import Catalogue
from zbcrawler.tools.website.reading import ReadPost

_INSERT = f"insert into stories values ({', '.join('?' * 13)})"  # noqa: S608


class Changes:
    """What has changed in an archive's posts since the catalogue was written."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue, self.db = catalogue, catalogue.db
        self._marked: set[tuple[str, str]] = set()  # days and sections whose pages are marked

    def find(self, root: Path, left_out: Callable[[str], object]) -> int:
        """Find the posts whose file is new, changed or gone since the last build; return their number.

        The catalogue has one stamp of all files of a folder, so only the stamps of a changed folder's posts are read.

        :param left_out: called with the path of each file below ``_posts`` whose name is not a post's
        """
        self.db.execute("create temp table changed (path text, stamp text)")
        known = dict(self.db.execute("select path, stamp from folders"))
        for folder, stamps in _folders(root, left_out):
            stamp = f"{crc32(repr(stamps).encode()):08x}"
            if known.pop(folder, "") != stamp:
                self._compare(folder, stamps)
                self.db.execute("insert or replace into folders values (?, ?)", [folder, stamp])
        for folder in known:
            self._compare(folder, {})
            self.db.execute("delete from folders where path = ?", [folder])
        return int(self.db.execute("select count(*) from changed").fetchone()[0])

    def _compare(self, folder: str, stamps: dict[str, str]) -> None:
        words = "select path, stamp from stories where path between ? and ?"
        known = dict(self.db.execute(words, [f"{folder}/", f"{folder}/~"]))
        for path in sorted({*known, *stamps}):
            if known.get(path) != stamps.get(path):
                self.db.execute("insert into changed values (?, ?)", [path, stamps.get(path, "")])

    def found(self) -> Iterator[tuple[str, str]]:
        """Yield path and stamp of each changed post; the stamp is empty if the file is gone."""
        yield from self.db.execute("select path, stamp from changed")

    def put(self, posts: Iterable[ReadPost], left_out: Callable[[str], object]) -> None:
        """Take changed posts into the catalogue, and remove those whose file is gone.

        :param left_out: called with the path of each file that is no post, or lies in a wrong place
        """
        if self.db.execute("select 1 from stories limit 1").fetchone():
            for post in self._good(posts, left_out):
                self._put(post)
            return
        self.db.executemany(_INSERT, (_row_of(post) for post in self._good(posts, left_out) if post.row))
        for (number,) in self.db.execute("select number from stories group by number having count(*) > 1").fetchall():
            self._name_pages(number, "")
        self.catalogue.mark_all("index")

    def _good(self, posts: Iterable[ReadPost], left_out: Callable[[str], object]) -> Iterator[ReadPost]:
        for post in posts:
            if post.stamp and not post.row:
                left_out(post.path)
                # The next build reads the file again.
                self.db.execute("delete from folders where path = ?", [post.path.rpartition("/")[0]])
            yield post

    def _put(self, post: ReadPost) -> None:
        before = self._select("path", post.path)
        for _, *place in before:
            self._mark(*place)
            self.db.execute("delete from stories where path = ?", [post.path])
        if post.row:
            self.db.execute(_INSERT, _row_of(post))
            self.catalogue.mark("index", post.path)
        number = disk.number_of(post.path) or ""
        for page in self._name_pages(number, post.path).union(page for page, *_ in before):
            self.catalogue.mark("gone", page)
        for _, *place in self._select("path", post.path):
            self._mark(*place)

    def _name_pages(self, number: str, changed: str) -> set[str]:
        """Name the pages of the stories with one number; return the names that they had before."""
        before = set()
        for n, (page, path, *place) in enumerate(self._select("number", number)):
            name = PurePosixPath(path).stem if n else number
            if name != page:
                before.add(page)
                self.db.execute("update stories set page = ? where path = ?", [name, path])
                self.catalogue.mark("versions", path)
                self.catalogue.mark("index", path)
                if path != changed:
                    self._mark(path, *place)
        return before

    def _select(self, column: str, value: str) -> list[tuple[Any, ...]]:
        """Return page, path, time, day and section of stories, in the order of the paths."""
        words = f"select page, path, time, day, section from stories where {column} = ? order by path"  # noqa: S608
        return self.db.execute(words, [value]).fetchall()

    def _mark(self, path: str, time: int, day: str, section: str) -> None:
        """Mark the pages that show a story as they are now: its own, its neighbours', its day's, month's, section's."""
        self.catalogue.mark("story", path)
        for beside in self.catalogue.beside(section, time, path):
            if beside:
                self.catalogue.mark("story", beside.path)
        if (day, section) in self._marked:
            return
        self._marked.add((day, section))
        self.catalogue.mark("section", section)
        # The day, or the month, may be new or empty now, so its neighbours link others.
        for other in filter(None, (day, *self.catalogue.days_beside(day))):
            self.catalogue.mark("day", other)
        for name in ("", section):
            for other in filter(None, (day, *self.catalogue.days_beside(day[:7], name))):
                self.catalogue.mark("month", other[:7], name)


def _row_of(post: ReadPost) -> tuple[object, ...]:
    number = disk.number_of(post.path)
    return post.path, post.stamp, number, number, *post.row


def _folders(root: Path, left_out: Callable[[str], object]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the path of each folder with posts, and the stamps of their files by path."""
    waiting = [disk.POSTS] if (root / disk.POSTS).is_dir() else []
    while waiting:
        folder, stamps = waiting.pop(), {}
        with os.scandir(root / folder) as entries:
            for entry in entries:
                path = f"{folder}/{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(path)
                elif not disk.is_post(path):
                    left_out(path)
                else:
                    with suppress(OSError):  # a run has just removed it
                        about = entry.stat()
                        stamps[path] = f"{about.st_mtime_ns}-{about.st_size}"
        if stamps:
            yield folder, dict(sorted(stamps.items()))
