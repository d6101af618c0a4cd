"""Keeps fetched pages as they came: standard WARC files (ISO 28500), which other tools read, too.

Every page is a ``response`` record with its ``request``; a page whose bytes are those kept last is a ``revisit``
record, which names the first. Where a page answered under another address than the story's, a ``metadata`` record
tells the story's (``story: https://www.zaobao.com/…``).
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from warcio.statusandheaders import StatusAndHeaders
from warcio.utils import Digester
from warcio.warcwriter import WARCWriter

from zbcrawler.archive.lock import try_lock
from zbcrawler.common.times import SINGAPORE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from io import FileIO

    from warcio.recordloader import ArcWarcRecord

STORY = "story"
"""The name of the field that tells a story's address."""

_INDEX = "index.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, size INTEGER);
CREATE TABLE IF NOT EXISTS pages (url TEXT PRIMARY KEY, digest TEXT, date TEXT, file TEXT);
"""
# Of the hop between two servers, not of the page; the connection has undone them already.
_HOP = frozenset({"transfer-encoding", "connection", "keep-alive", "content-length"})

Headers = list[tuple[str, str]]


class RawPage(NamedTuple):
    """A page as it came.

    :ivar url: that answered
    :ivar at: when (aware)
    :ivar asked: the request's headers
    :ivar headers: the answer's; those of the hop are left out
    :ivar body: as sent, that is: perhaps compressed
    :ivar ip: of the server, empty if it is not known
    :ivar story: the public address of the story that was asked for, empty if ``url`` tells it
    """

    url: str
    at: datetime
    asked: Headers
    status: int
    headers: Headers
    body: bytes
    ip: str = ""
    story: str = ""


class RawFolder:
    """A folder of WARC files, one a day (of Singapore) and kind of run, more if they grow large.

    Beside them lies an index, of which pages are kept and how far each file is whole. Without it, or where a file was
    moved away, no page is known to be unchanged, and new files are begun.
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

        :raises OSError: if it cannot be written; the file is whole then, without the page
        """
        try:
            self._keep(page, self._opened_index())
        except sqlite3.Error as error:
            raise OSError(f"{self.folder / _INDEX}: {error}") from error

    def _keep(self, page: RawPage, index: sqlite3.Connection) -> None:
        file = self._file_for(page.at, index)
        name = Path(file.name).name
        date = page.at.strftime("%Y-%m-%dT%H:%M:%SZ")
        digest = _digest(page.body)
        known_since = self._known_since(page.url, digest, index)
        records = BytesIO()
        _write(records, page, date, digest, known_since)
        _append(file, records.getvalue())
        with index:
            index.execute("REPLACE INTO files VALUES (?, ?)", (name, file.tell()))
            if not known_since:
                index.execute("REPLACE INTO pages VALUES (?, ?, ?, ?)", (page.url, digest, date, name))

    def _known_since(self, url: str, digest: str, index: sqlite3.Connection) -> str:
        """When the same page was kept, empty if the last one was another, or its file is not here any more."""
        row = index.execute("SELECT digest, date, file FROM pages WHERE url = ?", (url,)).fetchone()
        return row[1] if row and row[0] == digest and (self.folder / row[2]).exists() else ""

    def close(self) -> None:
        """Close what is open."""
        if self._file:
            self._file.close()
            self._file = None
        if self._index:
            self._index.close()
            self._index = None

    # -- files -------------------------------------------------------------------------------------

    def _file_for(self, moment: datetime, index: sqlite3.Connection) -> FileIO:
        day = f"{self.kind}-{moment.astimezone(SINGAPORE):%Y%m%d}"
        if self._file and Path(self._file.name).name.startswith(day) and self._file.tell() < self.largest:
            return self._file
        if self._file:
            self._file.close()
            self._file = None
        place = 0
        while not self._file:
            self._file = self._begun(self.folder / f"{day}-{place:05}.warc.gz", moment, index)
            place += 1
        return self._file

    def _begun(self, path: Path, moment: datetime, index: sqlite3.Connection) -> FileIO | None:
        """The file, ready for the next record; None if it is full, another process's, or not as the index knows it."""
        if index.execute("SELECT 1 FROM files WHERE name = ?", (path.name,)).fetchone() and not path.exists():
            return None  # it was moved away, and may come back
        file = open(path, "r+b", buffering=0, opener=_made_if_missing)  # noqa: SIM115 - is kept; Path has no opener
        if not try_lock(file.fileno()):
            file.close()
            return None
        # Only now, because who had the lock may just have written.
        row = index.execute("SELECT size FROM files WHERE name = ?", (path.name,)).fetchone()
        size, whole = file.seek(0, 2), row[0] if row else 0
        if (size and not row) or size < whole or whole >= self.largest:
            file.close()
            return None
        # What lies behind is half a record, of a run that was killed.
        file.truncate(whole)
        file.seek(whole)
        if not whole:
            info = {"software": "zbcrawler", "format": "WARC File Format 1.0", "isPartOf": self.kind}
            writer = WARCWriter(BytesIO())
            record = writer.create_warcinfo_record(path.name, info)
            record.rec_headers.replace_header("WARC-Date", moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
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
            except sqlite3.DatabaseError:  # broken: its loss costs a little room
                path.unlink()
                self._index = _open_index(path)
        return self._index


def _made_if_missing(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT, 0o666)


def _append(file: FileIO, data: bytes) -> None:
    """Write all of it or nothing."""
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
        # After a power cut it may be broken, and is begun anew.
        index.execute("PRAGMA synchronous = OFF")
        with closing(index.cursor()) as cursor:
            cursor.executescript(_SCHEMA)
    except sqlite3.Error:
        index.close()
        raise
    return index


# -- records -----------------------------------------------------------------------------------------


def _write(file: BytesIO, page: RawPage, date: str, digest: str, known_since: str) -> None:
    """:param known_since: when the same page was kept before, empty if it was not"""
    writer = WARCWriter(file)
    told = {"WARC-Date": date} | ({"WARC-IP-Address": page.ip} if page.ip else {})
    if known_since:
        head = _head(page.status, _kept(page.headers))
        answer = writer.create_revisit_record(
            page.url, digest, page.url, known_since, http_headers=head, warc_headers_dict=told
        )
    else:
        head = _head(page.status, [*_kept(page.headers), ("Content-Length", str(len(page.body)))])
        answer = _record(writer, page.url, "response", page.body, told, http_headers=head)
    writer.write_record(answer)
    beside = {"WARC-Date": date, "WARC-Concurrent-To": answer.rec_headers.get_header("WARC-Record-ID")}
    path = page.url.split("/", 3)[3] if page.url.count("/") > 2 else ""
    asked = StatusAndHeaders(f"GET /{path} HTTP/1.1", _kept(page.asked), is_http_request=True)
    writer.write_record(_record(writer, page.url, "request", b"", beside, http_headers=asked))
    if page.story:
        fields = f"{STORY}: {page.story}\r\n".encode()
        writer.write_record(_record(writer, page.url, "metadata", fields, beside))


def _record(
    writer: WARCWriter,
    url: str,
    kind: str,
    payload: bytes,
    told: dict[str, str],
    http_headers: StatusAndHeaders | None = None,
) -> ArcWarcRecord:
    return writer.create_warc_record(
        url, kind, BytesIO(payload), len(payload), warc_headers_dict=told, http_headers=http_headers
    )


def _head(status: int, headers: Headers) -> StatusAndHeaders:
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
    return StatusAndHeaders(f"{status} {phrase}".strip(), headers, protocol="HTTP/1.1")


def _kept(headers: Iterable[tuple[str, str]]) -> Headers:
    return [(name, value) for name, value in headers if name.lower() not in _HOP]


def _digest(body: bytes) -> str:
    digester = Digester("sha1")
    digester.update(body)
    return str(digester)
