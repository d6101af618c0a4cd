"""The kinds of notes, and the notes of an archive."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from zbcrawler.archive import file_paths
from zbcrawler.archive.disk import ArchiveFolder
from zbcrawler.archive.note_files import BROKEN, NotesOfKind, ValueNotes, write_note
from zbcrawler.archive.owed_notes import OwedNotes
from zbcrawler.common.addresses import StoryAddress

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


class SharedNumberNotes(NotesOfKind):
    """The numbers that stories with days apart share, with the stories' addresses; a summary has shown them."""

    name, field, merges = "numbers", "addresses", True

    def find(self, number: str) -> list[str]:
        """Return the addresses that share a number; empty without a note, or if the note is broken."""
        with suppress(OSError, *BROKEN):
            return [str(address) for address in json.loads(self.path(number).read_bytes())[self.field]]
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
        self.numbers = SharedNumberNotes(folder)
        self.longest = LongestNotes(folder)


KINDS: dict[str, type[NotesOfKind]] = {
    kind.name: kind
    for kind in (OwedNotes, AbsentNotes, HalfNotes, PictureNotes, SharedNumberNotes, LongestNotes, GapNotes)
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
