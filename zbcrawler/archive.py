"""The archive on disk: where a post lies, and how a file is changed without ever being half written."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from zbcrawler import posts
from zbcrawler.addresses import StoryAddress
from zbcrawler.arguments import archive_dir
from zbcrawler.exceptions import PostError

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings
    from typing_extensions import Self

    from zbcrawler.items import Story

DEFAULT_HOME = "singapore"

_Value = TypeVar("_Value")

# A story is rarely listed under a neighbouring day; its number is the same.
_NEIGHBOURS = (0, -1, 1, -2, 2)


class Archive:
    """The folder ``archive/``.

    A post's path is a pure function of its story's address, so a look-up costs a few ``stat``
    calls, whatever the archive's size.
    """

    def __init__(self, root: str | os.PathLike[str], dry_run: bool = False) -> None:
        """:param dry_run: says what it would write, and writes nothing"""
        self.root = Path(root)
        self.dry_run = dry_run

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """The archive of the settings ``ARCHIVE_DIR`` and ``DRY_RUN``.

        :raises ArgumentError: if the folder is not allowed
        """
        return cls(archive_dir(settings), settings.getbool("DRY_RUN"))

    def path_of(self, address: StoryAddress, shift: int = 0) -> Path:
        """Where the post of a story belongs.

        :param shift: days to add to the day of the address
        """
        day = address.day + timedelta(days=shift)
        return self.root / "_posts" / f"{day:%Y/%m/%d}" / f"{day:%Y-%m-%d}-{address.number}.md"

    def find(self, address: StoryAddress) -> Path | None:
        """The post of a story under its day or up to two days beside it, None if there is none."""
        for shift in _NEIGHBOURS:
            try:
                path = self.path_of(address, shift)
            except OverflowError:  # the calendar's last day
                continue
            if path.is_file():
                return path
        return None

    def read(self, path: Path) -> Story:
        """The story that a post of the archive tells.

        :raises PostError: if the file is not a post as zbcrawler writes it
        """
        return posts.read(self._text(path), str(path))

    def title(self, path: Path) -> str | None:
        """The title of a post of the archive, None if it cannot be read."""
        try:
            return posts.read_title(self._text(path))
        except PostError:
            return None

    def _text(self, path: Path) -> str:
        try:
            return path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise PostError(f"{path}: not UTF-8 ({error}); restore it from git or move it away") from error

    def write(self, path: Path, data: bytes) -> bool:
        """Writes a file, whole or not at all, and only if its bytes differ.

        :returns: whether anything was written, or would have been but for ``dry_run``
        :raises OSError: if the file cannot be written; what was there before stays
        """
        if path.is_file() and path.read_bytes() == data:
            return False
        if self.dry_run:
            return True
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
        return True

    # -- what has to be remembered beside the posts ----------------------------------------------

    def absence_note(self, address: StoryAddress) -> Path:
        """Where it is noted that a listed story is not to be had."""
        return self._note("absent", address.number)

    def is_absent(self, address: StoryAddress) -> bool:
        """Whether a story is noted as gone, or as leading elsewhere."""
        return self.absence_note(address).exists()

    def note_absence(self, address: StoryAddress, reason: str) -> None:
        """Notes why a listed story is not to be had.

        :raises OSError: if the note cannot be written
        """
        self._write_note(self.absence_note(address), {"address": address.url, "reason": reason})

    def forget_absence(self, address: StoryAddress) -> None:
        """Takes the note back: the story is there."""
        self._remove(self.absence_note(address))

    def owe(self, address: StoryAddress, section: str) -> None:
        """Notes that a story could not be archived, so that later runs try again.

        :raises OSError: if the note cannot be written
        """
        self._write_note(self._note("owed", address.number), {"address": address.url, "section": section})

    def settle_debt(self, address: StoryAddress) -> None:
        """Takes the note back: the story is archived, or is known not to be had."""
        self._remove(self._note("owed", address.number))

    def owed(self) -> list[tuple[StoryAddress, str]]:
        """The stories that are owed, each with the section that listed it.

        :raises PostError: if a note cannot be read
        """
        found = []
        for path in sorted((self.root / "_data" / "owed").glob("*.json")):
            try:
                note = json.loads(path.read_bytes())
                found.append((StoryAddress.parse(note["address"]), note["section"]))
            except (ValueError, KeyError, TypeError) as error:
                raise PostError(f"{path}: not a note of an owed story ({error}); restore or remove it") from error
        return [(address, section) for address, section in found if address]

    def note_gap(self, section: str, pages: int) -> None:
        """Notes that stories of a section may be missing behind the first ``pages`` pages of its listing.

        :raises OSError: if the note cannot be written
        """
        known = self.gap(section)
        pages = pages if known is None else min(pages, known)
        self._write_note(self._note("gaps", section), {"section": section, "pages": pages})

    def close_gap(self, section: str) -> None:
        """Takes the note back."""
        self._remove(self._note("gaps", section))

    def gap(self, section: str) -> int | None:
        """Behind how many pages stories of a section may be missing, None if none are known to be.

        A note that cannot be read counts as 0, the widest gap.
        """
        try:
            return int(json.loads(self._note("gaps", section).read_bytes())["pages"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            return 0

    # -- which of its two sites a story was first archived from -------------------------------------

    def site_of(self, address: StoryAddress) -> str:
        """The site that an archived story's headline and pictures are from: ``singapore`` or ``mainland``."""
        return _read_note(self._note("sites", address.number), "site") or self.home

    @cached_property
    def home(self) -> str:
        """The site that all stories are from of which nothing else is noted."""
        return _read_note(self._home, "site") or DEFAULT_HOME

    def note_site(self, address: StoryAddress, site: str) -> None:
        """Notes which site a new story is from, if it is not the archive's own; an empty archive takes it for its own.

        To be called before the story is written.

        :raises OSError: if the note cannot be written
        """
        if site != self.home and not (self.root / "_posts").is_dir():
            self._write_note(self._home, {"site": site})
            self.home = site
        note = self._note("sites", address.number)
        if site == self.home:
            self._remove(note)  # of an attempt that ended before the story was written
        else:
            self._write_note(note, {"address": address.url, "site": site})

    @property
    def _home(self) -> Path:
        return self.root / "_data" / "home.json"

    # -- the pictures that are kept -----------------------------------------------------------------

    def pictures_of(self, address: StoryAddress) -> dict[str, str]:
        """The kept pictures of a story: by the address that each was got from, its file in the archive.

        :raises PostError: if the note cannot be read
        """
        return _read_note(self._note("pictures", address.number), "pictures", dict) or {}

    def note_pictures(self, address: StoryAddress, pictures: dict[str, str]) -> None:
        """Notes where the kept pictures of a story came from; as :meth:`pictures_of` gives them.

        :raises OSError: if the note cannot be written
        """
        self._write_note(self._note("pictures", address.number), {"address": address.url, "pictures": pictures})

    # -- notes ------------------------------------------------------------------------------------

    def _remove(self, note: Path) -> None:
        # Asked first, because a read-only disk refuses to remove even what is not there.
        if note.exists() and not self.dry_run:
            note.unlink(missing_ok=True)

    def _note(self, kind: str, name: str) -> Path:
        return self.root / "_data" / kind / f"{name.replace('/', '-')}.json"

    def _write_note(self, path: Path, note: dict[str, Any]) -> None:
        # A note that says the same is not touched: no noise in the diff.
        self.write(path, (json.dumps(note, indent=2) + "\n").encode())


def _read_note(note: Path, name: str, kind: type[_Value] = str) -> _Value | None:
    try:
        value = json.loads(note.read_bytes()).get(name)
    except FileNotFoundError:
        return None
    except (ValueError, AttributeError) as error:
        raise PostError(f"{note}: not a note of zbcrawler's ({error}); restore or remove it") from error
    return value if isinstance(value, kind) else None


def _sync_folder(folder: Path) -> None:
    # So that the new name survives a power cut; not every system lets a folder be opened.
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
