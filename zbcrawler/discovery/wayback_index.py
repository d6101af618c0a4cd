"""Read the index of a web archive (CDX server): which story pages it has, and when each was captured.

The Wayback Machine answers ``output=json`` with one array of rows, the first of which names the fields. If more
rows exist, an empty row and a row with the key for the next question follow. pywb answers with one
object on each line. Both have the same fields; some names differ.

Source: the README of internetarchive/wayback (wayback-cdx-server), and pywb's manual.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from typing import Any, NamedTuple

from scrapy.http import Response

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PageError

_DEFAULT_PORT = re.compile(r"^(https?://[^/:]+):(?:80|443)(?=/)")


class CaptureRecord(NamedTuple):
    """A story page in a web archive. The first field makes captures sort by time."""

    at: str  # 20230106000000 (UTC), also the capture's name
    link: str  # as captured
    address: StoryAddress
    digest: str  # of the bytes; may be empty


def time_of(name: str) -> datetime:
    """Return the time (aware) of a capture such as ``20230106000000``.

    :raises ValueError: if the name is no time
    """
    return datetime.strptime(name, "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)


def read_link(link: str, own_hosts: frozenset[str] = frozenset()) -> StoryAddress | None:
    """Return the story of a captured address as :meth:`StoryAddress.parse` does; ignore a default port."""
    return StoryAddress.parse(_DEFAULT_PORT.sub(r"\1", link), own_hosts)


def read_captures(response: Response) -> tuple[list[CaptureRecord], str]:
    """Return the story pages with status 200, and the key for the next question (empty: no more).

    :raises PageError: if the answer is not a CDX server's
    """
    try:
        text = response.body.decode().strip()
        rows, more = _array(text) if text.startswith("[") else (map(json.loads, text.splitlines()), "")
        return list(_captures(rows)), more
    except (ValueError, RecursionError, TypeError, AttributeError, LookupError) as error:
        reason = " ".join(str(error).split())[:200]
        raise PageError(f"{response.url}: not an answer of a CDX server: {reason}") from error


def _array(text: str) -> tuple[Iterable[dict[str, Any]], str]:
    rows = json.loads(text)
    if not rows:
        return [], ""
    more = ""
    if len(rows) > 2 and rows[-2] == []:
        more, rows = rows[-1][0], rows[:-2]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]], more


def _captures(rows: Iterable[dict[str, Any]]) -> Iterator[CaptureRecord]:
    for row in rows:
        link = row["original"] if "original" in row else row["url"]
        status = row.get("statuscode", row.get("status"))
        address = read_link(link)
        if address and status == "200":
            time_of(row["timestamp"])  # raises for a wrong time
            yield CaptureRecord(row["timestamp"], link, address, str(row.get("digest") or ""))
