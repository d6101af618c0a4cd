"""What one run leaves for the next beside the archive: one file, which is not in git.

The file holds the journal of what a run was about to fetch, what the listings said last, what conditional requests
need, and when failed stories are tried again. Its loss costs requests, and no story.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from typing_extensions import Self

from zbcrawler.archive.folder import ArchiveFolder
from zbcrawler.archive.layout import PRIVATE
from zbcrawler.archive.state_file import StateFile

KEPT_FOR = timedelta(days=30)
"""Older records are forgotten."""
# Stories are listed for weeks; not every run writes their records again.
_SEEN_AGAIN = timedelta(days=7)
# Changes weigh more than the stories, so a long plan is written in parts.
_CHANGES_AT_ONCE = 1000
# Names of facts in the file.
_COMMITTED, _WAIT, _UNTOLD = "committed", "the site is left alone until", "untold gap of section"


class PlannedStory(NamedTuple):
    """A story that a run was about to fetch.

    :ivar kind: the spider's name
    :ivar path: of the story's address
    :ivar known: whether the archive had the story already
    """

    number: str
    kind: str
    path: str
    section: str
    known: bool


class ListingRecord(NamedTuple):
    """What a listing said of a story.

    :ivar listing: ``half/section``
    :ivar time: aware, None if the listing gave none, or none that can be compared
    """

    listing: str
    title: str
    time: datetime | None


class PageRecord(NamedTuple):
    """How a story's page was last fetched.

    :ivar url: of the answer
    :ivar etag: as the server sent it, as is ``modified``
    :ivar time: aware
    """

    url: str
    etag: str
    modified: str
    time: datetime


class Retry(NamedTuple):
    """How often a story failed in a row, and when it is tried again (aware)."""

    tries: int = 0
    due: datetime | None = None


@dataclass
class _Memory:
    """What the file says, and this run's changes; None stands for a story that this run planned."""

    planned: dict[str, PlannedStory | None] = field(default_factory=dict)
    listed: dict[tuple[str, str], tuple[ListingRecord, datetime]] = field(default_factory=dict)
    pages: dict[str, PageRecord] = field(default_factory=dict)
    retries: dict[str, Retry] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)

    def take(self, file: sqlite3.Connection, kind: str) -> None:
        for number, path, section, known in file.execute(
            "select number, path, section, known from planned where kind = ?", [kind]
        ):
            self.planned[number] = PlannedStory(number, kind, path, section, bool(known))
        for number, listing, title, time, seen in file.execute("select * from listed"):
            record = ListingRecord(listing, title, None if time is None else _moment(time))
            self.listed[number, listing] = (record, _moment(seen))
        for number, url, etag, modified, time in file.execute("select * from pages"):
            self.pages[number] = PageRecord(url, etag, modified, _moment(time))
        for number, tries, due in file.execute("select * from retries"):
            self.retries[number] = Retry(tries, _moment(due))
        self.facts.update(file.execute("select name, value from facts"))


class RunState:
    """The state of the runs: the file is read on first use, and written by :meth:`save`.

    :ivar was_broken: whether the file could not be read and is begun anew
    """

    @classmethod
    def of(cls, archive: ArchiveFolder, kind: str, name: str = "state") -> Self:
        """Return the state of an archive's runs in the file ``name``.sqlite."""
        return cls(archive.root / PRIVATE / f"{name}.sqlite", kind, archive.dry_run)

    def __init__(self, path: Path, kind: str = "", dry_run: bool = False) -> None:
        """Read and write nothing yet; ``kind`` is the spider's name."""
        self.path = path
        self.kind = kind
        self.was_broken = False
        self._file = StateFile(path, dry_run)

    @cached_property
    def _memory(self) -> _Memory:
        # Set at once: only the first use raises if the file cannot be opened.
        memory = vars(self)["_memory"] = _Memory()
        self.was_broken = not self._file.read(lambda file: memory.take(file, self.kind))
        return _Memory() if self.was_broken else memory

    def save(self, now: datetime | None = None) -> None:
        """Write what has changed, whole or not at all.

        :param now: forget what is older than ``KEPT_FOR`` by then
        :raises OSError: if the file cannot be written; another call tries again
        """
        self._file.save(now - KEPT_FOR if now else None)

    def planned_stories(self) -> list[PlannedStory]:
        """Return what earlier runs of this kind planned and did not reach."""
        return [story for story in self._memory.planned.values() if story]

    def plan(self, stories: Iterable[PlannedStory]) -> None:
        """Write stories into the journal. They may be fetched when this returns, and not before.

        :param stories: the oldest first: a kill meanwhile leaves out the newest, which the listings still show
        :raises OSError: if the journal cannot be written
        """
        for story in stories:
            self._memory.planned[story.number] = None
            self._file.change("planned", (story.number, self.kind), (story.path, story.section, story.known))
            self.is_committed = False
            if len(self._file.changes) >= _CHANGES_AT_ONCE:
                self.save()
        self.save()

    def is_planned(self, number: str) -> bool:
        """Whether the journal has a story."""
        return number in self._memory.planned

    def done(self, number: str) -> None:
        """Take a story out of the journal."""
        if self.is_planned(number):
            del self._memory.planned[number]
            self._file.change("planned", (number, self.kind), None)

    def listing_record(self, number: str, listing: str) -> ListingRecord | None:
        """Return what a listing said last of a story."""
        found = self._memory.listed.get((number, listing))
        return found[0] if found else None

    def add_listing_record(self, number: str, said: ListingRecord, now: datetime) -> None:
        """Note for later runs what a listing says of a story; this run does not keep it."""
        old = self._memory.listed.get((number, said.listing))
        if old is None or old[0] != said or abs(now - old[1]) > _SEEN_AGAIN:
            time = said.time.timestamp() if said.time else None
            self._file.change("listed", (number, said.listing), (said.title, time, now.timestamp()))

    def page_record(self, number: str) -> PageRecord | None:
        """Return how a story's page was last fetched."""
        return self._memory.pages.get(number)

    def add_page_record(self, number: str, page: PageRecord) -> None:
        """Note for later runs how a story's page was fetched; this run does not keep it."""
        self._file.change("pages", (number,), (page.url, page.etag, page.modified, page.time.timestamp()))

    def retry(self, number: str) -> Retry:
        """Return how often a story failed, and when it is tried again."""
        return self._memory.retries.get(number, Retry())

    def note_retry(self, number: str, tries: int, due: datetime) -> None:
        """Note when a story is tried again."""
        self._memory.retries[number] = Retry(tries, due)
        self._file.change("retries", (number,), (tries, due.timestamp()))

    def forget_retry(self, number: str) -> None:
        """Note that a story need not be tried again."""
        if self._memory.retries.pop(number, None):
            self._file.change("retries", (number,), None)

    @property
    def is_committed(self) -> bool:
        """Whether git has all that runs wrote; False before a run writes."""
        return bool(self._fact(_COMMITTED))

    @is_committed.setter
    def is_committed(self, committed: bool) -> None:
        self._note_fact(_COMMITTED, "yes" if committed else "")

    @property
    def wait_until(self) -> datetime | None:
        """When the site may be asked again, as it said itself (aware)."""
        text = self._fact(_WAIT)
        return datetime.fromisoformat(text) if text else None

    @wait_until.setter
    def wait_until(self, until: datetime | None) -> None:
        self._note_fact(_WAIT, until.isoformat() if until else "")

    def untold_gap(self, section: str) -> str:
        """Return the gap of a section that no summary has shown yet, in words; empty if there is none."""
        return self._fact(f"{_UNTOLD} {section}")

    def note_untold_gap(self, section: str, what: str) -> None:
        """Note a gap for the next summary; empty words forget it."""
        self._note_fact(f"{_UNTOLD} {section}", what)

    def _fact(self, name: str) -> str:
        return self._memory.facts.get(name, "")

    def _note_fact(self, name: str, value: str) -> None:
        if self._fact(name) != value:
            self._memory.facts[name] = value
            self._file.change("facts", (name,), (value,) if value else None)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
