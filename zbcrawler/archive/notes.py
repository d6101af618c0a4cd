"""The kinds of notes, and the notes of an archive."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from zbcrawler.archive import file_paths
from zbcrawler.archive.disk import ArchiveFolder
from zbcrawler.archive.note_files import (
    BROKEN,
    NotesOfKind,
    ValueNotes,
    describe_broken,
    load_note,
    read_note,
    write_note,
)
from zbcrawler.archive.owed_notes import OwedNotes
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError

HALVES = ("singapore", "mainland")
"""The two halves of the newspaper's site, each with headlines and pictures of its own."""
HOME = f"{file_paths.NOTES}/home.json"
"""The note of the archive itself: the half of all stories without their own note. If it is missing: the first half."""


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
            note = self.read_home()
            return HALVES[0] if note is None else str(note[self.field])
        return ""

    def read_home(self) -> dict[str, Any] | None:
        """Return the note of the home, None if there is none.

        :raises PostError: if the note is broken, or cannot be read
        """
        return read_note(self.folder.root / HOME, lambda note: check_half(note[self.field]))

    def find(self, address: StoryAddress) -> str:
        return super().find(address) or self.home

    def add(self, address: StoryAddress, value: str) -> None:
        """Note the half of a story that is about to be written; in an empty archive it becomes the home."""
        # While the home is not known, each story gets a note of its own.
        is_new = self.chooses_home and self.home and not (self.folder.root / file_paths.POSTS).is_dir()
        if is_new and value != self.home:
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

    name, field, type, merges = "pictures", "pictures", dict, True

    def find(self, address: StoryAddress) -> dict[str, str]:
        return super().find(address) or {}

    def add(self, address: StoryAddress, value: dict[str, str]) -> None:
        """Add to the kept pictures of a story."""
        super().add(address, self.find(address) | value)

    def check_value(self, note: dict[str, Any], value: Any) -> None:
        super().check_value(note, value)
        if not all(isinstance(file, str) for file in value.values()):
            raise TypeError("pictures: has another type")

    def check_files(self, note: dict[str, Any]) -> None:
        files = note[self.field].values()
        if lost := [file for file in files if not (self.folder.root / file).is_file()]:
            raise ValueError(f"{lost[0]} is missing")


class SharedNumberNotes(NotesOfKind):
    """The numbers that stories with days apart share, with the stories' addresses; a summary has shown them."""

    name, field, merges = "numbers", "addresses", True

    def find(self, number: str) -> list[str]:
        """Return the addresses that share a number; empty without a note, or if the note is broken."""
        with suppress(OSError, *BROKEN):
            return [str(address) for address in load_note(self.path(number))[self.field]]
        return []

    def add(self, number: str, addresses: list[str]) -> None:
        write_note(self.folder, self.path(number), {self.field: addresses})

    def check(self, key: str, note: dict[str, Any]) -> None:
        addresses = [StoryAddress.parse(address) for address in note[self.field]]
        if len(addresses) < 2 or any(address is None or address.number != key for address in addresses):
            raise ValueError(f"is about {', '.join(note[self.field])}")


class LongestNotes(ValueNotes[int]):
    """The characters of the longest version of a story, if a shorter version is archived."""

    name, field, type, merges = "longest", "characters", int, True

    def set(self, address: StoryAddress, characters: int) -> None:
        """Write the note, or remove it if the archived version is the longest (0)."""
        if characters:
            self.add(address, characters)
        else:
            self.remove(address)

    def check_value(self, note: dict[str, Any], value: Any) -> None:
        if int(value) < 1:
            raise ValueError(f"characters: {value} is below 1")


class KeptNotes(ValueNotes[str]):
    """The stories whose archived text a person kept (``scrapy owed --forget``) when the site's may have been cut."""

    name, merges = "kept", True


class GapNotes(NotesOfKind):
    """The number of pages of a section's listing behind which stories may be missing."""

    name, merges = "gaps", True
    warning = ("gap", "stories of {section} may be missing behind page {pages}")

    def all(self) -> dict[str, int]:
        """Return the pages before each gap, by section; 0, the widest gap, for a broken note."""
        return dict(map(self._pages, self.paths()))

    def find(self, section: str) -> int | None:
        """Return the pages before a section's gap, None without a gap."""
        return self._pages(self.path(section))[1] if self.has(section) else None

    def add(self, section: str, pages: int) -> None:
        """Note a gap, or widen the noted gap."""
        known = self.find(section)
        note = {"section": section, "pages": pages if known is None else min(pages, known)}
        write_note(self.folder, self.path(section), note)

    def check(self, key: str, note: dict[str, Any]) -> None:
        if type(note["pages"]) is not int or note["pages"] < 0:
            raise ValueError(f"pages: {note['pages']} is no number of pages")
        if note["section"].replace("/", "-") != key:
            raise ValueError(f"is about the section {note['section']}")

    def _pages(self, path: Path) -> tuple[str, int]:
        with suppress(PostError):
            if note := self.read(path):
                return note["section"], note["pages"]
        return path.stem, 0


class Notes:
    """The notes of an archive, by kind."""

    def __init__(self, folder: ArchiveFolder, chooses_home: bool) -> None:
        self.owed = OwedNotes(folder)
        self.absent = AbsentNotes(folder)
        self.gaps = GapNotes(folder)
        self.halves = HalfNotes(folder, chooses_home)
        self.pictures = PictureNotes(folder)
        self.numbers = SharedNumberNotes(folder)
        self.longest = LongestNotes(folder)
        self.kept = KeptNotes(folder)

    def broken(self, most: int = 20) -> list[str]:
        """Return a line for each note that cannot be read, of those that every run reads; at most ``most``."""
        home = describe_broken(self.halves.read_home)
        lines = [*([home] if home else []), *self.owed.broken(), *self.gaps.broken()]
        rest = [f"{len(lines) - most} more notes cannot be read; scrapy verify names them"] if lines[most:] else []
        return lines[:most] + rest


KINDS: dict[str, type[NotesOfKind]] = {
    kind.name: kind
    for kind in (OwedNotes, AbsentNotes, HalfNotes, PictureNotes, SharedNumberNotes, LongestNotes, KeptNotes, GapNotes)
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
