"""The state that a run leaves for the next run: one sqlite file, which is not in git.

If the file is lost, runs send more requests, but lose no story.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from typing_extensions import Self

from zbcrawler.archive.disk import PRIVATE, ArchiveFolder
from zbcrawler.archive.state_file import StateFile
from zbcrawler.common.addresses import StoryAddress

KEPT_FOR = timedelta(days=30)  # older records are removed
# Stories are listed for weeks; an unchanged record is written again after this time, not by every run.
_REWRITE_AFTER = timedelta(days=7)
_CHANGES_AT_ONCE = 1000  # changes take more memory than the stories, so a long plan is written in parts
_LAST_SECOND = 7_258_118_400  # of the year 2200. Times of later years overflow in some time zones.
# Names of facts in the file; behind the last, the name of a section that has a gap which no summary has shown yet.
_COMMITTED, _WAIT, UNREPORTED_GAP = "committed", "the site is left alone until", "untold gap of section"
_NOTES_WAIT, _OUTAGE = "notes wait since", "stories fail because of the site since"


class PlannedStory(NamedTuple):
    """A story that a run was about to fetch."""

    key: str  # of the story's address
    kind: str  # the spider's name
    path: str  # of the story's address
    section: str
    known: bool  # whether the archive had the story already


class ListingRecord(NamedTuple):
    """What a listing shows about a story."""

    listing: str  # half/section
    title: str
    time: datetime | None  # aware, None if the listing gave none, or only a relative time


class PageRecord(NamedTuple):
    """When a story's page was last fetched, and its values for a conditional request."""

    url: str  # of the answer
    etag: str  # as the server sent it, like ``modified``
    modified: str
    time: datetime  # aware
    published: datetime | None = None  # when the story was published (aware), not later than it was first fetched


class Retry(NamedTuple):
    """How often a story failed in a row, and when it is tried again (aware)."""

    tries: int = 0
    due: datetime | None = None


@dataclass
class _Memory:
    """The content of the file, with this run's changes, by :meth:`StoryAddress.key_in`."""

    planned: dict[str, PlannedStory | None] = field(default_factory=dict)
    listed: dict[str, dict[str, tuple[ListingRecord, datetime]]] = field(default_factory=dict)
    pages: dict[str, PageRecord] = field(default_factory=dict)
    retries: dict[str, Retry] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)

    def load(self, file: sqlite3.Connection, kind: str) -> None:
        """Read the tables, the journal first; raise ValueError or TypeError for a value that no run writes."""
        for *story, known in file.execute("select * from planned where kind = ?", [kind]):
            key, *rest = map(_text, story)
            self.planned[key] = PlannedStory._make((key, *rest, bool(known)))
        for key, listing, title, time, seen in file.execute("select * from listed"):
            record = ListingRecord(_text(listing), _text(title), None if time is None else _moment(time))
            self.listed.setdefault(_text(key), {})[record.listing] = (record, _moment(seen))
        for key, url, etag, modified, time, *published in file.execute("select * from pages"):
            moments = [_moment(seconds) for seconds in published if seconds is not None]  # none in version 1
            self.pages[_text(key)] = PageRecord(_text(url), _text(etag), _text(modified), _moment(time), *moments)
        for key, tries, due in file.execute("select * from retries"):
            self.retries[_text(key)] = Retry(_count(tries), _moment(due))
        for name, value in file.execute("select name, value from facts"):
            self.facts[_text(name)] = _text(value)
        for name in (_WAIT, _OUTAGE):
            _time_of(self.facts.get(name, ""))


class RunState:
    """The state of the runs: the file is read on first use, and written by :meth:`save`."""

    @classmethod
    def of(cls, archive: ArchiveFolder, kind: str, name: str = "state") -> Self:
        """Return the state of an archive's runs in the file ``name``.sqlite."""
        return cls(archive.root / PRIVATE / f"{name}.sqlite", kind, archive.dry_run)

    def __init__(self, path: Path, kind: str = "", dry_run: bool = False) -> None:
        """Read and write nothing yet; ``kind`` is the spider's name."""
        self.path = path
        self.kind = kind
        self.was_broken = False  # and was replaced
        self.file = StateFile(path, dry_run)

    @cached_property
    def _memory(self) -> _Memory:
        # Set at once: only the first use raises if the file cannot be opened.
        memory = vars(self)["_memory"] = _Memory()
        self.was_broken = not self.file.read(lambda file: memory.load(file, self.kind))
        if self.was_broken:
            # What could be read of the journal is kept; everything else costs only requests.
            memory = vars(self)["_memory"] = _Memory(planned=memory.planned)
            for story in self.planned_stories():
                self._note_planned(story)
        return memory

    def save(self, now: datetime | None = None) -> None:
        """Write all changes or none; with ``now``, also remove records that are older than ``KEPT_FOR``."""
        if not self.file.save(now - KEPT_FOR if now else None):
            self.was_broken = True

    def planned_stories(self) -> list[PlannedStory]:
        """Return the stories that earlier runs of this kind planned, but did not settle."""
        return [story for story in self._memory.planned.values() if story]

    def plan(self, stories: Iterable[PlannedStory]) -> None:
        """Write stories into the journal, the oldest first. They may be fetched only after this method has returned."""
        for story in stories:
            self._memory.planned[story.key] = None
            self._note_planned(story)
            self.is_committed = False
            if len(self.file.changes) >= _CHANGES_AT_ONCE:
                self.save()
        self.save()

    def is_planned(self, address: StoryAddress) -> bool:
        return address.key_in(self._memory.planned) in self._memory.planned

    def remove_planned(self, story: StoryAddress | PlannedStory) -> None:
        key = story.key if isinstance(story, PlannedStory) else story.key_in(self._memory.planned)
        if key in self._memory.planned:
            del self._memory.planned[key]
            self.file.changes["planned", (key, self.kind)] = None

    def listing_record(self, address: StoryAddress, listing: str) -> ListingRecord | None:
        records = self._memory.listed.get(address.key_in(self._memory.listed), {})
        return records[listing][0] if listing in records else None

    def add_listing_record(self, address: StoryAddress, record: ListingRecord, now: datetime) -> None:
        """Note for later runs what a listing says about a story; this run cannot read the note."""
        key = address.key_in(self._memory.listed)
        old = self._memory.listed.get(key, {}).get(record.listing)
        if old is None or old[0] != record or abs(now - old[1]) > _REWRITE_AFTER:
            time = record.time.timestamp() if record.time else None
            self.file.changes["listed", (key, record.listing)] = (record.title, time, now.timestamp())

    def page_record(self, address: StoryAddress) -> PageRecord | None:
        return self._memory.pages.get(address.key_in(self._memory.pages))

    def page_records(self) -> Mapping[str, PageRecord]:
        return self._memory.pages

    def add_page_record(self, address: StoryAddress, page: PageRecord | None) -> None:
        """Note for later runs how a page was fetched; None: they send no conditions. This run cannot read the note."""
        published = page.published.timestamp() if page and page.published else None
        values = (page.url, page.etag, page.modified, page.time.timestamp(), published) if page else None
        self.file.changes["pages", (address.key_in(self._memory.pages),)] = values

    def retry(self, address: StoryAddress) -> Retry:
        return self._memory.retries.get(address.key_in(self._memory.retries), Retry())

    def note_retry(self, address: StoryAddress, tries: int, due: datetime) -> None:
        key = address.key_in(self._memory.retries)
        self._memory.retries[key] = Retry(tries, due)
        self.file.changes["retries", (key,)] = (tries, due.timestamp())

    def forget_retry(self, address: StoryAddress) -> None:
        key = address.key_in(self._memory.retries)
        if self._memory.retries.pop(key, None):
            self.file.changes["retries", (key,)] = None

    @property
    def is_committed(self) -> bool:
        """Whether everything that runs wrote is committed; set to False before a run writes."""
        return bool(self.fact(_COMMITTED))

    @is_committed.setter
    def is_committed(self, committed: bool) -> None:
        self.note_fact(_COMMITTED, "yes" if committed else "")

    @property
    def notes_wait_since(self) -> str:
        """The day (ISO, in Singapore) since when notes wait to be committed with the next news; empty: none wait."""
        return self.fact(_NOTES_WAIT)

    @notes_wait_since.setter
    def notes_wait_since(self, day: str) -> None:
        self.note_fact(_NOTES_WAIT, day)

    @property
    def wait_until(self) -> datetime | None:
        """The time before which the site wants no requests (aware), None if it named none."""
        return _time_of(self.fact(_WAIT))

    @wait_until.setter
    def wait_until(self, until: datetime | None) -> None:
        self.note_fact(_WAIT, until.isoformat() if until else "")

    @property
    def outage_since(self) -> datetime | None:
        """When stories began to fail because of the site (aware), None if they do not."""
        return _time_of(self.fact(_OUTAGE))

    @outage_since.setter
    def outage_since(self, since: datetime | None) -> None:
        self.note_fact(_OUTAGE, since.isoformat() if since else "")

    def _note_planned(self, story: PlannedStory) -> None:
        self.file.changes["planned", (story.key, self.kind)] = (story.path, story.section, story.known)

    def fact(self, name: str) -> str:
        """Return a fact that an earlier run or this run noted, as text; empty if there is none."""
        return self._memory.facts.get(name, "")

    def note_fact(self, name: str, value: str) -> None:
        """Note a fact of any part of a run; an empty text removes it. The caller checks what it reads."""
        if self.fact(name) != value:
            self._memory.facts[name] = value
            self.file.changes["facts", (name,)] = (value,) if value else None


# SQLite gives a value of any type from a column of any type.
def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is no count")
    return value


def _moment(seconds: object) -> datetime:
    if not isinstance(seconds, (int, float)) or not 0 <= seconds < _LAST_SECOND:
        raise ValueError(f"{seconds!r} is no time")
    return datetime.fromtimestamp(seconds, timezone.utc)


def _time_of(text: str) -> datetime | None:
    time = datetime.fromisoformat(text) if text else None
    if time and time.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return time and _moment(time.timestamp())
