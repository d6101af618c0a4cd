"""What all kinds of notes have in common: where a note lies, how it is read, written and checked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from zbcrawler.archive import layout
from zbcrawler.archive.folder import ArchiveFolder
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError

Value = TypeVar("Value")

BROKEN = (ValueError, KeyError, TypeError, AttributeError)
"""What reading or checking a broken note raises."""


class NotesOfKind:
    """All notes of one kind; each is named after a story's number or a section.

    Their methods raise PostError for a broken note, and OSError if a note cannot be written.

    :cvar name: of their folder
    :cvar merges: whether git merges them by :mod:`zbcrawler.archive.merging`
    :cvar words: of commit messages, for a note that was added and for one that was removed
    :cvar warning: the rule of ``scrapy verify`` that warns of each such note
    """

    name: ClassVar[str]
    merges: ClassVar[bool] = False
    words: ClassVar[tuple[str, ...]] = ()
    warning: ClassVar[str] = ""

    def __init__(self, folder: ArchiveFolder) -> None:
        self.folder = folder

    def path(self, key: str) -> Path:
        """Return the path of a note."""
        return self.folder.root / f"{layout.NOTES}/{self.name}/{key.replace('/', '-')}.json"

    def paths(self) -> list[Path]:
        """Return the paths of all notes."""
        return sorted((self.folder.root / layout.NOTES / self.name).glob("*.json"))

    def check(self, key: str, note: dict[str, Any]) -> None:
        """Check what a note says.

        :raises ValueError: if runs cannot use it; other errors are those of ``BROKEN``
        """

    @staticmethod
    def describe(note: dict[str, Any]) -> str:
        """Return what a note says, for warnings."""
        return f"{note['address']}: {note['reason']}"


class StoryReason(NamedTuple):
    """Why a story is not available; ``since`` is as in the note, empty if it does not say."""

    address: str
    reason: str
    since: str


class StoryNotes(NotesOfKind):
    """Notes about stories.

    :cvar field: a field that each of them must have
    """

    field: ClassVar[str]

    def has(self, address: StoryAddress) -> bool:
        """Whether there is a note about a story."""
        return self.path(address.number).exists()

    def remove(self, address: StoryAddress) -> None:
        """Remove the note about a story, if there is one."""
        self.folder.remove(self.path(address.number))

    def reasons(self) -> Iterator[StoryReason]:
        """Yield the reasons in the notes; those that cannot be read are left to ``scrapy verify``."""
        for path in self.paths():
            try:
                note = json.loads(path.read_bytes())
                yield StoryReason(str(note["address"]), str(note["reason"]), str(note.get("since", "")))
            except (OSError, *BROKEN):
                continue

    def check(self, key: str, note: dict[str, Any]) -> None:
        address = StoryAddress.parse(note["address"])
        if address is None or address.number != key:
            raise ValueError(f"is of {note['address']}")
        self.check_value(note, note[self.field])

    @staticmethod
    def describe_change(story: str, reason: str, added: bool) -> str:
        """Return what a commit message says behind the word for a note that was added or removed."""
        return f"{story} ({reason})" if added else story

    def check_value(self, note: dict[str, Any], value: Any) -> None:
        """Check the note's own field, as :meth:`check` does the others."""


class ValueNotes(StoryNotes, Generic[Value]):
    """Notes that say one thing about a story.

    :cvar type: of the field
    """

    type: ClassVar[type]

    def find(self, address: StoryAddress) -> Value | None:
        """Return what the note about a story says, None without a note."""
        value: Value | None = read_value(self.path(address.number), self.field, self.type)
        return value

    def add(self, address: StoryAddress, value: Value) -> None:
        """Write the note about a story."""
        write_note(self.folder, self.path(address.number), {"address": address.url, self.field: value})


def write_note(folder: ArchiveFolder, path: Path, note: dict[str, Any]) -> None:
    """Write a note; a note that says the same is not touched, so that there is no noise in diffs."""
    folder.write(path, (json.dumps(note, indent=2) + "\n").encode())


def read_value(path: Path, field: str, kind: type[Value]) -> Value | None:
    """Return a field of a note, None without a note.

    :raises PostError: if the note cannot be read
    """
    try:
        value = json.loads(path.read_bytes()).get(field)
    except FileNotFoundError:
        return None
    except (ValueError, AttributeError) as error:
        raise PostError(f"{path}: not a note of zbcrawler's ({error}); restore or remove it") from error
    return value if isinstance(value, kind) else None
