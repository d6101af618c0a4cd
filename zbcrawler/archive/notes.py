"""The notes of the archive: what has to be remembered beside the posts, one small JSON file each, in git.

A note changes only when its facts change. One file a story lets two clones of an archive rarely conflict.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from typing_extensions import Self

from zbcrawler.archive import layout
from zbcrawler.archive.folder import ArchiveFolder
from zbcrawler.archive.note import BROKEN, NotesOfKind, StoryNotes, ValueNotes, read_value, write_note
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.times import SINGAPORE, start_of

DEFAULT_HOME = "singapore"
HALVES = (DEFAULT_HOME, "mainland")
"""The two halves of the newspaper's site, each with headlines and pictures of its own."""
HOME = f"{layout.NOTES}/home.json"
"""The note of the archive itself: the half of all stories without a note of their own."""
# site-layouts 4.2: listed stories answer 404 for a while, and are there later.
GONE_AFTER = timedelta(days=1)
# Count 5xx, 408, 429 and missing answers as one reason, so that the note does not change on every run.
_TROUBLE = re.compile(r"answered (?:5\d\d|429|408)$|no answer: ", re.ASCII)


@dataclass(frozen=True)
class OwedStory:
    """A story that is owed: listed, and not archived as the site has it now.

    :ivar section: the section that listed it
    :ivar reason: why the last attempt failed
    :ivar since: since when the story has not been available (aware); counted anew when an absence begins or ends
    :ivar absent: whether the site answers that there is no such story
    """

    address: StoryAddress
    section: str
    reason: str
    since: datetime
    absent: bool = False

    @classmethod
    def of(cls, note: dict[str, Any]) -> Self:
        """Read a note.

        :raises ValueError: if it is broken; other errors are those of ``BROKEN``
        """
        address = StoryAddress.parse(note["address"])
        if address is None:
            raise ValueError(f"{note['address']} is no story's address")
        since = datetime.fromisoformat(note["since"]) if "since" in note else start_of(address.day)
        if since.tzinfo is None:
            raise ValueError(f"since: {since} has no zone")
        return cls(address, note["section"], note.get("reason", ""), since, note.get("absent", False))

    def is_gone(self, now: datetime) -> bool:
        """Whether the story has been absent for so long that it will not come."""
        return self.absent and now - self.since >= GONE_AFTER


class OwedNotes(StoryNotes):
    """The stories that are owed. How often and when a story was tried is in the state of the runs."""

    name, field = "owed", "reason"
    merges = True
    words = ("owed", "no longer owed")
    warning = "owed"

    def all(self) -> dict[str, OwedStory]:
        """Return the owed stories by number."""
        return {debt.address.number: debt for debt in map(self._read, self.paths())}

    def find(self, address: StoryAddress) -> OwedStory | None:
        """Return what is owed of a story, if anything."""
        return self._read(self.path(address.number)) if self.has(address) else None

    def add(self, address: StoryAddress, section: str, reason: str, now: datetime, absent: bool = False) -> None:
        """Note that a story could not be archived; an address before the reason is left out."""
        # Which of its hosts the site answered from is no fact about the story.
        reason = re.sub(r"^https?://\S+:? ", "", " ".join(reason.split()))
        since = now
        try:
            old = self.find(address)
        except PostError:
            old = None  # the new note replaces the broken one
        if old and old.absent == absent:
            since = old.since
            if _TROUBLE.match(old.reason) and _TROUBLE.match(reason):
                reason = old.reason
        note = {"address": address.url, "section": section, "reason": reason}
        note["since"] = since.astimezone(SINGAPORE).isoformat(timespec="seconds")
        write_note(self.folder, self.path(address.number), note | ({"absent": True} if absent else {}))

    @staticmethod
    def describe_change(story: str, reason: str, added: bool) -> str:
        return f"{story} ({reason})" if added else ""

    def check_value(self, note: dict[str, Any], value: Any) -> None:
        OwedStory.of(note)

    def _read(self, path: Path) -> OwedStory:
        try:
            return OwedStory.of(json.loads(path.read_bytes()))
        except BROKEN as error:
            raise PostError(f"{path}: not a note of an owed story ({error}); restore or remove it") from error


class AbsentNotes(ValueNotes[str]):
    """Why the site does not have a listed story. A story that the site withdrew has a post and this note."""

    name, field, type = "absent", "reason", str
    merges = True
    words = ("gone", "back")


class HalfNotes(ValueNotes[str]):
    """From which half of the site a story's headline and pictures are, where that is not the archive's own half."""

    name, field, type = "sites", "site", str

    def __init__(self, folder: ArchiveFolder, chooses_home: bool = True) -> None:
        super().__init__(folder)
        self.chooses_home = chooses_home

    @cached_property
    def home(self) -> str:
        """The archive's own half."""
        return read_value(self.folder.root / HOME, self.field, str) or DEFAULT_HOME

    def find(self, address: StoryAddress) -> str:
        """Return the half of an archived story."""
        return super().find(address) or self.home

    def add(self, address: StoryAddress, value: str) -> None:
        """Note the half of a story that is about to be written; an empty archive takes it for its own."""
        if self.chooses_home and value != self.home and not (self.folder.root / layout.POSTS).is_dir():
            write_note(self.folder, self.folder.root / HOME, {self.field: value})
            self.home = value
        if value == self.home:
            self.remove(address)  # an attempt may have ended before the story was written
        else:
            super().add(address, value)

    def check_value(self, note: dict[str, Any], value: Any) -> None:
        check_half(value)


class PictureNotes(ValueNotes[dict[str, str]]):
    """The kept pictures of a story: by the address that each came from, its file in the archive."""

    name, field, type = "pictures", "pictures", dict

    def find(self, address: StoryAddress) -> dict[str, str]:
        """Return the kept pictures of a story."""
        return super().find(address) or {}

    def add(self, address: StoryAddress, value: dict[str, str]) -> None:
        """Add to the kept pictures of a story."""
        super().add(address, self.find(address) | value)

    def check_value(self, note: dict[str, Any], value: Any) -> None:
        if lost := [file for file in value.values() if not (self.folder.root / file).is_file()]:
            raise ValueError(f"{lost[0]} is not there")


class GapNotes(NotesOfKind):
    """Behind how many pages of a section's listing stories may be missing."""

    name = "gaps"
    warning = "gap"

    def find(self, section: str) -> int | None:
        """Return the pages before a section's gap, None without a gap; 0, the widest gap, for a broken note."""
        try:
            return int(json.loads(self.path(section).read_bytes())["pages"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            return 0

    def all(self) -> dict[str, int]:
        """Return the pages before each gap, by section."""
        found = {}
        for path in self.paths():
            try:
                section = str(json.loads(path.read_bytes())["section"])
            except (ValueError, KeyError, TypeError):
                section = path.stem
            found[section] = self.find(section) or 0
        return found

    def add(self, section: str, pages: int) -> None:
        """Note a gap, or widen the one that is noted."""
        known = self.find(section)
        note = {"section": section, "pages": pages if known is None else min(pages, known)}
        write_note(self.folder, self.path(section), note)

    def remove(self, section: str) -> None:
        """Remove the note of a section's gap, if there is one."""
        self.folder.remove(self.path(section))

    def check(self, key: str, note: dict[str, Any]) -> None:
        if int(note["pages"]) < 0:
            raise ValueError(f"is of {note['pages']} pages")
        if str(note["section"]).replace("/", "-") != key:
            raise ValueError(f"is of the section {note['section']}")

    @staticmethod
    def describe(note: dict[str, Any]) -> str:
        return f"stories of {note['section']} may be missing behind page {note['pages']}"


KINDS: dict[str, type[NotesOfKind]] = {
    kind.name: kind for kind in (OwedNotes, AbsentNotes, HalfNotes, PictureNotes, GapNotes)
}
PLACES = (HOME, *(f"{layout.NOTES}/{name}" for name in KINDS))
"""The files and folders of all notes, from the archive's folder."""
_PATH = re.compile(rf"{layout.NOTES}/({'|'.join(KINDS)})/([^/]+)\.json")


class Notes:
    """The notes of an archive, by kind."""

    def __init__(self, folder: ArchiveFolder, chooses_home: bool) -> None:
        self.owed = OwedNotes(folder)
        self.absent = AbsentNotes(folder)
        self.gaps = GapNotes(folder)
        self.halves = HalfNotes(folder, chooses_home)
        self.pictures = PictureNotes(folder)


def parse_path(path: str) -> tuple[type[NotesOfKind], str] | None:
    """Return the kind of a note and its key; None if the path, from the archive's folder, is no such note's."""
    found = _PATH.fullmatch(path)
    return (KINDS[found[1]], found[2]) if found else None


def check_half(half: object) -> None:
    """Check the name of a half.

    :raises ValueError: if the site has no such half
    """
    if half not in HALVES:
        raise ValueError(f"is of the site {half}, which is neither {' nor '.join(HALVES)}")
