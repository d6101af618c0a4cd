"""The files of an import: those that may be posts, and the story pages in WARC files, ours or others'."""

import gzip
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.recordloader import ArcWarcRecord

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import ArgumentError, PageError
from zbcrawler.common.text import excerpt, printable
from zbcrawler.common.times import machine_time
from zbcrawler.downloading.warc import STORY

WARCS = (".warc", ".warc.gz")
_SUFFIXES = (".md", ".markdown", *WARCS)
_LARGEST = 32 * 1024 * 1024  # no story's page has more bytes, even unpacked
_NEWER_ENCODING = re.compile(r"\b(?:br|zstd)\b", re.IGNORECASE)  # that warcio cannot unpack
_STORY = re.compile(rf"^[ \t]*{STORY}[ \t]*:(.*)$", re.MULTILINE)
_CUT = "it ends within a record"

# The ``process_response`` of Scrapy's middleware for compressed responses, which knows more encodings than warcio.
Unpack = Callable[[Request, Response], Request | Response]


class KeptPage(NamedTuple):
    """A story's page in a WARC file. Kept pages are sorted by time."""

    at: datetime  # when the page was fetched (aware)
    path: str
    offset: int  # of the record in the file, in bytes
    address: StoryAddress
    digest: str = ""  # of the page, empty if the record has none
    is_revisit: bool = False  # the record has no page: it repeats the page with that digest

    def __str__(self) -> str:
        return f"{self.address} in {printable(self.path)} at byte {self.offset}"


def check_paths(paths: Sequence[str], archive: Path) -> None:
    """Raise ArgumentError if there is no path, or a path is neither file nor folder, or lies in the archive itself."""
    if not paths:
        raise ArgumentError("no PATH; name the files or folders to import, such as old-archive/_posts")
    for path in paths:
        name = printable(path)
        if not os.path.isfile(path) and not os.path.isdir(path):
            raise ArgumentError(f"{name}: no such file or folder")
        if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(archive)):
            raise ArgumentError(f"{name}: lies in the archive itself ({archive}); name another archive's folder")


def post_files(paths: Sequence[str], archive: Path, unreadable: Callable[[OSError], None]) -> Iterator[str]:
    """Yield the files named, and the Markdown and WARC files in the folders named, in order, none twice or hidden."""
    seen = {os.path.realpath(archive)}

    def is_first(path: str, real_folder: str = "") -> bool:
        known, is_plain = len(seen), real_folder and not os.path.islink(path)
        # Following links costs a look at each folder of the path.
        seen.add(os.path.join(real_folder, os.path.basename(path)) if is_plain else os.path.realpath(path))
        return len(seen) > known

    for top in filter(is_first, sorted(paths)):
        if not os.path.isdir(top):
            yield top
            continue
        for folder, folders, names in os.walk(top, followlinks=True, onerror=unreadable):
            inner = [name for name in sorted(folders) if name[0] != "."]
            folders[:] = [name for name in inner if is_first(os.path.join(folder, name))]
            wanted = (name for name in sorted(names) if name[0] != "." and name.lower().endswith(_SUFFIXES))
            files, place = (
                filter(os.path.isfile, (os.path.join(folder, name) for name in wanted)),
                os.path.realpath(folder),
            )
            yield from (file for file in files if is_first(file, place))


def captures(path: str, own_hosts: frozenset[str], broken: Callable[[str, str], None]) -> Iterator[KeptPage]:
    """Yield the story pages of a file that were answered with 200; call ``broken`` if the file has no proper end."""
    found: dict[str, KeptPage] = {}  # by the record's name
    offset = 0
    with open(path, "rb") as file:
        records = ArchiveIterator(file)
        try:
            for record in records:
                header = record.rec_headers.get_header
                page, story = _kept_page(record, path, own_hosts), _named_story(record)
                offset = records.get_record_offset()  # which reads the record to its end
                if getattr(record.raw_stream, "limit", 0):
                    raise EOFError(_CUT)
                if page:
                    found[header("WARC-Record-ID")] = page._replace(offset=offset)
                elif story and (kept := found.get(header("WARC-Concurrent-To"))) and kept.address.is_same_story(story):
                    found[header("WARC-Concurrent-To")] = kept._replace(address=story)
            _check_end(file, offset)
        except Exception as error:  # warcio fails in many ways on broken files
            name, reason = printable(path), excerpt(error).strip() or "it ends too early"
            broken(name, f"{name}: not read to its end: {reason}; `warcio recompress` may repair it")
    yield from found.values()


def resolve_revisits(found: Iterable[KeptPage]) -> tuple[list[KeptPage], list[KeptPage]]:
    """Return the pages to read, the oldest first, and the revisits whose pages are in none of the files.

    A revisit of a story's latest page is left out; a revisit of an older page is that page, at a later time.
    """
    keys: set[str] = set()
    last: dict[str, str] = {}  # by the story's key, the digest
    pages: dict[tuple[str, str], KeptPage] = {}
    wanted, lost = [], []
    for page in sorted(found):
        keys.add(key := page.address.key_in(keys))
        if not page.is_revisit:
            wanted.append(page)
            pages[key, page.digest] = page
        elif not page.digest or (key, page.digest) not in pages:
            lost.append(page)
            continue
        elif last.get(key) != page.digest:
            wanted.append(pages[key, page.digest]._replace(at=page.at))
        last[key] = page.digest
    return wanted, lost


def response_of(capture: KeptPage, unpack: Unpack) -> Response:
    """Return the page as a run would have received it; raise PageError if it cannot be read, or is too large."""
    with open(capture.path, "rb") as file:
        file.seek(capture.offset)
        try:
            record = next(ArchiveIterator(file))
            url = record.rec_headers.get_header("WARC-Target-URI")
            packed = record.http_headers.get_header("Content-Encoding", "")
            if _NEWER_ENCODING.search(packed):
                is_chunked = record.http_headers.get_header("Transfer-Encoding")
                raw = record.raw_stream
                body = (ChunkedDataReader(raw, decomp_type=None) if is_chunked else raw).read()
                request = Request(url, meta={"download_maxsize": _LARGEST})
                body = unpack(request, Response(url, headers={"Content-Encoding": packed}, body=body)).body
            else:
                body = record.content_stream().read(_LARGEST + 1)
        except Exception as error:
            raise PageError(f"{capture}: cannot be read: {error}") from error
    if len(body) > _LARGEST:
        raise PageError(f"{capture}: larger than any page of a story")
    if record.rec_headers.get_header("WARC-Truncated"):
        raise PageError(f"{capture}: only a part of the page was kept")
    given = record.http_headers.headers
    headers = Headers([one for one in given if one[0].lower() not in ("content-encoding", "transfer-encoding")])
    kind = responsetypes.from_args(headers=headers, url=url, body=body)
    return kind(url, status=200, headers=headers, body=body)


def _check_end(file: BinaryIO, offset: int) -> None:
    """Raise an error if a file does not end with the record at ``offset``, because warcio does not check this."""
    file.seek(offset)
    is_packed = file.read(2) == b"\x1f\x8b"
    file.seek(offset)
    if is_packed:
        with gzip.open(file) as records:
            while records.read(_LARGEST):
                pass
    elif not file.read().endswith(b"\r\n\r\n"):
        raise EOFError(_CUT)


def _kept_page(record: ArcWarcRecord, path: str, own_hosts: frozenset[str]) -> KeptPage | None:
    if record.rec_type not in ("response", "revisit") or not record.http_headers:
        return None
    header = record.rec_headers.get_header
    address, at = StoryAddress.parse(header("WARC-Target-URI") or "", own_hosts), machine_time(header("WARC-Date"))
    if address is None or at is None or record.http_headers.get_statuscode() != "200":
        return None
    return KeptPage(at, path, 0, address, header("WARC-Payload-Digest") or "", record.rec_type == "revisit")


def _named_story(record: ArcWarcRecord) -> StoryAddress | None:
    """Return the story that a ``metadata`` record of ours names."""
    text = record.content_stream().read(65_536).decode("utf-8", "replace") if record.rec_type == "metadata" else ""
    found = _STORY.search(text)
    return StoryAddress.parse(found[1]) if found else None
