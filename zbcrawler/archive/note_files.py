"""The notes of the archive: facts that are not in the posts, one small JSON file each, in git.

A note changes only when its facts change. With one file per story, two clones of an archive rarely conflict.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from zbcrawler.archive import file_paths
from zbcrawler.archive.disk import ArchiveFolder
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError

Value = TypeVar("Value")

BROKEN = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""The errors that a broken note raises when it is read or checked."""


@dataclass
class NotesOfKind:
    """All notes of one kind; each file is named after a section or the number of a story.

    If another story with the number has a note already, the file is named after the story's day and number.

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
        if isinstance(key, str):
            return self._file(key.replace("/", "-"))
        path, dated = self._file(key.number), key.key_in(self._dated)
        if dated not in self._dated and _is_free_for(path, key):
            return path
        self._dated.add(dated)
        return self._file(dated)

    @cached_property
    def _dated(self) -> set[str]:
        """The names of the notes that are named after day and number."""
        return {path.stem for path in self._file("").parent.glob("*-*.json")}

    def _file(self, name: str) -> Path:
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
        if address is None or key not in (address.number, address.key_in((key,))):
            raise ValueError(f"is about {note['address']}")
        self.check_value(note, note[self.field])

    def check_value(self, note: dict[str, Any], value: Any) -> None:
        """Check the field that only this kind of note has, as :meth:`check` does."""


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
        except (ValueError, AttributeError, RecursionError) as error:
            raise PostError(f"{path}: not a note of zbcrawler ({error}); restore or remove it") from error
        return value if isinstance(value, self.type) else None


def _is_free_for(path: Path, address: StoryAddress) -> bool:
    """Whether a file is no note about another story; a broken note counts as the story's."""
    if not path.exists():  # as for nearly every story
        return True
    try:
        about = StoryAddress.parse(json.loads(path.read_bytes())["address"])
    except (OSError, RecursionError, *BROKEN):
        return True
    return about is None or about.number != address.number or about.is_same_story(address)


def write_note(folder: ArchiveFolder, path: Path, note: dict[str, Any]) -> None:
    """Write a note, unless the file has the same content already."""
    folder.write(path, (json.dumps(note, indent=2) + "\n").encode())
