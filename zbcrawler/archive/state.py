"""What one run leaves for the next beside the archive: one file, which is not in git.

It holds the journal of what a run was about to fetch, what the listings said last, what is needed for conditional
requests, and when failed stories are tried again. Its loss costs requests, and no story.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from zbcrawler.archive.layout import PRIVATE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from typing_extensions import Self

    from zbcrawler.archive.store import Archive

COMMITTED = "committed"
"""The fact that all that runs wrote is in git; is forgotten before a run writes."""

_VERSION = 1
_SCHEMA = f"""
create table planned (number text, kind text, path text, section text, known int, primary key (number, kind));
create table listed (number text, listing text, title text, time real, seen real, primary key (number, listing));
create table pages (number text primary key, url text, etag text, modified text, fetched real);
create table retries (number text primary key, tries int, due real);
create table facts (name text primary key, value text);
pragma user_version = {_VERSION};
"""
KEPT_FOR = timedelta(days=30)
"""What is older than this is forgotten."""
# What is listed for weeks is not written anew by every run.
_SEEN_AGAIN = timedelta(days=7)
# Changes weigh more than what they are about, so of a long plan not all are kept until they are written.
_CHANGES_AT_ONCE = 1000
# Seconds; the other kind of run holds the file for milliseconds.
_PATIENCE = 30


@dataclass(frozen=True, slots=True)
class PlannedStory:
    """A story that a run was about to fetch.

    :ivar kind: the spider's name
    :ivar path: of the story's address
    :ivar known: whether the archive had it already
    """

    number: str
    kind: str
    path: str
    section: str
    known: bool


@dataclass(frozen=True, slots=True)
class ListingRecord:
    """What a listing said of a story.

    :ivar listing: ``half/section``
    :ivar time: aware, None if it told none, or none that can be compared
    """

    listing: str
    title: str
    time: datetime | None


@dataclass(frozen=True, slots=True)
class PageRecord:
    """How a story's page was last got.

    :ivar url: which answered
    :ivar etag: as the server sent it, as is ``modified``
    :ivar time: aware
    """

    url: str
    etag: str
    modified: str
    time: datetime


class RunState:
    """Is read once, when it is first asked; changes are kept until :meth:`save`.

    Two kinds of runs may use one file at a time: each writes only the rows that it changed.
    """

    @classmethod
    def of(cls, archive: Archive, kind: str, name: str = "state") -> Self:
        """Return the state of an archive's runs.

        :param name: of the file, without its ending
        """
        return cls(archive.root / PRIVATE / f"{name}.sqlite", kind, archive.dry_run)

    def __init__(self, path: Path, kind: str = "", dry_run: bool = False) -> None:
        """Read and writes nothing yet.

        :param kind: the spider's name
        :param dry_run: nothing is ever written
        """
        self.path = path
        self.kind = kind
        self.dry_run = dry_run
        self.was_broken = False
        self._loaded = False
        self._planned: dict[str, PlannedStory | None] = {}  # None: by this run
        self._listed: dict[tuple[str, str], tuple[ListingRecord, datetime]] = {}
        self._pages: dict[str, PageRecord] = {}
        self._retries: dict[str, tuple[int, datetime]] = {}
        self._facts: dict[str, str] = {}
        self._changes: dict[tuple[str, tuple[str, ...]], tuple[object, ...] | None] = {}

    # -- the journal -----------------------------------------------------------------------------

    def planned_stories(self) -> list[PlannedStory]:
        """Return what earlier runs of this kind planned and did not come to."""
        self._load()
        return [story for story in self._planned.values() if story]

    def plan(self, stories: Iterable[PlannedStory]) -> None:
        """Note what is about to be fetched. It is on the disk when this returns, and nothing may be fetched before.

        :param stories: the oldest first: a kill meanwhile leaves out the newest, which the listings still show
        :raises OSError: if it cannot be written
        """
        self._load()
        for story in stories:
            self._planned[story.number] = None
            self._change("planned", (story.number, self.kind), (story.path, story.section, story.known))
            self.note_fact(COMMITTED, "")
            if len(self._changes) >= _CHANGES_AT_ONCE:
                self.save()
        self.save()

    def is_planned(self, number: str) -> bool:
        """Whether the journal has a story."""
        self._load()
        return number in self._planned

    def done(self, number: str) -> None:
        """Take a story out of the journal."""
        if self.is_planned(number):
            del self._planned[number]
            self._change("planned", (number, self.kind), None)

    # -- listings --------------------------------------------------------------------------------

    def listing_record(self, number: str, listing: str) -> ListingRecord | None:
        """Return what a listing said last of a story."""
        self._load()
        found = self._listed.get((number, listing))
        return found[0] if found else None

    def add_listing_record(self, number: str, said: ListingRecord, now: datetime) -> None:
        """Note what a listing says of a story, for later runs: this one need not keep it."""
        self._load()
        old = self._listed.get((number, said.listing))
        if old is None or old[0] != said or abs(now - old[1]) > _SEEN_AGAIN:
            self._change("listed", (number, said.listing), (said.title, _seconds(said.time), _seconds(now)))

    # -- pages -----------------------------------------------------------------------------------

    def page_record(self, number: str) -> PageRecord | None:
        """How a story's page was last got."""
        self._load()
        return self._pages.get(number)

    def add_page_record(self, number: str, page: PageRecord) -> None:
        """Note how a story's page was got, for later runs: this one need not keep it."""
        self._change("pages", (number,), (page.url, page.etag, page.modified, _seconds(page.time)))

    # -- retries ---------------------------------------------------------------------------------

    def tries(self, number: str) -> int:
        """How often a story was tried in vain."""
        self._load()
        return self._retries.get(number, (0, None))[0]

    def due(self, number: str) -> datetime | None:
        """When a story is to be tried again, None if that is not known."""
        self._load()
        return self._retries.get(number, (0, None))[1]

    def note_retry(self, number: str, tries: int, due: datetime) -> None:
        """Note when a story is to be tried again."""
        self._load()
        self._retries[number] = (tries, due)
        self._change("retries", (number,), (tries, _seconds(due)))

    def forget_retry(self, number: str) -> None:
        """Note that a story need not be tried again."""
        self._load()
        if self._retries.pop(number, None):
            self._change("retries", (number,), None)

    # -- other facts -----------------------------------------------------------------------------

    def fact(self, name: str) -> str:
        """Return a fact that was noted, empty if it was not."""
        self._load()
        return self._facts.get(name, "")

    def note_fact(self, name: str, value: str) -> None:
        """Note a fact; an empty one is forgotten."""
        if self.fact(name) != value:
            self._facts[name] = value
            self._change("facts", (name,), (value,) if value else None)

    # -- the file --------------------------------------------------------------------------------

    def save(self, now: datetime | None = None) -> None:
        """Write what has changed, whole or not at all.

        :param now: forgets what is too old by then to be of use
        :raises OSError: if it cannot be written; it can be tried again
        """
        if self.dry_run or not self._changes:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with closing(sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)) as file:
                file.execute("begin immediate")
                if file.execute("pragma user_version").fetchone() != (_VERSION,):
                    for statement in _SCHEMA.strip().splitlines():
                        file.execute(statement)
                for (table, key), values in self._changes.items():
                    _write(file, table, key, values)
                if now:
                    _prune(file, now)
                file.execute("commit")
        except sqlite3.Error as error:
            raise OSError(f"{self.path}: {error}") from error
        self._changes.clear()

    def _change(self, table: str, key: tuple[str, ...], values: tuple[object, ...] | None) -> None:
        self._changes[table, key] = values

    def _load(self) -> None:
        """:raises OSError: if the file is there and cannot be opened; one that is broken is begun anew"""
        if self._loaded:
            return
        self._loaded = True
        if not self.path.is_file():
            return
        try:
            try:
                # A run without news opens no file for writing.
                self._read("ro")
            except sqlite3.OperationalError:
                # After a kill something may have to be rolled back first.
                self._read("rw")
        except sqlite3.OperationalError as error:
            raise OSError(f"{self.path}: {error}") from error
        except (sqlite3.Error, ValueError, TypeError, OverflowError):
            self._begin_anew()

    def _read(self, mode: str) -> None:
        with closing(
            sqlite3.connect(f"{self.path.absolute().as_uri()}?mode={mode}", uri=True, timeout=_PATIENCE)
        ) as file:
            if file.execute("pragma user_version").fetchone() != (_VERSION,):
                raise sqlite3.DatabaseError("written by another version")
            self._read_tables(file)

    def _read_tables(self, file: sqlite3.Connection) -> None:
        for row in file.execute("select number, kind, path, section, known from planned where kind = ?", [self.kind]):
            self._planned[row[0]] = PlannedStory(*row[:4], known=bool(row[4]))
        for number, listing, title, time, seen in file.execute("select * from listed"):
            self._listed[number, listing] = (ListingRecord(listing, title, _moment(time)), _moment(seen))
        for number, url, etag, modified, time in file.execute("select * from pages"):
            self._pages[number] = PageRecord(url, etag, modified, _moment(time))
        for number, tries, due in file.execute("select * from retries"):
            self._retries[number] = (tries, _moment(due))
        self._facts.update(file.execute("select name, value from facts"))

    def _begin_anew(self) -> None:
        self.was_broken = True
        for memory in (self._planned, self._listed, self._pages, self._retries, self._facts):
            memory.clear()
        if not self.dry_run:
            self.path.unlink(missing_ok=True)
            self.path.with_name(f"{self.path.name}-journal").unlink(missing_ok=True)


_KEYS = {
    "planned": ("number", "kind"),
    "listed": ("number", "listing"),
    "pages": ("number",),
    "retries": ("number",),
    "facts": ("name",),
}


# The names of tables and columns are those above; values are bound.
def _write(file: sqlite3.Connection, table: str, key: tuple[str, ...], values: tuple[object, ...] | None) -> None:
    if values is None:
        wanted = " and ".join(f"{name} = ?" for name in _KEYS[table])
        file.execute(f"delete from {table} where {wanted}", key)  # noqa: S608
        return
    row = (*key, *values)
    file.execute(f"insert or replace into {table} values ({', '.join('?' * len(row))})", row)  # noqa: S608


def _prune(file: sqlite3.Connection, now: datetime) -> None:
    before = _seconds(now - KEPT_FOR)
    file.execute("delete from listed where seen < ?", [before])
    file.execute("delete from pages where fetched < ?", [before])
    file.execute("delete from retries where due < ?", [before])


def _seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, timezone.utc)
