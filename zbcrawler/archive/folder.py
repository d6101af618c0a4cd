"""The archive's folder on disk: a file is written whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from zbcrawler.archive.layout import PRIVATE
from zbcrawler.archive.lock import try_lock


class ArchiveFolder:
    """The folder ``archive/``."""

    def __init__(self, root: str | os.PathLike[str], dry_run: bool = False) -> None:
        """Write nothing yet.

        :param dry_run: report what would be written, and write nothing
        """
        self.root = Path(root)
        self.dry_run = dry_run
        self._made: set[Path] = set()

    def write(self, path: Path, data: bytes) -> bool:
        """Write a file, whole or not at all, and only if its bytes differ.

        :returns: whether the file was written, or would have been without ``dry_run``
        :raises OSError: if the file cannot be written; the old file stays
        """
        if path.is_file() and path.read_bytes() == data:
            return False
        if self.dry_run:
            return True
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
        _sync_folder(path.parent)
        return True

    def remove(self, path: Path) -> None:
        """Remove a file, if it is there."""
        # A read-only disk refuses to remove even a file that is not there.
        if path.exists() and not self.dry_run:
            path.unlink(missing_ok=True)

    def private_folder(self, name: str = "") -> Path:
        """Return a folder for what runs keep to themselves; make it if it is missing.

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
        """Remove half-written files of killed runs; those of living runs stay.

        :raises OSError: if one cannot be removed
        """
        for path in (self.root / PRIVATE / "tmp").glob("*"):
            with suppress(FileNotFoundError), path.open("rb") as file:
                # Another run may have replaced the file meanwhile.
                if try_lock(file.fileno()) and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                    path.unlink()


def _open_locked(path: Path) -> BinaryIO:
    """Open a new file with the lock that :meth:`ArchiveFolder.sweep` respects."""
    while True:
        file = path.open("wb")
        # Another run may have swept the file before it was locked.
        if try_lock(file.fileno()) and os.fstat(file.fileno()).st_nlink:
            return file
        file.close()


def _sync_folder(folder: Path) -> None:
    # The new name survives a power cut only then; not every system lets a folder be opened.
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    with suppress(OSError):
        os.fsync(handle)
    os.close(handle)
