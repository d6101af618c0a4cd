"""Private files of runs: what is broken, or stands in a file's place, is moved out of the way and begun anew.

Only a lock, a permission or the disk itself stops a run: such an error is not the file's fault.
"""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path

BROKEN_FILE = (sqlite3.Error, ValueError, TypeError, OverflowError, MemoryError)
"""The errors that reading a broken sqlite file raises."""
# SQLite keeps these beside a file.
_BESIDE = ("", "-journal", "-wal", "-shm")


def make_way(path: Path) -> None:
    """Remove what stands in the place of a private file and is none: a folder, a pipe, a link to nothing.

    A folder is renamed to ``NAME.broken``: it may hold a person's files.

    :raises OSError: if the disk refuses
    """
    if not os.path.lexists(path) or path.is_file():
        return
    if path.is_dir() and not path.is_symlink():
        path.rename(f"{path}.broken")
    else:
        path.unlink(missing_ok=True)


def discard(path: Path) -> None:
    """Remove a broken sqlite file and what SQLite keeps beside it.

    :raises OSError: if the disk refuses
    """
    for part in (path.with_name(f"{path.name}{suffix}") for suffix in _BESIDE):
        make_way(part)
        part.unlink(missing_ok=True)


def check_is_broken(path: Path, error: Exception, writes: bool, saves: bool = False) -> None:
    """Return if a sqlite file itself is the reason for an error.

    :param writes: whether the file may have to be written
    :param saves: whether the error came when changes were saved; the disk may then have refused them
    :raises OSError: if the reason is a lock, a permission or the disk
    """
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
