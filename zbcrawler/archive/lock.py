"""One run of a kind at a time: a lock that the kernel releases when the process dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path

from typing_extensions import Self

from zbcrawler.common.errors import HeldError


class RunLock:
    """A context manager that holds the lock of one kind of run, in a folder that is there.

    The file is never removed: another process may hold it open. Its time of change is when the lock was taken.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        self.path = folder / f"{kind}.lock"
        self.kind = kind

    def __enter__(self) -> Self:
        """Take the lock.

        :raises HeldError: at once, if another process holds the lock
        :raises OSError: if the folder takes no lock file
        """
        self._handle = os.open(self.path, os.O_RDONLY | os.O_CREAT, 0o666)
        try:
            if not try_lock(self._handle):
                raise HeldError(self.kind, datetime.fromtimestamp(os.fstat(self._handle).st_mtime, timezone.utc))
            with suppress(PermissionError):  # the file may be another user's who shares the archive
                os.utime(self.path)
        except BaseException:
            os.close(self._handle)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)


def try_lock(handle: int) -> bool:
    """Take the lock of an open file for as long as it is open; False if another process has it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
