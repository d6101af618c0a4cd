"""The kinds of notes, and the notes of an archive."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from zbcrawler.archive import file_paths
from zbcrawler.archive.disk import ArchiveFolder
from zbcrawler.archive.note_files import NotesOfKind, ValueNotes, write_note
from zbcrawler.archive.owed_notes import OwedNotes
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError

HALVES = ("singapore", "mainland")
"""The two halves of the newspaper's site, each with headlines and pictures of its own."""
_HOME_KEY = "home"
HOME = f"{file_paths.NOTES}/{_HOME_KEY}.json"
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
            return self.read(self.folder.root / HOME) or HALVES[0]
        return ""

    def find(self, key: StoryAddress | str) -> str:
        return super().find(key) or self.home

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

    def set(self, address: StoryAddress, characters: int) -> None:
        """Write the note, or remove it if the archived version is the longest (0)."""
        if characters:
            self.add(address, characters)
        else:
            self.remove(address)

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


class NotedGap(NamedTuple):
    """The number of pages of a section's listing behind which stories may be missing."""

    section: str
    pages: int


class GapNotes(NotesOfKind[NotedGap]):
    """The gaps of sections; a broken note counts as the widest gap, 0 pages."""

    name, merges = "gaps", True
    warning = ("gap", "stories of {section} may be missing behind page {pages}")

    def all(self) -> dict[str, int]:
        """Return the pages before each gap, by section."""
        return dict(gap for path in self.paths() if (gap := self.find(path.stem)))

    def find(self, key: StoryAddress | str) -> NotedGap | None:
        with suppress(PostError):
            return super().find(key)
        return NotedGap(str(key), 0)

    def add(self, section: str, pages: int) -> None:
        """Note a gap, or widen the noted gap."""
        known = self.find(section)
        note = {"section": section, "pages": min(pages, known.pages) if known else pages}
        write_note(self.folder, self.path(section), note)

    def value_of(self, key: str, note: dict[str, Any]) -> NotedGap:
        gap = NotedGap(note["section"], note["pages"])
        if type(gap.pages) is not int or gap.pages < 0:
            raise ValueError(f"pages: {gap.pages} is no number of pages")
        if gap.section.replace("/", "-") != key:
            raise ValueError(f"is about the section {gap.section}")
        return gap


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
        self.learnt = LearntNotes(folder)

    def broken(self, most: int = 20) -> list[str]:
        """Return a line for each note that cannot be read, of those that every run reads; at most ``most``."""
        home = self.halves.folder.root / HOME
        lines = [*self.halves.broken([home]), *self.owed.broken(), *self.gaps.broken()]
        rest = [f"{len(lines) - most} more notes cannot be read; scrapy verify names them"] if lines[most:] else []
        return lines[:most] + rest


_KINDS = (OwedNotes, AbsentNotes, HalfNotes, PictureNotes, SharedNumberNotes, LongestNotes, KeptNotes, LearntNotes)
KINDS: dict[str, type[NotesOfKind[Any]]] = {kind.name: kind for kind in (*_KINDS, GapNotes)}
PLACES = (HOME, *(f"{file_paths.NOTES}/{name}" for name in KINDS))
"""The files and folders of all notes, from the archive's folder."""
_PATH = re.compile(rf"{file_paths.NOTES}/({'|'.join(KINDS)})/([^/]+)\.json")


def parse_path(path: str) -> tuple[type[NotesOfKind[Any]], str] | None:
    """Return the kind of a note and its key; None if the path, from the archive's folder, is not a note's."""
    if path == HOME:
        return HalfNotes, _HOME_KEY
    found = _PATH.fullmatch(path)
    return (KINDS[found[1]], found[2]) if found else None
