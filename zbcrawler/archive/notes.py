"""The kinds of notes, and the notes of an archive."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from zbcrawler.archive import disk
from zbcrawler.archive.disk import ArchiveFolder
from zbcrawler.archive.note_files import NotesOfKind, ValueNotes, write_note
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.times import SINGAPORE, start_of

HALVES = ("singapore", "mainland")
"""The two halves of the newspaper's site, each with headlines and pictures of its own."""
_HOME_KEY = "home"
HOME = f"{disk.NOTES}/{_HOME_KEY}.json"
"""The note of the archive itself: the half of all stories without their own note. If it is missing: the first half."""
GONE_AFTER = timedelta(days=1)  # site-layouts 4.2: some listed stories answer 404 for a while, and are available later
# A story fails runs on its first three days, at most one a day, at about the same time of day.
_SURE_AFTER = timedelta(days=3) - timedelta(hours=1)
# Count 5xx, 408, 429 and missing answers as one reason, so that the note does not change on every run.
_TROUBLE = re.compile(r"answered (?:5\d\d|429|408)$|no answer: ", re.ASCII)


@dataclass(frozen=True)
class OwedStory:
    """A listed story whose current version is not archived yet."""

    address: StoryAddress
    section: str  # that listed the story
    reason: str  # of the last attempt's failure
    since: datetime  # when the story was first not available (aware); reset when an absence or a doubt begins or ends
    absent: bool = False  # whether the site answers that there is no such story
    doubtful: bool = False  # whether the site shows a shorter text that is neither proved an edit nor a cut

    def is_gone(self, now: datetime) -> bool:
        """Whether the story has been absent for so long that it will not come."""
        # A time further in the future comes from a wrong clock.
        return self.absent and abs(now - self.since) >= GONE_AFTER

    @property
    def has_failed(self) -> bool:
        return not (self.absent or self.doubtful)

    def is_known(self, now: datetime) -> bool:
        """Whether the story has failed or been doubtful for so long that runs no longer fail because of it."""
        return not self.absent and abs(now - self.since) >= _SURE_AFTER


class OwedNotes(NotesOfKind[OwedStory]):
    """The stories that are owed. The run state holds how often and when a story was tried."""

    name, field, merges = "owed", "section", True
    words = ("owed", "no longer owed")
    warning = ("owed", "{address}: {reason}")

    def all(self) -> dict[str, OwedStory]:
        """Return the owed stories by the key of the address, without notes that are :meth:`broken`."""
        debts: dict[str, OwedStory] = {}
        for path in self.paths():
            with suppress(PostError):
                if debt := self.read(path):
                    debts[debt.address.key_in(debts)] = debt
        return debts

    def add(self, address: StoryAddress, section: str, reason: str, now: datetime, kind: str = "") -> None:
        """Note that a story could not be archived; ``kind`` is ``absent``, ``doubtful`` or empty."""
        # The host that answered is no fact about the story.
        reason = re.sub(r"^https?://\S+:? ", "", " ".join(reason.split()))
        since, old = now, None
        with suppress(PostError):  # the new note replaces a broken one
            old = self.find(address)
        if old and old.doubtful and not kind:  # a doubtful story that cannot be fetched stays doubtful
            kind = "doubtful"
        if old and (old.absent, old.doubtful) == (kind == "absent", kind == "doubtful"):
            since = old.since
            if _TROUBLE.match(old.reason) and _TROUBLE.match(reason):
                reason = old.reason
        note = {"address": address.url, "section": section, "reason": reason}
        note["since"] = since.astimezone(SINGAPORE).isoformat(timespec="seconds")
        write_note(self.folder, self.path(address), {**note, kind: True} if kind else note)

    def value_of(self, key: str, note: dict[str, Any]) -> OwedStory:
        address = self.address_in(key, note)
        since = datetime.fromisoformat(note["since"]) if "since" in note else start_of(address.day)
        if since.tzinfo is None:
            raise ValueError(f"since: {since} has no time zone")
        since.astimezone(SINGAPORE)  # raises OverflowError for the first and the last day of the calendar
        texts = note["section"], note.get("reason", "")
        kinds = note.get("absent", False), note.get("doubtful", False)
        if not all(isinstance(text, str) for text in texts) or not all(isinstance(kind, bool) for kind in kinds):
            raise TypeError("section, reason, absent or doubtful has another type")
        return OwedStory(address, *texts, since, *kinds)


class AbsentNotes(ValueNotes[str]):
    """The reasons why the site lacks listed stories. A story that the site withdrew has a post and such a note."""

    name, merges = "absent", True
    words = ("gone", "back")


@dataclass
class HalfNotes(ValueNotes[str]):
    """Which half of the site a story's headline and pictures come from, if it is not the archive's home."""

    name, field = "sites", "site"
    chooses_home: bool = True

    @cached_property
    def home(self) -> str:
        """The archive's home: the half of all stories without a note; empty if the home's own note is broken."""
        with suppress(PostError):
            return self.read(self.folder.root / HOME) or HALVES[0]
        return ""

    def find(self, key: StoryAddress | str) -> str:
        return super().find(key) or self.home

    def add(self, address: StoryAddress, value: str) -> None:
        """Note the half of a story that is about to be written; in an empty archive it becomes the home."""
        # While the home is not known, each story gets a note of its own.
        is_new = self.chooses_home and self.home and not (self.folder.root / disk.POSTS).is_dir()
        if is_new and value != self.home:
            write_note(self.folder, self.folder.root / HOME, {self.field: value})
            self.home = value
        if value == self.home:
            self.remove(address)  # an attempt may have ended before the story was written
        else:
            super().add(address, value)

    def value_of(self, key: str, note: dict[str, Any]) -> str:
        half = str(note[self.field]) if key == _HOME_KEY else super().value_of(key, note)
        if half not in HALVES:
            raise ValueError(f"names the site {half}, not {' or '.join(HALVES)}")
        return half


class PictureNotes(ValueNotes[dict[str, str]]):
    """The kept pictures of a story: the file in the archive, by the picture's address."""

    name, field, type, merges = "pictures", "pictures", dict, True

    def find(self, key: StoryAddress | str) -> dict[str, str]:
        return super().find(key) or {}

    def add(self, address: StoryAddress, value: dict[str, str]) -> None:
        """Add to the kept pictures of a story."""
        super().add(address, self.find(address) | value)

    def value_of(self, key: str, note: dict[str, Any]) -> dict[str, str]:
        files = super().value_of(key, note)
        if not all(isinstance(file, str) for file in files.values()):
            raise TypeError("pictures: has another type")
        return files

    def check_files(self, note: dict[str, Any]) -> None:
        files = note[self.field].values()
        if lost := [file for file in files if not (self.folder.root / file).is_file()]:
            raise ValueError(f"{lost[0]} is missing")


class SharedNumberNotes(NotesOfKind[list[str]]):
    """The numbers that stories with days apart share, with the stories' addresses; a summary has shown them."""

    name, field, merges = "numbers", "addresses", True

    def find(self, key: StoryAddress | str) -> list[str]:
        """Return the addresses that share a number; empty without a note, or if the note is broken."""
        with suppress(PostError):
            return super().find(key) or []
        return []

    def add(self, number: str, addresses: list[str]) -> None:
        write_note(self.folder, self.path(number), {self.field: addresses})

    def value_of(self, key: str, note: dict[str, Any]) -> list[str]:
        links: list[str] = note[self.field]
        addresses = list(map(StoryAddress.parse, links))
        if len(addresses) < 2 or any(address is None or address.number != key for address in addresses):
            raise ValueError(f"is about {', '.join(links)}")
        return links


class LongestNotes(ValueNotes[int]):
    """The characters of the longest version of a story, if a shorter version is archived."""

    name, field, type, merges = "longest", "characters", int, True

    def value_of(self, key: str, note: dict[str, Any]) -> int:
        if (characters := super().value_of(key, note)) < 1:
            raise ValueError(f"characters: {characters} is below 1")
        return characters


class KeptNotes(ValueNotes[str]):
    """The stories whose archived text a person kept (``scrapy owed --forget``) when the site's may have been cut."""

    name, merges = "kept", True


class LearntNotes(ValueNotes[str]):
    """The learnt editions that posts were written by, until a person adopts or forgets the edition."""

    name, field, merges = "learnt", "edition", True


class GapNotes(NotesOfKind[tuple[str, int]]):
    """The sections with pages of listings behind which stories may be missing; a broken note counts as 0 pages."""

    name, merges = "gaps", True
    warning = ("gap", "stories of {section} may be missing behind page {pages}")

    def all(self) -> dict[str, int]:
        return dict(gap for path in self.paths() if (gap := self.find(path.stem)))

    def find(self, key: StoryAddress | str) -> tuple[str, int] | None:
        with suppress(PostError):
            return super().find(key)
        return str(key), 0

    def add(self, section: str, pages: int) -> None:
        """Note a gap, or widen the noted gap."""
        known = self.find(section)
        note = {"section": section, "pages": min(pages, known[1]) if known else pages}
        write_note(self.folder, self.path(section), note)

    def value_of(self, key: str, note: dict[str, Any]) -> tuple[str, int]:
        section, pages = note["section"], note["pages"]
        if type(pages) is not int or pages < 0:
            raise ValueError(f"pages: {pages} is no number of pages")
        if section.replace("/", "-") != key:
            raise ValueError(f"is about the section {section}")
        return section, pages


class Notes:
    def __init__(self, folder: ArchiveFolder, chooses_home: bool) -> None:
        self.owed = OwedNotes(folder)
        self.absent = AbsentNotes(folder)
        self.gaps = GapNotes(folder)
        self.halves = HalfNotes(folder, chooses_home)
        self.pictures = PictureNotes(folder)
        self.numbers = SharedNumberNotes(folder)
        self.longest = LongestNotes(folder)
        self.kept = KeptNotes(folder)
        self.learnt = LearntNotes(folder)

    def broken(self, most: int = 20) -> list[str]:
        """Return a line for each note that cannot be read, of those that every run reads; at most ``most``."""
        home = self.halves.folder.root / HOME
        lines = [*self.halves.broken([home]), *self.owed.broken(), *self.gaps.broken()]
        rest = [f"{len(lines) - most} more notes cannot be read; scrapy verify names them"] if lines[most:] else []
        return lines[:most] + rest


_KINDS = (OwedNotes, AbsentNotes, HalfNotes, PictureNotes, SharedNumberNotes, LongestNotes, KeptNotes, LearntNotes)
KINDS: dict[str, type[NotesOfKind[Any]]] = {kind.name: kind for kind in (*_KINDS, GapNotes)}
PLACES = (HOME, *(f"{disk.NOTES}/{name}" for name in KINDS))
"""The files and folders of all notes, from the archive's folder."""
_PATH = re.compile(rf"{disk.NOTES}/({'|'.join(KINDS)})/([^/]+)\.json")


def parse_path(path: str) -> tuple[type[NotesOfKind[Any]], str] | None:
    """Return the kind of a note and its key; None if the path, from the archive's folder, is not a note's."""
    if path == HOME:
        return HalfNotes, _HOME_KEY
    found = _PATH.fullmatch(path)
    return (KINDS[found[1]], found[2]) if found else None
