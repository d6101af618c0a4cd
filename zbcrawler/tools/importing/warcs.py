"""Reads story pages from WARC files, ours (:mod:`zbcrawler.downloading.warc`) and those of others."""

from __future__ import annotations

import re
import zlib
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import WarcError
from zbcrawler.discovery.cdx import read_link
from zbcrawler.downloading.warc import STORY
from zbcrawler.tools.importing.files import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

    from warcio.recordloader import ArcWarcRecord

# No story's page has more, even unpacked.
_LARGEST = 32 * 1024 * 1024
_OK = "200"
_PAGES = ("response", "revisit")
# Which warcio cannot unpack.
_NEWER_ENCODINGS = frozenset({"br", "zstd"})
_GZIP = b"\x1f\x8b"
_CUT = "it ends within a record"


class KeptPage(NamedTuple):
    """A story's page in a WARC file. Captures are sorted by time.

    :ivar at: when it was fetched (aware)
    :ivar offset: of the record in the file, in bytes
    :ivar address: of the story
    :ivar digest: of the page, empty if it is not told
    :ivar is_revisit: whether the record only says that the page was the one of that digest again
    """

    at: datetime
    number: int
    path: str
    offset: int
    address: StoryAddress
    digest: str = ""
    is_revisit: bool = False

    def __str__(self) -> str:
        return f"{self.address} in {shown(self.path)} at byte {self.offset}"


def captures(path: str, own_hosts: frozenset[str], broken: Callable[[str], None]) -> Iterator[KeptPage]:
    """Yield the story pages of a file that answered with 200, in the file's order.

    :param own_hosts: as for :meth:`StoryAddress.parse`
    :param broken: is told what is wrong with a file that cannot be read to its end
    :raises OSError: if the file cannot be opened
    """
    found: dict[str, KeptPage] = {}  # by the record's name
    offset = 0
    with open(path, "rb") as file:
        records = ArchiveIterator(file)
        try:
            for record in records:
                name, told = record.rec_headers.get_header("WARC-Record-ID"), _story_told(record)
                capture = _capture(record, path, own_hosts)
                offset = records.get_record_offset()  # which reads the record to its end
                if getattr(record.raw_stream, "limit", 0):
                    raise EOFError(_CUT)
                if capture:
                    found[name] = capture._replace(offset=offset)
                elif told and (of := record.rec_headers.get_header("WARC-Concurrent-To")) in found:
                    found[of] = found[of]._replace(address=told)
            if not _is_whole_from(file, offset):
                raise EOFError(_CUT)
        except Exception as error:  # warcio trips over what is broken in many ways
            reason = " ".join(str(error).split())[:200] or "it ends too early"
            broken(f"{shown(path)}: not read to its end: {reason}; `warcio recompress` may mend it")
    yield from found.values()


def with_pages(found: Iterable[KeptPage]) -> tuple[list[KeptPage], list[KeptPage]]:
    """Return what is to be read, in the order of time, and the revisits whose pages are in none of the files.

    A revisit of the page before it is no news; one of an older page is that page once more, at a later time.
    """
    found = sorted(found)
    pages = {(one.number, one.digest): one for one in found if one.digest and not one.is_revisit}
    last: dict[int, str] = {}
    wanted, lost = [], []
    for capture in found:
        if not capture.is_revisit:
            wanted.append(capture)
        elif page := pages.get((capture.number, capture.digest)):
            if last.get(capture.number) != capture.digest:
                wanted.append(page._replace(at=capture.at))
        else:
            lost.append(capture)
            continue
        last[capture.number] = capture.digest
    return wanted, lost


def response_of(capture: KeptPage, unpack: Callable[[Request, Response], Response]) -> Response:
    """Return the page, as a run would have got it.

    :param unpack: of Scrapy's middleware for compressed answers, which knows more ways than warcio
    :raises OSError: if the file cannot be opened
    :raises WarcError: if the record cannot be read, or has more than any page
    """
    with open(capture.path, "rb") as file:
        file.seek(capture.offset)
        try:
            record = next(ArchiveIterator(file))
            url = record.rec_headers.get_header("WARC-Target-URI")
            packed = record.http_headers.get_header("Content-Encoding", "")
            if _NEWER_ENCODINGS & set(re.split(r"[\s,]+", packed.lower())):
                is_chunked = record.http_headers.get_header("Transfer-Encoding")
                raw = record.raw_stream
                body = (ChunkedDataReader(raw, decomp_type=None) if is_chunked else raw).read()
                request = Request(url, meta={"download_maxsize": _LARGEST})
                body = unpack(request, Response(url, headers={"Content-Encoding": packed}, body=body)).body
            else:
                body = record.content_stream().read(_LARGEST + 1)
        except Exception as error:
            raise WarcError(f"{capture}: cannot be read: {error}") from error
    if len(body) > _LARGEST:
        raise WarcError(f"{capture}: larger than any page of a story")
    if record.rec_headers.get_header("WARC-Truncated"):
        raise WarcError(f"{capture}: only a part of the page was kept")
    headers = Headers()
    for name, value in record.http_headers.headers:
        if name.lower() not in ("content-encoding", "transfer-encoding"):
            headers.appendlist(name, value)
    kind = responsetypes.from_args(headers=headers, url=url, body=body)
    return kind(url, status=200, headers=headers, body=body)


def _is_whole_from(file: BinaryIO, offset: int) -> bool:
    """Whether a file ends where a record does, which warcio does not tell.

    :param offset: of the last record that was read
    """
    file.seek(offset)
    rest = file.read()
    if not rest.startswith(_GZIP):
        return rest.endswith(b"\r\n\r\n")
    while rest:
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        left = rest
        while left:
            member.decompress(left, _LARGEST)
            left = member.unconsumed_tail
        if not member.eof:
            return False
        rest = member.unused_data
    return True


def _capture(record: ArcWarcRecord, path: str, own_hosts: frozenset[str]) -> KeptPage | None:
    if record.rec_type not in _PAGES or not record.http_headers or record.http_headers.get_statuscode() != _OK:
        return None
    told = record.rec_headers.get_header
    address = read_link(told("WARC-Target-URI") or "", own_hosts)
    at = _moment(told("WARC-Date") or "")
    digest, is_revisit = told("WARC-Payload-Digest") or "", record.rec_type == "revisit"
    return KeptPage(at, int(address.number), path, 0, address, digest, is_revisit) if address and at else None


def _story_told(record: ArcWarcRecord) -> StoryAddress | None:
    """Return the story that a ``metadata`` record of ours tells of."""
    if record.rec_type != "metadata":
        return None
    for line in record.content_stream().read(65_536).decode("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == STORY:
            return StoryAddress.parse(value.strip())
    return None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
