"""Keep fetched pages as they arrive: standard WARC files (ISO 28500), which other tools read, too.

Every page is a ``response`` record with its ``request``. If the bytes are those of the page kept last, a ``revisit``
record names the first one. If the page answered under another address than the story's, a ``metadata`` record holds
the story's (``story: https://www.zaobao.com/…``).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from datetime import datetime
from http import HTTPStatus
from io import BytesIO, FileIO
from pathlib import Path
from typing import Any, NamedTuple

from warcio.statusandheaders import StatusAndHeaders
from warcio.utils import Digester
from warcio.warcwriter import WARCWriter

from zbcrawler.archive.folder import try_lock
from zbcrawler.common.times import SINGAPORE

STORY = "story"
"""The name of the field that holds a story's address."""

_INDEX = "index.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, size INTEGER);
CREATE TABLE IF NOT EXISTS pages (url TEXT PRIMARY KEY, digest TEXT, date TEXT, file TEXT);
"""
_DATE = "%Y-%m-%dT%H:%M:%SZ"
# Of the connection between two servers, not of the page; Scrapy has undone them already.
_HOP = frozenset({"transfer-encoding", "connection", "keep-alive", "content-length"})

Headers = list[tuple[str, str]]


class RawPage(NamedTuple):
    """A page as it arrived."""

    url: str  # the address that answered
    at: datetime  # aware
    asked: Headers  # of the request
    status: int
    headers: Headers  # of the answer; those of the connection are left out
    body: bytes  # as sent, perhaps compressed
    ip: str = ""  # of the server
    story: str = ""  # the public address of the requested story, empty if ``url`` is of the story


class RawFolder:
    """A folder of WARC files: one for each day (of Singapore) and kind of run, more if they grow large.

    An index beside them holds which pages are kept and how far each file is whole. If the index is missing, or a file
    was moved away, no page counts as unchanged, and new files are begun.
    """

    def __init__(self, folder: Path, kind: str, largest: int) -> None:
        """Write nothing yet.

        :param kind: of the run; two of one kind write to two files
        :param largest: bytes after which a new file is begun
        """
        self.folder = folder
        self.kind = kind
        self.largest = largest
        self._file: FileIO | None = None
        self._index: sqlite3.Connection | None = None

    def keep(self, page: RawPage) -> None:
        """Keep a page.

        :raises OSError: if the page cannot be written; the file is whole then, without the page
        """
        try:
            self._keep(page, self._opened_index())
        except sqlite3.Error as error:
            raise OSError(f"{self.folder / _INDEX}: {error}") from error

    def _keep(self, page: RawPage, index: sqlite3.Connection) -> None:
        file = self._file_for(page.at, index)
        name = Path(str(file.name)).name
        digest = _digest(page.body)
        kept = index.execute("SELECT digest, date, file FROM pages WHERE url = ?", (page.url,)).fetchone()
        # When the same page was kept, empty if the last one was another, or its file is not here any more.
        known_since = kept[1] if kept and kept[0] == digest and (self.folder / kept[2]).exists() else ""
        _append(file, _records(page, digest, known_since))
        with index:
            index.execute("REPLACE INTO files VALUES (?, ?)", (name, file.tell()))
            if not known_since:
                row = (page.url, digest, page.at.strftime(_DATE), name)
                index.execute("REPLACE INTO pages VALUES (?, ?, ?, ?)", row)

    def close(self) -> None:
        if self._file:
            self._file.close()
        if self._index:
            self._index.close()
        self._file = self._index = None

    def _file_for(self, moment: datetime, index: sqlite3.Connection) -> FileIO:
        day = f"{self.kind}-{moment.astimezone(SINGAPORE):%Y%m%d}"
        if self._file and Path(str(self._file.name)).name.startswith(day) and self._file.tell() < self.largest:
            return self._file
        if self._file:
            self._file.close()
            self._file = None
        place = 0
        while not self._file:
            self._file = self._open(self.folder / f"{day}-{place:05}.warc.gz", moment, index)
            place += 1
        return self._file

    def _open(self, path: Path, moment: datetime, index: sqlite3.Connection) -> FileIO | None:
        """Return a file at the place of its next record.

        The file is not used (None) if it is full, another process's, or other than the index says.
        """
        row = index.execute("SELECT size FROM files WHERE name = ?", (path.name,)).fetchone()
        if row and not path.exists():
            return None  # it was moved away, and may come back
        file = FileIO(path, "r+b", opener=lambda name, flags: os.open(name, flags | os.O_CREAT, 0o666))
        if not try_lock(file.fileno()):
            file.close()
            return None
        # Again, because the process that had the lock may just have written.
        row = index.execute("SELECT size FROM files WHERE name = ?", (path.name,)).fetchone()
        size, whole = file.seek(0, 2), row[0] if row else 0
        if (size and not row) or size < whole or whole >= self.largest:
            file.close()
            return None
        # The bytes behind are half a record, of a run that was killed.
        file.truncate(whole)
        file.seek(whole)
        if not whole:
            info = {"software": "zbcrawler", "format": "WARC File Format 1.0", "isPartOf": self.kind}
            writer = WARCWriter(BytesIO())
            record = writer.create_warcinfo_record(path.name, info)
            record.rec_headers.replace_header("WARC-Date", moment.strftime(_DATE))
            writer.write_record(record)
            _append(file, writer.out.getvalue())
        return file

    def _opened_index(self) -> sqlite3.Connection:
        if self._index is None:
            path = self.folder / _INDEX
            try:
                self._index = _open_index(path)
            except sqlite3.OperationalError as error:
                raise OSError(f"{path}: {error}") from error
            except sqlite3.DatabaseError:  # broken: without it the same page is kept again
                path.unlink()
                self._index = _open_index(path)
        return self._index


def _append(file: FileIO, data: bytes) -> None:
    """Write all bytes or none."""
    before, left = file.tell(), memoryview(data)
    try:
        while left:
            left = left[file.write(left) :]
    except OSError:
        with suppress(OSError):
            file.truncate(before)
            file.seek(before)
        raise


def _open_index(path: Path) -> sqlite3.Connection:
    index = sqlite3.connect(path, timeout=30)
    try:
        # After a power cut the index may be broken, and is begun anew.
        index.execute("PRAGMA synchronous = OFF")
        with closing(index.cursor()) as cursor:
            cursor.executescript(_SCHEMA)
    except sqlite3.Error:
        index.close()
        raise
    return index


def _records(page: RawPage, digest: str, known_since: str) -> bytes:
    """Return the records of a page; ``known_since``: when the same page was kept before, empty if it was not."""
    writer = WARCWriter(BytesIO())

    def add(kind: str, payload: bytes, fields: dict[str, str], head: StatusAndHeaders | None = None) -> Any:
        record = writer.create_warc_record(
            page.url, kind, BytesIO(payload), len(payload), warc_headers_dict=fields, http_headers=head
        )
        writer.write_record(record)
        return record

    date = {"WARC-Date": page.at.strftime(_DATE)}
    fields = date | ({"WARC-IP-Address": page.ip} if page.ip else {})
    phrase = HTTPStatus(page.status).phrase if page.status in set(HTTPStatus) else ""
    length = [] if known_since else [("Content-Length", str(len(page.body)))]
    head = StatusAndHeaders(f"{page.status} {phrase}".strip(), [*_kept(page.headers), *length], protocol="HTTP/1.1")
    if known_since:
        answer = writer.create_revisit_record(
            page.url, digest, page.url, known_since, http_headers=head, warc_headers_dict=fields
        )
        writer.write_record(answer)
    else:
        answer = add("response", page.body, fields, head)
    beside = date | {"WARC-Concurrent-To": answer.rec_headers.get_header("WARC-Record-ID")}
    path = page.url.split("/", 3)[3] if page.url.count("/") > 2 else ""
    asked = StatusAndHeaders(f"GET /{path} HTTP/1.1", _kept(page.asked), is_http_request=True)
    add("request", b"", beside, asked)
    if page.story:
        add("metadata", f"{STORY}: {page.story}\r\n".encode(), beside)
    return bytes(writer.out.getvalue())


def _kept(headers: Iterable[tuple[str, str]]) -> Headers:
    return [(name, value) for name, value in headers if name.lower() not in _HOP]


def _digest(body: bytes) -> str:
    digester = Digester("sha1")
    digester.update(body)
    return str(digester)
