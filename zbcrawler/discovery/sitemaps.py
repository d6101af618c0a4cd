"""Read the site's sitemaps: the index, and the entries of a month, in both of the site's forms.

Source: site-layouts, section 11. The older form numbers its parts (``sitemap-0.xml`` …) and wraps addresses in CDATA;
today's form has one part for each month (``sitemap-202401.xml``). Either may be compressed with gzip.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from lxml import etree
from scrapy.http import Response
from scrapy.utils.gz import gunzip, gzip_magic_number

from zbcrawler.common.errors import PageError
from zbcrawler.common.times import machine_time

# The protocol allows 50,000 entries of 2,048 letters, which no site uses.
_LARGEST = 64 * 1024 * 1024
_END = re.compile(rb"</(?:[\w.-]+:)?(?:urlset|sitemapindex)\s*>$")
_MONTH = re.compile(r"sitemap-(20\d{2})(0[1-9]|1[0-2])\.xml(?:\.gz)?$", re.ASCII)


class SitemapEntry(NamedTuple):
    """An entry: the address as written, and ``lastmod`` (aware; None if it is missing or cannot be read)."""

    link: str
    changed: datetime | None


@dataclass(frozen=True)
class Sitemap:
    """One sitemap."""

    is_index: bool  # its entries are sitemaps themselves
    entries: list[SitemapEntry] = field(default_factory=list)
    damage: str = ""  # the entries are those that could be read


def read_sitemap(response: Response) -> Sitemap:
    """Read an answer as a sitemap.

    :raises PageError: if the answer is no sitemap
    """
    body = _unpacked(response).strip()
    # Entities are neither fetched nor multiplied.
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PageError(f"{response.url}: not a sitemap: {error}") from error
    kind = _name(root) if root is not None else ""
    if kind not in ("urlset", "sitemapindex"):
        raise PageError(f"{response.url}: not a sitemap: it has no urlset or sitemapindex, but {kind or 'nothing'}")
    entries = []
    for element in root:
        texts = {_name(child): " ".join((child.text or "").split()) for child in element}
        if texts.get("loc"):
            entries.append(SitemapEntry(texts["loc"], machine_time(texts.get("lastmod"))))
    # Other errors, such as of the encoding or a stray character, lose nothing.
    faults = [fault for fault in parser.error_log if fault.level_name == "FATAL"]
    if not faults:
        return Sitemap(kind == "sitemapindex", entries)
    if not _END.search(body):
        # The last address may be cut, and half a number is another story's.
        entries = entries[:-1]
    return Sitemap(kind == "sitemapindex", entries, f"line {faults[0].line}: {faults[0].message.strip()}")


def month_of(link: str) -> date | None:
    """Return the first day of the month in a sitemap's address; None if there is no month."""
    found = _MONTH.search(link)
    return date(int(found[1]), int(found[2]), 1) if found else None


def _unpacked(response: Response) -> bytes:
    if not gzip_magic_number(response):
        return response.body
    try:
        return gunzip(response.body, max_size=_LARGEST)
    except (OSError, EOFError, ValueError, struct.error, zlib.error) as error:
        raise PageError(f"{response.url}: gzip that cannot be unpacked: {error}") from error


def _name(element: etree._Element) -> str:
    # Comments and processing instructions have no name.
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
