"""The notes of the archive: facts that are not in the posts, one small JSON file each, in git.

A note changes only when its facts change. With one file per story, two clones of an archive rarely conflict.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from zbcrawler.archive import file_paths
from zbcrawler.archive.disk import ArchiveFolder
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.times import SINGAPORE, start_of

Value = TypeVar("Value")

BROKEN = (ValueError, KeyError, TypeError, AttributeError)
"""The errors that a broken note raises when it is read or checked."""
HALVES = ("singapore", "mainland")
"""The two halves of the newspaper's site, each with headlines and pictures of its own."""
HOME = f"{file_paths.NOTES}/home.json"
"""The note of the archive itself: the half of all stories without their own note. If it is missing: the first half."""
# site-layouts 4.2: some listed stories answer 404 for a while, and are available later.
GONE_AFTER = timedelta(days=1)
# Count 5xx, 408, 429 and missing answers as one reason, so that the note does not change on every run.
_TROUBLE = re.compile(r"answered (?:5\d\d|429|408)$|no answer: ", re.ASCII)


@dataclass
class NotesOfKind:
    """All notes of one kind; each file is named after a section or the number of a story.

    The methods raise PostError for a broken note, and OSError if a note cannot be written.
    """

    name: ClassVar[str]  # of the notes' folder
    field: ClassVar[str] = "reason"  # the field that each note about a story must have
    merges: ClassVar[bool] = False  # whether zbcrawler.archive.merging merges the notes
    words: ClassVar[tuple[str, ...]] = ()  # in commit messages, for an added and for a removed note
    warning: ClassVar[tuple[str, ...]] = ()  # by scrapy verify: the rule, and a text with fields of the note
    folder: ArchiveFolder

    def path(self, key: StoryAddress | str) -> Path:
        """Return the path of the note about a story or a section."""
        name = key.number if isinstance(key, StoryAddress) else key.replace("/", "-")
        return self.folder.root / f"{file_paths.NOTES}/{self.name}/{name}.json"

    def paths(self) -> list[Path]:
        """Return the paths of all notes."""
        return sorted((self.folder.root / file_paths.NOTES / self.name).glob("*.json"))

    def has(self, key: StoryAddress | str) -> bool:
        return self.path(key).exists()

    def remove(self, key: StoryAddress | str) -> None:
        """Remove a note, if there is one."""
        self.folder.remove(self.path(key))

    def reasons(self) -> Iterator[tuple[str, str, str]]:
        """Yield address, reason and since (may be empty) of notes, except those that are broken."""
        for path in self.paths():
            with suppress(OSError, *BROKEN):
                note = json.loads(path.read_bytes())
                yield str(note["address"]), str(note["reason"]), str(note.get("since", ""))

    def check(self, key: str, note: dict[str, Any]) -> None:
        """Raise one of ``BROKEN`` if runs cannot use a note."""
        address = StoryAddress.parse(note["address"])
        if address is None or address.number != key:
            raise ValueError(f"is about {note['address']}")
        self.check_value(note, note[self.field])

    def check_value(self, note: dict[str, Any], value: Any) -> None:
        """Check the field that only this kind of note has, as :meth:`check` does."""


@dataclass(frozen=True)
class OwedStory:
    """A listed story whose current version is not archived yet."""

    address: StoryAddress
    section: str  # that listed the story
    reason: str  # of the last attempt's failure
    since: datetime  # when the story was first not available (aware); reset when an absence begins or ends
    absent: bool = False  # whether the site answers that there is no such story

    @classmethod
    def of(cls, note: dict[str, Any]) -> OwedStory:
        """Read a note; a broken one raises one of ``BROKEN``."""
        address = StoryAddress.parse(note["address"])
        if address is None:
            raise ValueError(f"{note['address']} is not the address of a story")
        since = datetime.fromisoformat(note["since"]) if "since" in note else start_of(address.day)
        if since.tzinfo is None:
            raise ValueError(f"since: {since} has no time zone")
        return cls(address, note["section"], note.get("reason", ""), since, note.get("absent", False))

    def is_gone(self, now: datetime) -> bool:
        """Whether the story has been absent for so long that it will not come."""
        return self.absent and now - self.since >= GONE_AFTER


class OwedNotes(NotesOfKind):
    """The stories that are owed. The run state holds how often and when a story was tried."""

    name, merges = "owed", True
    words = ("owed", "no longer owed")
    warning = ("owed", "{address}: {reason}")

    def all(self) -> dict[str, OwedStory]:
        """Return the owed stories by number."""
        return {debt.address.number: debt for debt in map(self._read, self.paths())}

    def find(self, address: StoryAddress) -> OwedStory | None:
        """Return the note of an owed story, None if the story is not owed."""
        return self._read(self.path(address)) if self.has(address) else None

    def add(self, address: StoryAddress, section: str, reason: str, now: datetime, absent: bool = False) -> None:
        """Note that a story could not be archived; an address before the reason is left out."""
        # The host that answered is no fact about the story.
        reason = re.sub(r"^https?://\S+:? ", "", " ".join(reason.split()))
        since, old = now, None
        with suppress(PostError):  # the new note replaces a broken one
            old = self.find(address)
        if old and old.absent == absent:
            since = old.since
            if _TROUBLE.match(old.reason) and _TROUBLE.match(reason):
                reason = old.reason
        note = {"address": address.url, "section": section, "reason": reason}
        note["since"] = since.astimezone(SINGAPORE).isoformat(timespec="seconds")
        write_note(self.folder, self.path(address), note | ({"absent": True} if absent else {}))

    def check_value(self, note: dict[str, Any], value: Any) -> None:
        OwedStory.of(note)

    @staticmethod
    def _read(path: Path) -> OwedStory:
        try:
            return OwedStory.of(json.loads(path.read_bytes()))
        except BROKEN as error:
            raise PostError(f"{path}: not a note of an owed story ({error}); restore or remove it") from error


class ValueNotes(NotesOfKind, Generic[Value]):
    """Notes with one value about a story; ``type`` is the type of the value."""

    type: ClassVar[type] = str

    def find(self, address: StoryAddress) -> Value | None:
        """Return the value in the note about a story, None without a note."""
        return self.read(self.path(address))

    def add(self, address: StoryAddress, value: Value) -> None:
        """Write the note about a story."""
        write_note(self.folder, self.path(address), {"address": address.url, self.field: value})

    def read(self, path: Path) -> Value | None:
        """Return the field of a note, None without a note."""
        try:
            value: Value = json.loads(path.read_bytes()).get(self.field)
        except FileNotFoundError:
            return None
        except (ValueError, AttributeError) as error:
            raise PostError(f"{path}: not a note of zbcrawler ({error}); restore or remove it") from error
        return value if isinstance(value, self.type) else None


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
        """The archive's home: the half of all stories without a note."""
        return self.read(self.folder.root / HOME) or HALVES[0]

    def find(self, address: StoryAddress) -> str:
        return super().find(address) or self.home

    def add(self, address: StoryAddress, value: str) -> None:
        """Note the half of a story that is about to be written; in an empty archive it becomes the home."""
        if self.chooses_home and value != self.home and not (self.folder.root / file_paths.POSTS).is_dir():
            write_note(self.folder, self.folder.root / HOME, {self.field: value})
            self.home = value
        if value == self.home:
            self.remove(address)  # an attempt may have ended before the story was written
        else:
            super().add(address, value)

    def check_value(self, note: dict[str, Any], value: Any) -> None:
        check_half(value)


class PictureNotes(ValueNotes[dict[str, str]]):
    """The kept pictures of a story: the file in the archive, by the picture's address."""

    name, field, type = "pictures", "pictures", dict

    def find(self, address: StoryAddress) -> dict[str, str]:
        return super().find(address) or {}

    def add(self, address: StoryAddress, value: dict[str, str]) -> None:
        """Add to the kept pictures of a story."""
        super().add(address, self.find(address) | value)

    def check_value(self, note: dict[str, Any], value: Any) -> None:
        if lost := [file for file in value.values() if not (self.folder.root / file).is_file()]:
            raise ValueError(f"{lost[0]} is missing")


class GapNotes(NotesOfKind):
    """The number of pages of a section's listing behind which stories may be missing."""

    name = "gaps"
    warning = ("gap", "stories of {section} may be missing behind page {pages}")

    def all(self) -> dict[str, int]:
        """Return the pages before each gap, by section; 0, the widest gap, for a broken note."""
        return dict(map(self._read, self.paths()))

    def find(self, section: str) -> int | None:
        """Return the pages before a section's gap, None without a gap."""
        return self._read(self.path(section))[1] if self.has(section) else None

    def add(self, section: str, pages: int) -> None:
        """Note a gap, or widen the noted gap."""
        known = self.find(section)
        note = {"section": section, "pages": pages if known is None else min(pages, known)}
        write_note(self.folder, self.path(section), note)

    def check(self, key: str, note: dict[str, Any]) -> None:
        if int(note["pages"]) < 0:
            raise ValueError(f"pages: {note['pages']} is below 0")
        if str(note["section"]).replace("/", "-") != key:
            raise ValueError(f"is about the section {note['section']}")

    @staticmethod
    def _read(path: Path) -> tuple[str, int]:
        try:
            note = json.loads(path.read_bytes())
            return str(note["section"]), int(note["pages"])
        except (ValueError, KeyError, TypeError):
            return path.stem, 0


class Notes:
    """The notes of an archive, by kind."""

    def __init__(self, folder: ArchiveFolder, chooses_home: bool) -> None:
        self.owed = OwedNotes(folder)
        self.absent = AbsentNotes(folder)
        self.gaps = GapNotes(folder)
        self.halves = HalfNotes(folder, chooses_home)
        self.pictures = PictureNotes(folder)


KINDS: dict[str, type[NotesOfKind]] = {
    kind.name: kind for kind in (OwedNotes, AbsentNotes, HalfNotes, PictureNotes, GapNotes)
}
PLACES = (HOME, *(f"{file_paths.NOTES}/{name}" for name in KINDS))
"""The files and folders of all notes, from the archive's folder."""
_PATH = re.compile(rf"{file_paths.NOTES}/({'|'.join(KINDS)})/([^/]+)\.json")


def parse_path(path: str) -> tuple[type[NotesOfKind], str] | None:
    """Return the kind of a note and its key; None if the path, from the archive's folder, is not a note's."""
    found = _PATH.fullmatch(path)
    return (KINDS[found[1]], found[2]) if found else None


def check_half(half: object) -> None:
    """Raise ValueError if the site has no such half."""
    if half not in HALVES:
        raise ValueError(f"names the site {half}, not {' or '.join(HALVES)}")


def write_note(folder: ArchiveFolder, path: Path, note: dict[str, Any]) -> None:
    """Write a note, unless the file has the same content already."""
    folder.write(path, (json.dumps(note, indent=2) + "\n").encode())
