"""Take changed posts into the catalogue, and mark the pages that show them."""

from collections.abc import Callable, Iterator
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import Any

from zbcrawler.archive import disk
from zbcrawler.tools.website.catalogue import Catalogue
from zbcrawler.tools.website.reading import ReadPost, post_files


class Changes:
    """What has changed in an archive's posts since the catalogue was written."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue, self.db = catalogue, catalogue.db
        self._marked: set[tuple[str, str]] = set()  # days and sections whose pages are marked
        self.renamed: set[str] = set()  # posts that have not changed, but whose page has another name

    def find(self, root: Path, left_out: Callable[[str], object]) -> int:
        """Find the posts whose file is new, changed or gone since the last build; return their number.

        :param left_out: called with the path of each file below ``_posts`` whose name is not a post's
        """
        self.db.execute("create temp table changed (path text, stamp text)")
        known = ((path, 0, stamp) for path, stamp in self.db.execute("select path, stamp from stories order by path"))
        found = ((path, 1, stamp) for path, stamp in post_files(root, left_out))
        for path, both in groupby(merge(known, found), key=itemgetter(0)):
            stamps = {place: stamp for _, place, stamp in both}
            if stamps.get(0) != stamps.get(1):
                self.db.execute("insert into changed values (?, ?)", [path, stamps.get(1, "")])
        return int(self.db.execute("select count(*) from changed").fetchone()[0])

    def found(self) -> Iterator[tuple[str, str]]:
        """Yield path and stamp of each changed post; the stamp is empty if the file is gone."""
        yield from self.db.execute("select path, stamp from changed")

    def put(self, post: ReadPost) -> set[str]:
        """Take a changed post into the catalogue, or remove it; return the names of pages that are gone."""
        number, before = disk.number_of(post.path) or "", self._select("path", post.path)
        page = before[0][0] if before else ""
        for _, *place in before:
            self._mark(*place)
            self.db.execute("delete from stories where path = ?", [post.path])
        if post.row:
            row = post.path, post.stamp, number, page, *post.row
            self.db.execute(f"insert into stories values ({', '.join('?' * len(row))})", row)  # noqa: S608
        gone = self._name_pages(number, post.path) | {page}
        for _, *place in self._select("path", post.path):
            self._mark(*place)
        return gone - {page for page, *_ in self._select("number", number)} - {""}

    def _name_pages(self, number: str, changed: str) -> set[str]:
        """Name the pages of the stories with one number; return the names that they had before."""
        before = set()
        for n, (page, path, *place) in enumerate(self._select("number", number)):
            name = PurePosixPath(path).stem if n else number
            if name != page:
                before.add(page)
                self.db.execute("update stories set page = ? where path = ?", [name, path])
                self.catalogue.mark("versions", path)
                if path != changed:
                    self.renamed.add(path)
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
