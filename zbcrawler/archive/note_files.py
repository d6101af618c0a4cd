"""The notes of the archive: facts that are not in the posts, one small JSON file each, in git.

A note changes only when its facts change. With one file per story, two clones of an archive rarely conflict.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from zbcrawler.archive import disk
from zbcrawler.archive.disk import ArchiveFolder
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.text import one_line, shorten

Value = TypeVar("Value")

BROKEN = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""The errors that a broken note raises when it is read or checked."""
_MOST_BYTES = 1_000_000  # the largest notes are those about the pictures of a story, a few kilobytes


@dataclass
class NotesOfKind(Generic[Value]):
    """All notes of one kind; methods raise PostError for a broken note, and OSError if a note cannot be written."""

    name: ClassVar[str]  # of the notes' folder
    field: ClassVar[str] = "reason"  # the field that each note must have
    type: ClassVar[type] = str  # of this field
    merges: ClassVar[bool] = False  # whether zbcrawler.archive.merging merges the notes
    words: ClassVar[tuple[str, ...]] = ()  # in commit messages, for an added and for a removed note
    warning: ClassVar[tuple[str, ...]] = ()  # by scrapy verify: the rule, and a text with fields of the note
    folder: ArchiveFolder

    def path(self, key: StoryAddress | str) -> Path:
        """Return the path of the note about a story or a section."""
        if isinstance(key, str):
            return self._file(key.replace("/", "-"))
        path, dated = self._file(key.number), key.key_in(self._dated)
        # Nearly no story has a note, so hardly any file is opened.
        if dated not in self._dated and (not os.path.exists(path) or _is_free_for(path, key)):
            return path
        self._dated.add(dated)
        return self._file(dated)

    @cached_property
    def _dated(self) -> set[str]:
        """The names of the notes that are named after day and number."""
        return {path.stem for path in self._file("").parent.glob("*-*.json")}

    @cached_property
    def _place(self) -> Path:
        return self.folder.root / disk.NOTES / self.name

    def _file(self, name: str) -> Path:
        return self._place / f"{name}.json"

    def paths(self) -> list[Path]:
        return sorted(self._place.glob("*.json"))

    def read(self, path: Path) -> Value | None:
        """Return the value of a note, None if there is none; raise PostError if it is broken or cannot be read."""
        try:
            return self.value_of(path.stem, load_note(path))
        except FileNotFoundError as error:
            if not path.is_symlink():
                return None
            raise PostError(f"{path}: a link that leads nowhere; restore or remove it") from error
        except (OSError, *BROKEN) as error:
            raise PostError(f"{path}: not a note of zbcrawler ({describe(error)}); restore or remove it") from error

    def find(self, key: StoryAddress | str) -> Value | None:
        path = self.path(key)
        return self.read(path) if os.path.lexists(path) else None

    def broken(self, paths: Iterable[Path] | None = None) -> list[str]:
        """Return a line for each note, or each of ``paths``, that cannot be read."""
        lines = []
        for path in self.paths() if paths is None else paths:
            try:
                self.read(path)
            except PostError as error:
                lines.append(str(error))
        return lines

    def has(self, key: StoryAddress | str) -> bool:
        return self.path(key).exists()

    def remove(self, key: StoryAddress | str) -> None:
        path = self.path(key)
        if os.path.lexists(path):  # nearly no story has a note
            _refuse_folder(path)
            self.folder.remove(path)

    def reasons(self) -> Iterator[tuple[str, str, str]]:
        """Yield address, reason and since (may be empty) of notes, except those that are broken."""
        for path in self.paths():
            with suppress(OSError, *BROKEN):
                note = load_note(path)
                yield str(note["address"]), str(note["reason"]), str(note.get("since", ""))

    def value_of(self, key: str, note: dict[str, Any]) -> Value:
        """Return the value of the note in the file ``key``.json; raise one of ``BROKEN`` if runs cannot use it."""
        self.address_in(key, note)
        if not isinstance(note[self.field], self.type):
            raise TypeError(f"{self.field}: has another type")
        value: Value = note[self.field]
        return value

    def address_in(self, key: str, note: dict[str, Any]) -> StoryAddress:
        """Return the address of the story that a note is about, as :meth:`value_of` does."""
        address = StoryAddress.parse(note["address"])
        if address is None or key not in (address.number, address.key_in((key,))):
            raise ValueError(f"is about {note['address']}")
        return address

    def check_files(self, note: dict[str, Any]) -> None:
        """Raise ValueError if the archive lacks what a note names; runs can use the note all the same."""


class ValueNotes(NotesOfKind[Value]):
    """Notes that have one value, and are about a story."""

    def all(self) -> dict[StoryAddress, Value]:
        """Return the values of all notes by the stories' addresses, except those that are broken."""
        found = {}
        for path in self.paths():
            with suppress(OSError, *BROKEN):
                note = load_note(path)
                found[self.address_in(path.stem, note)] = self.value_of(path.stem, note)
        return found

    def add(self, address: StoryAddress, value: Value) -> None:
        write_note(self.folder, self.path(address), {"address": address.url, self.field: value})

    def set(self, address: StoryAddress, value: Value) -> None:
        """Write the note; remove it if the value is empty or 0."""
        if value:
            self.add(address, value)
        else:
            self.remove(address)


def _is_free_for(path: Path, address: StoryAddress) -> bool:
    """Whether a file is no note about another story; a missing or a broken note is none."""
    with suppress(OSError, *BROKEN):
        about = StoryAddress.parse(load_note(path)["address"])
        return about is None or about.number != address.number or about.is_same_story(address)
    return True


def write_note(folder: ArchiveFolder, path: Path, note: dict[str, Any]) -> None:
    """Write a note, unless the file has the same content already; raise PostError if a folder has its name."""
    _refuse_folder(path)
    if path.is_file() and not os.access(path, os.R_OK):
        folder.remove(path)
    folder.write(path, (json.dumps(note, indent=2) + "\n").encode())


def load_note(path: Path) -> dict[str, Any]:
    """Return the content of a note's file; raise OSError, or one of ``BROKEN``."""
    # Opening a pipe would otherwise wait for a writer.
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        return parse_note(file.read(_MOST_BYTES + 1))


def parse_note(data: bytes | str) -> dict[str, Any]:
    """Return the content of a note; raise one of ``BROKEN`` if zbcrawler did not write it."""
    if len(data) > _MOST_BYTES:
        raise ValueError(f"has more than {_MOST_BYTES} bytes")
    note = json.loads(data)
    if not isinstance(note, dict):
        raise TypeError("is no JSON object")
    json.dumps(note, ensure_ascii=False).encode()  # a lone surrogate could not be written again
    return note


def describe(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"lacks {error}"
    return shorten(one_line(getattr(error, "strerror", None) or str(error)), 200)


def _refuse_folder(path: Path) -> None:
    if path.is_dir():
        raise PostError(f"{path}: a folder, not a note; move it away")
