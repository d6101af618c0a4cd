"""The archive's folder on disk: where each file belongs, how it is written, and locks against runs of one kind.

No other module builds the path of a post. Paths are relative to the folder. Files are written whole or not at all.

A private file of runs that is broken, or something in its place, is moved out of the way, and the file is begun anew.
Only a lock, a permission or the disk itself stops a run: such an error is not the file's fault.
"""

import fcntl
import os
import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import BinaryIO

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import ArgumentError, HeldError
from zbcrawler.common.times import shown

POSTS = "_posts"
NOTES = "_data"
EDITIONS = f"{NOTES}/editions"  # the folder of the editions that the archive has learnt
PICTURES = "pictures"
PRIVATE = ".zbcrawler"  # the folder for what is not part of the archive: locks, the state of runs, half-written files
RAW = f"{PRIVATE}/raw"
"""The folder for kept pages, as long as the archive has learnt editions and ``KEEP_RAW`` is empty."""

# Folders between the archive's folder and a post: _posts/2026/01/31. Jekyll's page of the post lies equally deep.
_DEPTH = 4
_NAME = re.compile(r"\d{4}-\d\d-\d\d-(\d{1,18})\.md", re.ASCII)
_POST = re.compile(rf"{POSTS}/(?:\d+/){{3}}{_NAME.pattern}", re.ASCII)

BROKEN_FILE = (sqlite3.Error, ValueError, TypeError, OverflowError, MemoryError)
"""The errors that reading a broken sqlite file raises."""


def post_path(address: StoryAddress, shift: int = 0) -> str:
    """Return the path of a story's post, ``shift`` days from the address; OverflowError: there is no such day."""
    # Called five times for each listed story; a Path would take most of that time.
    day = (address.day + timedelta(days=shift) if shift else address.day).isoformat()
    return f"{POSTS}/{day.replace('-', '/')}/{day}-{address.number}.md"


def is_post(path: str) -> bool:
    return bool(_POST.fullmatch(path))


def number_of(path: str) -> str | None:
    """Return the story's number in the file name of a post in any folder; None if the name is not a post's."""
    found = _NAME.fullmatch(path.rpartition("/")[2])
    return found[1] if found else None


def edition_path(name: str) -> str:
    return f"{EDITIONS}/{name}.yml"


def link_from_post(file: str) -> str:
    """Return the relative link from a post to a file of the archive."""
    return "../" * _DEPTH + file


def root_of(post: Path) -> Path | None:
    """Return the folder of the archive that a post lies in, None if the path is too short."""
    parents = post.resolve().parents
    return parents[_DEPTH] if len(parents) > _DEPTH else None


def posts_with(root: Path, numbers: Collection[str], days: Iterable[date]) -> Iterator[str]:
    """Yield the paths of the posts of some days whose stories have one of these numbers."""
    for day in days:
        folder = f"{POSTS}/{day:%Y/%m/%d}"
        with suppress(FileNotFoundError, NotADirectoryError):
            names = sorted(os.listdir(root / folder))
            yield from (f"{folder}/{name}" for name in names if number_of(name) in numbers)


def learnt_editions(root: Path) -> list[Path]:
    return sorted(root.glob(edition_path("[!.]*")))


def posts_of(root: Path, day: date) -> list[Path]:
    return sorted((root / POSTS / f"{day:%Y/%m/%d}").glob("*.md"))


def day_folders(root: Path, first: date = date.min, last: date = date.max) -> Iterator[tuple[date, str, list[str]]]:
    """Yield day, path and file names of each folder with posts from one day to another, oldest first; read no post."""
    folders = [f"{root}/{POSTS}"]
    for _ in range(_DEPTH - 1):
        folders = [f"{folder}/{name}" for folder in folders for name in _names_in(folder) if name.isdecimal()]
    for folder in sorted(folders):
        with suppress(ValueError):  # a folder of no day
            day = date.fromisoformat("-".join(folder.split("/")[1 - _DEPTH :]))
            if first <= day <= last and (names := [name for name in _names_in(folder) if name.endswith(".md")]):
                yield day, folder, names


def _names_in(folder: str) -> list[str]:
    with suppress(FileNotFoundError, NotADirectoryError):
        return os.listdir(folder)
    return []


class ArchiveFolder:
    """The folder ``archive/``; its methods raise OSError if the disk refuses."""

    def __init__(self, root: str | os.PathLike[str], dry_run: bool = False) -> None:
        """Write nothing yet; with ``dry_run``, never write."""
        self.root = Path(root)
        self.dry_run = dry_run

    def write(self, path: Path, data: bytes) -> bool:
        """Write a file, whole or not at all; return whether its bytes differed. After an OSError the old file stays."""
        if path.is_file() and path.read_bytes() == data:
            return False
        if self.dry_run:
            return True
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.private_folder("tmp") / f"{path.name}.{os.getpid()}"
        try:
            with _open_locked(temporary) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        # Only this makes the new name survive a power cut; some systems do not let a folder be opened.
        with suppress(OSError):
            handle = os.open(path.parent, os.O_RDONLY)
            with suppress(OSError):
                os.fsync(handle)
            os.close(handle)
        return True

    def remove(self, path: Path) -> None:
        # A read-only disk refuses to remove even a file that is not there.
        if os.path.lexists(path) and not self.dry_run:
            path.unlink(missing_ok=True)

    def private_folder(self, name: str = "") -> Path:
        """Return a folder for files that are not part of the archive; make it if it is missing."""
        private = self.root / PRIVATE
        folder = private / name
        if not folder.is_dir():  # called before each request, for the pace
            for path in (private, folder):
                if os.path.lexists(path) and not path.is_dir():
                    path.unlink()  # a file or a link to nothing in the folder's place
                path.mkdir(parents=True, exist_ok=True)
        ignored = private / ".gitignore"
        if not ignored.exists():
            make_way(ignored)
            ignored.write_text("*\n")
        return folder

    def sweep(self) -> None:
        """Remove half-written files of killed runs; those of living runs stay."""
        for path in (self.root / PRIVATE / "tmp").glob("*"):
            with suppress(FileNotFoundError), path.open("rb") as file:
                # Another run may have replaced the file meanwhile.
                if try_lock(file.fileno()) and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                    path.unlink()


@contextmanager
def hold_run_lock(folder: Path, kind: str) -> Iterator[None]:
    """Hold the lock of one kind of run; raise HeldError at once if another process holds it.

    The lock's file has the time at which the last run began. A run that ends with an ArgumentError does not count.
    """
    # The kernel releases the lock when the process dies. The file stays: another process may hold it open.
    path = folder / f"{kind}.lock"
    make_way(path)
    is_old = path.exists()
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_CREAT, 0o666)) as file:
        if not try_lock(file.fileno()):
            since = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, timezone.utc)
            raise HeldError(f"another {kind} run has been at work since {shown(since)}", since)
        before = os.fstat(file.fileno()).st_mtime_ns if is_old else 0
        with suppress(PermissionError):  # the file may belong to another user who shares the archive
            os.utime(path)
        try:
            yield
        except ArgumentError:
            with suppress(PermissionError):
                os.utime(path, ns=(before, before))
            raise


def try_lock(handle: int) -> bool:
    """Take the lock of an open file for as long as it is open; False if another process has it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def make_way(path: Path) -> None:
    """Remove what stands in the place of a private file and is none: a folder, a pipe, a link to nothing."""
    # A folder is renamed: it may hold a person's files.
    if not os.path.lexists(path) or path.is_file():
        return
    if path.is_dir() and not path.is_symlink():
        path.rename(f"{path}.broken")
    else:
        path.unlink(missing_ok=True)


def discard(path: Path) -> None:
    """Remove a broken sqlite file and what SQLite keeps beside it."""
    for suffix in ("", "-journal", "-wal", "-shm"):  # SQLite keeps these beside a file
        part = path.with_name(f"{path.name}{suffix}")
        make_way(part)
        part.unlink(missing_ok=True)


def check_is_broken(path: Path, error: Exception, writes: bool, saves: bool = False) -> None:
    """Return if a sqlite file itself caused an error; raise OSError if a lock, a permission or the disk did."""
    # When changes are saved, the disk may have refused them.
    what = str(error) if isinstance(error, sqlite3.Error) else ""
    if "is locked" in what or (saves and re.search("disk is full|disk I/O error", what)):
        raise OSError(f"{path}: {error}") from error
    # A wrong byte can make SQLite call a file unreadable or read-only, so ask the system.
    if path.is_file():
        with path.open("r+b" if writes else "rb") as file:
            while file.read(1 << 20):
                pass
    if writes and not os.access(path.parent, os.W_OK | os.X_OK):
        raise PermissionError(f"{path.parent}: cannot be written; correct its permissions") from error


def _open_locked(path: Path) -> BinaryIO:
    """Open a new file with the lock that :meth:`ArchiveFolder.sweep` respects."""
    while True:
        file = path.open("wb")
        # Another run may have swept the file before it was locked.
        if try_lock(file.fileno()) and os.fstat(file.fileno()).st_nlink:
            return file
        file.close()
