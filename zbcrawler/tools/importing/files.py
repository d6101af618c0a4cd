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

    :raises ArgumentError: if there is no path, or a path is neither file nor folder, or lies in the archive itself
    """
    if not paths:
        raise ArgumentError("no PATH; name the files or folders to import, such as old-archive/_posts")
    for path in paths:
        name = printable(path)
        if not os.path.isfile(path) and not os.path.isdir(path):
            raise ArgumentError(f"{name}: no such file or folder")
        if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(archive)):
            raise ArgumentError(f"{name}: lies in the archive itself ({archive}); name another archive's folder")


def post_files(paths: Sequence[str], archive: Path, unreadable: Callable[[OSError], None]) -> Iterator[str]:
    """Yield the files named, and the Markdown and WARC files in the folders named, always in the same order.

    Leave out the archive itself and names that begin with a dot. Follow links, but read nothing twice.

    :param unreadable: called for each folder that cannot be read
    """
    seen: set[object] = {_identity(archive)}

    def is_first(path: str) -> bool:
        known = len(seen)
        seen.add(_identity(path))
        return len(seen) > known

    for top in filter(is_first, sorted(paths)):
        if not os.path.isdir(top):
            yield top
            continue
        for folder, folders, names in os.walk(top, followlinks=True, onerror=unreadable):
            inner = [name for name in sorted(folders) if name[0] != "."]
            folders[:] = [name for name in inner if is_first(os.path.join(folder, name))]
            wanted = (name for name in sorted(names) if name[0] != "." and name.lower().endswith(_SUFFIXES))
            yield from filter(is_first, filter(os.path.isfile, (os.path.join(folder, name) for name in wanted)))


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
