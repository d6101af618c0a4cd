"""Remember in which posts no fault was found, in a private sqlite file of the archive.

The file holds digests of a post's path and bytes, and of the rules: so a post that is remembered is byte for byte the
one that was found clean by the same rules, whatever its times on disk are. A wrong or lost file only costs time.
"""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from lxml import etree

from zbcrawler.archive import disk

FILE = "verified.sqlite"
SIZE = 16  # bytes of a digest
_TIMEOUT_SECONDS = 5  # another process holds the file for milliseconds
# A power cut may break the file: it is begun anew then.
_SCHEMA = """
pragma synchronous = off;
create table if not exists clean (part text primary key, checked real, digests blob) without rowid;
"""


class CleanPosts:
    """The digests of clean posts, by the part of the archive that was checked at once."""

    def __init__(self, root: Path, now: datetime, is_used: bool = True) -> None:
        """Open the file, or go on without one; ``now``: aware; ``is_used``: False: remember nothing."""
        self._now = now.timestamp()
        self._path = root / disk.PRIVATE / FILE
        self._db: sqlite3.Connection | None = None
        if is_used:
            self._begin(root)

    def known(self, part: str) -> bytes:
        """Return the digests, one behind the other, of posts that were clean when a part of the archive was checked."""
        # If the clock was set back, a post may be of the future again.
        words = "select digests from clean where part = ? and checked <= ?"
        return next((digests for (digests,) in self._execute(words, part, self._now) if type(digests) is bytes), b"")

    def remember(self, part: str, digests: bytes) -> None:
        """Replace the digests of a part; they are saved at once."""
        self._execute("insert or replace into clean values (?, ?, ?)", part, self._now, digests)

    def close(self) -> None:
        if self._db:
            self._db.close()
        self._db = None

    def _begin(self, root: Path) -> None:
        with suppress(OSError):
            disk.ArchiveFolder(root).private_folder()
            disk.make_way(self._path)
        for _ in range(2):  # a broken file is begun anew
            try:
                self._db = sqlite3.connect(self._path, timeout=_TIMEOUT_SECONDS, isolation_level=None)
                self._db.executescript(_SCHEMA)
                break
            except disk.BROKEN_FILE as error:
                self._give_up(error)

    def _execute(self, words: str, *values: object) -> list[tuple[object, ...]]:
        try:
            return self._db.execute(words, values).fetchall() if self._db else []
        except disk.BROKEN_FILE as error:
            self._give_up(error)
        return []

    def _give_up(self, error: Exception) -> None:
        """Go on without the file; remove it if it is broken."""
        try:
            disk.check_is_broken(self._path, error, writes=True, saves=True)
        except OSError:  # a lock, a permission or the disk
            if "readonly" not in str(error):  # what it holds can still be read
                self.close()
            return
        self.close()
        with suppress(OSError):
            disk.discard(self._path)


def digest(rules: bytes, path: str, data: bytes) -> bytes:
    """Return the digest of a post by the rules of :func:`digest_rules`."""
    return blake2b(path.encode(errors="surrogateescape") + b"\0" + data, key=rules, digest_size=SIZE).digest()


def split(digests: bytes) -> Iterator[bytes]:
    return (digests[place : place + SIZE] for place in range(0, len(digests), SIZE))


def digest_rules() -> bytes:
    """Return a digest of all that decides whether a post is clean, but for its own bytes and its pictures."""
    versions = sys.version, etree.LXML_VERSION, etree.LIBXML_VERSION, version("PyYAML")
    found = blake2b(repr(versions).encode(), digest_size=64)
    package = Path(__file__).parents[2]
    for path in sorted(path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"):
        found.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return found.digest()
