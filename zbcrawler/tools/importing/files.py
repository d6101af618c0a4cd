"""Find the files that may be posts or hold kept pages."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from zbcrawler.common.errors import ArgumentError

WARCS = (".warc", ".warc.gz")
_SUFFIXES = (".md", ".markdown", *WARCS)


def check_paths(paths: Sequence[str], archive: Path) -> None:
    """Check the paths of a command line.

    :param archive: the folder that is imported into
    :raises ArgumentError: if there is no path, or a path is neither file nor folder, or lies in the archive itself
    """
    if not paths:
        raise ArgumentError("no PATH; name the files or folders to import, such as old-archive/_posts")
    for path in paths:
        if not os.path.isfile(path) and not os.path.isdir(path):
            raise ArgumentError(f"{printable(path)}: no such file or folder")
        if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(archive)):
            raise ArgumentError(
                f"{printable(path)}: lies in the archive itself ({archive}); name another archive's folder"
            )


def post_files(paths: Sequence[str], archive: Path, unreadable: Callable[[OSError], None]) -> Iterator[str]:
    """Yield the files named, and the Markdown and WARC files in the folders named, always in the same order.

    Leave out the archive itself and names that begin with a dot. Follow links, but yield and enter nothing twice.

    :param unreadable: called for each folder that cannot be read
    """
    seen: set[object] = {_identity(archive)}
    for path in sorted(paths):
        if os.path.isdir(path):
            yield from _files_in(path, seen, unreadable)
        elif _is_first(path, seen):
            yield path


def _files_in(top: str, seen: set[object], unreadable: Callable[[OSError], None]) -> Iterator[str]:
    if not _is_first(top, seen):
        return
    for folder, folders, names in os.walk(top, followlinks=True, onerror=unreadable):
        inner = [name for name in sorted(folders) if name[0] != "."]
        folders[:] = [name for name in inner if _is_first(os.path.join(folder, name), seen)]
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name[0] != "." and name.lower().endswith(_SUFFIXES) and os.path.isfile(path) and _is_first(path, seen):
                yield path


def _is_first(path: str, seen: set[object]) -> bool:
    identity = _identity(path)
    if identity in seen:
        return False
    seen.add(identity)
    return True


def _identity(path: str | Path) -> tuple[int, int] | str:
    """Return what tells a file or folder from all others, whatever its path."""
    try:
        info = os.stat(path)
    except OSError:
        return str(path)
    return info.st_dev, info.st_ino


def printable(path: str) -> str:
    """Return a path as one line that can be printed, whatever bytes its name has."""
    text = os.fsencode(path).decode("utf-8", "replace")
    return "".join(ch if ch.isprintable() else "\ufffd" for ch in text)
