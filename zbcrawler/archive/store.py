"""The archive on disk: where a post lies, and how a file is changed without ever being half written."""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from zbcrawler.archive import posts
from zbcrawler.archive.lock import try_lock
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.options import archive_dir

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from typing import BinaryIO

    from scrapy.settings import BaseSettings
    from typing_extensions import Self

    from zbcrawler.items import Story

DEFAULT_HOME = "singapore"
HALVES = (DEFAULT_HOME, "mainland")
"""The two halves of the site, each with headlines and pictures of its own."""
PRIVATE = ".zbcrawler"
"""The folder in the archive for what is not part of it: locks, the state of runs, half-written files."""

_Value = TypeVar("_Value")

# Days.
_LONGEST_OUTAGE = 400

# A story is rarely listed under a neighbouring day; its number is the same.
_NEIGHBOURS = (0, -1, 1, -2, 2)


class Archive:
    """The folder ``archive/``.

    A post's path is a pure function of its story's address, so a look-up costs a few ``stat``
    calls, whatever the archive's size.
    """

    def __init__(self, root: str | os.PathLike[str], dry_run: bool = False, chooses_home: bool = True) -> None:
        """Write nothing yet.

        :param dry_run: says what it would write, and writes nothing
        :param chooses_home: whether an empty archive takes the site that its first story is from for its own
        """
        self.root = Path(root)
        self.dry_run = dry_run
        self.chooses_home = chooses_home
        self._made: set[Path] = set()

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Return the archive of the settings ``ARCHIVE_DIR``, ``DRY_RUN`` and ``CHOOSE_HOME``.

        :raises ArgumentError: if the folder is not allowed
        """
        return cls(archive_dir(settings), settings.getbool("DRY_RUN"), settings.getbool("CHOOSE_HOME", True))

    def path_of(self, address: StoryAddress, shift: int = 0) -> Path:
        """Where the post of a story belongs.

        :param shift: days to add to the day of the address
        """
        return Path(self._path_of(address, shift))

    def _path_of(self, address: StoryAddress, shift: int) -> str:
        # Is asked five times for each listed story; a Path would take most of that time.
        day = (address.day + timedelta(days=shift) if shift else address.day).isoformat()
        return f"{self.root}/_posts/{day.replace('-', '/')}/{day}-{address.number}.md"

    def find(self, address: StoryAddress) -> Path | None:
        """Return the post of a story under its day or up to two days beside it, None if there is none."""
        for shift in _NEIGHBOURS:
            try:
                path = self._path_of(address, shift)
            except OverflowError:  # the calendar's last day
                continue
            if _is_file(path):
                return Path(path)
        return None

    def read(self, path: Path) -> Story:
        """Return the story that a post of the archive tells.

        :raises PostError: if the file is not a post as zbcrawler writes it
        """
        return posts.read(self._text(path), str(path))

    def title(self, path: Path) -> str | None:
        """Return the title of a post of the archive, None if it cannot be read."""
        try:
            return posts.read_title(self._text(path))
        except PostError:
            return None

    def posts_since(self, first: date) -> Iterator[tuple[Path, StoryAddress]]:
        """Yield the posts of a day and of those after it, by the day of their address.

        :raises OSError: if a folder or a post cannot be read
        """
        for year in sorted(self._numbered(self.root / "_posts")):
            if int(year.name) >= first.year:
                for folder in sorted(day for month in self._numbered(year) for day in self._numbered(month)):
                    if _day_of(folder) >= first.isoformat():
                        yield from self._addresses_in(folder)

    def newest_before(self, last: date, section: str, without: set[str]) -> datetime | None:
        """When the newest post of a section was published, of those until a day; None if there is none.

        Looks at so many days as cover the longest outage that a machine is left alone with.

        :param section: as addresses have it: ``realtime/china``
        :param without: numbers of stories that do not count
        :raises OSError: if a folder or a post cannot be read
        """
        dates: list[datetime] = []
        left = _LONGEST_OUTAGE
        while left:
            found = self._addresses_in(self.root / "_posts" / f"{last:%Y/%m/%d}")
            wanted = [path for path, address in found if address.section == section and address.number not in without]
            # Addresses of a later day may have an earlier time.
            left = min(left, len(_NEIGHBOURS)) - 1 if wanted or dates else left - 1
            dates += [self.read(path).date for path in wanted]
            last -= timedelta(days=1)
        return max(dates, default=None)

    def _addresses_in(self, folder: Path) -> Iterator[tuple[Path, StoryAddress]]:
        for path in sorted(folder.glob("*.md")):
            address = StoryAddress.parse(posts.read_link(path.read_bytes().decode("utf-8", "replace")) or "")
            if address:
                yield path, address

    def _numbered(self, folder: Path) -> list[Path]:
        return [path for path in folder.glob("[0-9]*") if path.name.isdecimal() and path.is_dir()]

    def _text(self, path: Path) -> str:
        try:
            return path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise PostError(f"{path}: not UTF-8 ({error}); restore it from git or move it away") from error

    def write(self, path: Path, data: bytes) -> bool:
        """Write a file, whole or not at all, and only if its bytes differ.

        :returns: whether anything was written, or would have been but for ``dry_run``
        :raises OSError: if the file cannot be written; what was there before stays
        """
        if path.is_file() and path.read_bytes() == data:
            return False
        if self.dry_run:
            return True
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.private_folder("tmp") / f"{path.name}.{os.getpid()}"
        try:
            with _locked(temporary) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
        return True

    # -- the run's own files, which are not in git --------------------------------------------------

    def private_folder(self, name: str = "") -> Path:
        """Return a folder for what runs keep to themselves; is made if need be.

        :raises OSError: if it cannot be made
        """
        folder = self.root / PRIVATE / name
        if folder not in self._made:
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
            ignored = self.root / PRIVATE / ".gitignore"
            if not ignored.exists():
                ignored.write_text("*\n")
            self._made.add(folder)
        return folder

    def sweep(self) -> None:
        """Remove half-written files of runs that were killed; those of living ones stay.

        :raises OSError: if one cannot be removed
        """
        for path in (self.root / PRIVATE / "tmp").glob("*"):
            with suppress(FileNotFoundError), path.open("rb") as file:
                # The name may be another file's by now.
                if try_lock(file.fileno()) and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                    path.unlink()

    # -- what has to be remembered beside the posts ----------------------------------------------

    def absence_note(self, address: StoryAddress) -> Path:
        """Where it is noted that a listed story is not to be had."""
        return self.note("absent", address.number)

    def is_absent(self, address: StoryAddress) -> bool:
        """Whether it is noted that a story is not to be had."""
        return self.absence_note(address).exists()

    def absence(self, address: StoryAddress) -> str | None:
        """Why a story is not to be had on the site, None if nothing of that is noted.

        An archived story that the site has withdrawn has both, a post and this note.

        :raises PostError: if the note cannot be read
        """
        return _read_note(self.absence_note(address), "reason")

    def note_absence(self, address: StoryAddress, reason: str) -> None:
        """Note why a listed story is not to be had.

        :raises OSError: if the note cannot be written
        """
        self.write_note(self.absence_note(address), {"address": address.url, "reason": reason})

    def forget_absence(self, address: StoryAddress) -> None:
        """Take the note back: the story is there."""
        self.remove_note(self.absence_note(address))

    def note_gap(self, section: str, pages: int) -> None:
        """Note that stories of a section may be missing behind the first ``pages`` pages of its listing.

        :raises OSError: if the note cannot be written
        """
        known = self.gap(section)
        pages = pages if known is None else min(pages, known)
        self.write_note(self.note("gaps", section), {"section": section, "pages": pages})

    def close_gap(self, section: str) -> None:
        """Take the note back."""
        self.remove_note(self.note("gaps", section))

    def gap(self, section: str) -> int | None:
        """Behind how many pages stories of a section may be missing, None if none are known to be.

        A note that cannot be read counts as 0, the widest gap.
        """
        try:
            return int(json.loads(self.note("gaps", section).read_bytes())["pages"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            return 0

    def gaps(self) -> dict[str, int]:
        """Behind how many pages stories may be missing, by section."""
        found = {}
        for path in sorted((self.root / "_data" / "gaps").glob("*.json")):
            try:
                section = str(json.loads(path.read_bytes())["section"])
            except (ValueError, KeyError, TypeError):
                section = path.stem
            found[section] = self.gap(section) or 0
        return found

    # -- which of its two sites a story was first archived from -------------------------------------

    def half_of(self, address: StoryAddress) -> str:
        """Return the site that an archived story's headline and pictures are from: ``singapore`` or ``mainland``."""
        return _read_note(self.note("sites", address.number), "site") or self.home

    @cached_property
    def home(self) -> str:
        """The site that all stories are from of which nothing else is noted."""
        return _read_note(self._home, "site") or DEFAULT_HOME

    def note_half(self, address: StoryAddress, site: str) -> None:
        """Note which site a new story is from, if it is not the archive's own; an empty archive takes it for its own.

        To be called before the story is written.

        :raises OSError: if the note cannot be written
        """
        if self.chooses_home and site != self.home and not (self.root / "_posts").is_dir():
            self.write_note(self._home, {"site": site})
            self.home = site
        note = self.note("sites", address.number)
        if site == self.home:
            self.remove_note(note)  # of an attempt that ended before the story was written
        else:
            self.write_note(note, {"address": address.url, "site": site})

    @property
    def _home(self) -> Path:
        return self.root / "_data" / "home.json"

    # -- the pictures that are kept -----------------------------------------------------------------

    def pictures_of(self, address: StoryAddress) -> dict[str, str]:
        """Return the kept pictures of a story: by the address that each was got from, its file in the archive.

        :raises PostError: if the note cannot be read
        """
        return _read_note(self.note("pictures", address.number), "pictures", dict) or {}

    def note_pictures(self, address: StoryAddress, pictures: dict[str, str]) -> None:
        """Note where the kept pictures of a story came from; as :meth:`pictures_of` gives them.

        :raises OSError: if the note cannot be written
        """
        self.write_note(self.note("pictures", address.number), {"address": address.url, "pictures": pictures})

    # -- notes ------------------------------------------------------------------------------------

    def remove_note(self, note: Path) -> None:
        """Remove a note, if it is there."""
        # Asked first, because a read-only disk refuses to remove even what is not there.
        if note.exists() and not self.dry_run:
            note.unlink(missing_ok=True)

    def note(self, kind: str, name: str) -> Path:
        """Where the note of a kind about a story (by its number) or a section lies."""
        return self.root / "_data" / kind / f"{name.replace('/', '-')}.json"

    def write_note(self, path: Path, note: dict[str, Any]) -> None:
        """Write a note; one that says the same is not touched, so that there is no noise in the diff.

        :raises OSError: if it cannot be written
        """
        self.write(path, (json.dumps(note, indent=2) + "\n").encode())


def _locked(path: Path) -> BinaryIO:
    """Open a new file, and takes the lock by which :meth:`Archive.sweep` knows that somebody is at work on it."""
    while True:
        file = path.open("wb")
        # Another run may have swept it away between the two.
        if try_lock(file.fileno()) and os.fstat(file.fileno()).st_nlink:
            return file
        file.close()


def _is_file(path: str) -> bool:
    """:raises OSError: if that cannot be told; a post that cannot be seen is not one that is not there"""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _day_of(folder: Path) -> str:
    return "-".join(folder.parts[-3:])


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
