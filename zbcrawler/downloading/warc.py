"""Keep fetched pages as they arrive, in standard WARC files (ISO 28500) that other tools can read.

Every page is a ``response`` record with its ``request``; a page that has not changed since it was kept, a ``revisit``
record. If the page's address is not the story's, a ``metadata`` record holds the story's (``story: https://…``).
"""

import os
import re
import sqlite3
from base64 import b32encode
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from hashlib import sha1
from io import BytesIO, FileIO
from itertools import count
from pathlib import Path
from typing import Any

from scrapy import Request
from scrapy.http import Headers, Response
from scrapy.utils.httpobj import urlparse_cached
from warcio.recordbuilder import RecordBuilder
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from zbcrawler.archive.disk import check_is_broken, discard, make_way, try_lock
from zbcrawler.common.times import SINGAPORE

STORY = "story"  # the name of the field that holds a story's address
_INDEX = "index.sqlite"
_SCHEMA = """
PRAGMA synchronous = OFF; -- the index may be broken after a power cut, and is then replaced
CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, size INTEGER);
CREATE TABLE IF NOT EXISTS pages (url TEXT PRIMARY KEY, digest TEXT, date TEXT, file TEXT);
"""
_DATE = "%Y-%m-%dT%H:%M:%SZ"
_DATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_RECORD = b"\x1f\x8b"  # the beginning of a record: each is compressed by itself
# Headers of the connection, not of the page; Scrapy has decoded the body already.
_HOP = frozenset({"transfer-encoding", "connection", "keep-alive", "content-length"})


class RawFolder:
    """A folder of WARC files: one for each day (of Singapore) and kind of run, more if they grow large.

    An index holds which pages are kept and how far each file is complete. Without the index, or without a file, pages
    are kept again, in new files.
    """

    def __init__(self, folder: Path, kind: str, largest: int) -> None:
        self.folder = folder
        self.kind = kind  # of the run; two runs of one kind write to two files
        self.largest = largest  # bytes after which a new file is begun
        self._file: FileIO | None = None
        self._opened_index: sqlite3.Connection | None = None

    def keep(self, request: Request, response: Response, moment: datetime, story: str = "") -> None:
        """Keep a page that arrived at ``moment`` (UTC); raise OSError or sqlite3.Error, with no half record written.

        ``story``: the public address of the requested story, empty if the page's address is the story's.
        """
        try:
            self._keep(request, response, moment, story)
        except sqlite3.Error as error:
            self.close()
            check_is_broken(self.folder / _INDEX, error, writes=True, saves=True)
            discard(self.folder / _INDEX)
            self._keep(request, response, moment, story)

    def close(self) -> None:
        """Close the files; :meth:`keep` opens them again."""
        for opened in (self._file, self._opened_index):
            if opened:
                opened.close()
        self._file = self._opened_index = None

    def _keep(self, request: Request, response: Response, moment: datetime, story: str) -> None:
        digest = f"sha1:{b32encode(sha1(response.body, usedforsecurity=False).digest()).decode()}"
        file, date = self._file_for(moment), moment.strftime(_DATE)
        name = Path(str(file.name)).name
        known_since = self._known_since(response.url, digest)
        _append(file, _records(request, response, date, story, digest, known_since))
        with self._index:
            self._index.execute("REPLACE INTO files VALUES (?, ?)", (name, file.tell()))
            if not known_since:
                self._index.execute("REPLACE INTO pages VALUES (?, ?, ?, ?)", (response.url, digest, date, name))

    def _known_since(self, url: str, digest: str) -> str:
        """Return when the same page was kept; empty: the last kept page differs, or its file is gone."""
        asked = "SELECT date, file FROM pages WHERE url = ? AND digest = ?"
        date, name = map(str, self._index.execute(asked, (url, digest)).fetchone() or ("", ""))
        return date if _DATED.fullmatch(date) and (self.folder / name).is_file() else ""

    def _file_for(self, moment: datetime) -> FileIO:
        day = f"{self.kind}-{moment.astimezone(SINGAPORE):%Y%m%d}"
        if self._file and Path(str(self._file.name)).name.startswith(day) and self._file.tell() < self.largest:
            return self._file
        if self._file:
            self._file.close()
            self._file = None
        files = (self._open(self.folder / f"{day}-{place:05}.warc.gz", moment) for place in count())
        self._file = next(file for file in files if file)
        return self._file

    def _open(self, path: Path, moment: datetime) -> FileIO | None:
        """Return a file, positioned for its next record; None if it is full, locked, or does not match the index."""
        if self._whole(path) and not path.exists():
            return None  # it was moved away, and may come back
        file = FileIO(path, "r+b", opener=lambda name, flags: os.open(name, flags | os.O_CREAT, 0o666))
        if not try_lock(file.fileno()):
            file.close()
            return None
        # Read the size again: another process may have written before it released the lock.
        size, whole = file.seek(0, 2), self._whole(path)
        file.seek(whole)
        # What a killed run wrote begins as a record does; anything else means that the index is damaged.
        is_record = _RECORD.startswith(file.read(len(_RECORD)))
        if (size and not whole) or size < whole or whole >= self.largest or not is_record:
            file.close()
            return None
        file.truncate(file.seek(whole))  # an incomplete record of a killed run
        if not whole:
            info = {"software": "zbcrawler", "format": "WARC File Format 1.0", "isPartOf": self.kind}
            record = RecordBuilder().create_warcinfo_record(path.name, info)
            record.rec_headers.replace_header("WARC-Date", moment.strftime(_DATE))
            _append(file, [record])
        return file

    def _whole(self, path: Path) -> int:
        """Return the bytes of a file's whole records; 0 if the index does not know the file."""
        (size,) = self._index.execute("SELECT size FROM files WHERE name = ?", (path.name,)).fetchone() or (0,)
        return max(0, size) if isinstance(size, int) else 0

    @property
    def _index(self) -> sqlite3.Connection:
        if self._opened_index is None:
            make_way(self.folder / _INDEX)
            self._opened_index = sqlite3.connect(self.folder / _INDEX, timeout=30)
            self._opened_index.executescript(_SCHEMA)
        return self._opened_index


def _append(file: FileIO, records: Iterable[Any]) -> None:
    """Write all records or none."""
    writer = WARCWriter(BytesIO())
    for record in records:
        writer.write_record(record)
    before, left = file.tell(), writer.out.getbuffer()
    try:
        while left:
            left = left[file.write(left) :]
    except OSError:
        with suppress(OSError):
            file.truncate(before)
            file.seek(before)
        raise


def _records(
    request: Request, response: Response, date: str, story: str, digest: str, known_since: str
) -> Iterable[Any]:
    url, body, new = response.url, response.body, RecordBuilder().create_warc_record
    length = [] if known_since else [("Content-Length", str(len(body)))]
    head = StatusAndHeaders("200 OK", [*_pairs(response.headers), *length], protocol="HTTP/1.1")
    fields = {"WARC-Date": date} | ({"WARC-IP-Address": str(response.ip_address)} if response.ip_address else {})
    if known_since:
        answer = RecordBuilder().create_revisit_record(url, digest, url, known_since, head, fields)
    else:
        answer = new(url, "response", BytesIO(body), len(body), warc_headers_dict=fields, http_headers=head)
    yield answer
    beside = {"WARC-Date": date, "WARC-Concurrent-To": answer.rec_headers.get_header("WARC-Record-ID")}
    path = url.split("/", 3)[3] if url.count("/") > 2 else ""
    headers = [("Host", urlparse_cached(response).netloc), *_pairs(request.headers)]
    asked = StatusAndHeaders(f"GET /{path} HTTP/1.1", headers, is_http_request=True)
    yield new(url, "request", warc_headers_dict=beside, http_headers=asked)
    if story:
        text = f"{STORY}: {story}\r\n".encode()
        yield new(url, "metadata", BytesIO(text), len(text), warc_headers_dict=beside)


def _pairs(headers: Headers) -> list[tuple[str, str]]:
    # A line break inside a header would split it in two.
    lines = ((name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values)
    return [(name, " ".join(value.split())) for name, value in lines if name.lower() not in _HOP]
