"""Reads what a web archive's index (CDX server) says of stories: which of their pages it has, and of when.

The Wayback Machine answers ``output=json`` with one array of rows, the first of which names the fields; where it has
more than it sends at once, an empty row and one with a key for the next question follow. pywb answers with an object
a line. Both know the same fields, some by other names.

Source: the README of internetarchive/wayback (wayback-cdx-server), and pywb's manual.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import Response

_DEFAULT_PORT = re.compile(r"^(https?://[^/:]+):(?:80|443)(?=/)")


class CaptureRecord(NamedTuple):
    """A page of a story that a web archive has. Captures are sorted by time.

    :ivar at: ``20230106000000`` (UTC), which is also its name
    :ivar link: where the archivist got it
    :ivar address: the story's
    :ivar digest: the same for the same bytes; empty if it is not told
    """

    at: str
    link: str
    address: StoryAddress
    digest: str


class CaptureAnswer(NamedTuple):
    """An answer of the index.

    :ivar more: the key that asks for the rest, empty if this is all
    """

    captures: list[CaptureRecord]
    more: str


def time_of(name: str) -> datetime:
    """Return the time (aware) that ``20230106000000`` stands for.

    :raises ValueError: if it is no time
    """
    return datetime.strptime(name, "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)


def read_link(link: str, own_hosts: frozenset[str] = frozenset()) -> StoryAddress | None:
    """Return the story that a page's own address is of; archives may write a port into it.

    :param own_hosts: as for :meth:`StoryAddress.parse`
    """
    return StoryAddress.parse(_DEFAULT_PORT.sub(r"\1", link), own_hosts)


def read_captures(response: Response) -> CaptureAnswer:
    """Read an answer; what is no story's page that was sent whole (200) is left out.

    :raises PageError: if it is none
    """
    try:
        text = response.body.decode().strip()
        rows, more = _array(text) if text.startswith("[") else (map(json.loads, text.splitlines()), "")
        return CaptureAnswer(list(_captures(rows)), more)
    except (ValueError, RecursionError, TypeError, AttributeError, LookupError) as error:
        reason = " ".join(str(error).split())[:200]
        raise PageError(f"{response.url}: not an answer of a CDX server: {reason}") from error


def _array(text: str) -> tuple[list[dict[str, Any]], str]:
    rows = json.loads(text)
    if not rows:
        return [], ""
    more = ""
    if len(rows) > 2 and rows[-2] == []:
        more = rows[-1][0]
        rows = rows[:-2]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]], more


def _captures(rows: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> Iterator[CaptureRecord]:
    for row in rows:
        link = row["original"] if "original" in row else row["url"]
        status = row.get("statuscode", row.get("status"))
        address = read_link(link)
        if address and status == "200":
            time_of(row["timestamp"])  # so that a wrong one is told
            yield CaptureRecord(row["timestamp"], link, address, str(row.get("digest") or ""))
