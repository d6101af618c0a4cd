"""List the pictures that a body shows, and those that the post shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from judge.source import readable
from judge.tree import Element, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BASE = "https://www.zaobao.com/"
STORE = "https://static.zaobao.com/s3fs-public/"
# Post layout: "any of the site's hosts"; layouts 3.6 and 6.2 name them.
SITE_HOST = re.compile(r"(?:[\w-]+\.)*(?:zaobao\.com(?:\.sg)?|zbstatic\d*\.com)\Z")
_IN_THE_STORE = re.compile(r"/(?:s3/files|s3fs-public)/(.*)", re.DOTALL)
_STYLE = re.compile(r"/styles/[^/]+/public/")
# Layouts 3.2, 6.2: pictures that stand for a missing picture; and the usual placeholders of lazy loading.
_PLACEHOLDER = re.compile(
    r"\A\s*\Z|\A\s*(?:data|about|blob|javascript):|/undefined\Z"
    r"|/(?:pic-default|default-img|social-share|placeholder|blank|spacer|1x1)[^/]*\Z",
    re.IGNORECASE,
)


def expected_pictures(source_html: str) -> list[str]:
    """Return the addresses of the pictures that a reader must find, in order and once each.

    The lead picture or gallery stands first in a body already (layouts 3.3).
    """
    pictures = (address_of(e) for e in readable(source_html).elements() if e.tag == "img")
    return once_each(address for address in pictures if address)


def post_pictures(lines: Sequence[str]) -> list[str]:
    """Return the addresses of the pictures of cleaned blocks, with repetitions."""
    return [e.get("src") for line in lines for e in parse(line).elements() if e.tag == "img"]


def address_of(img: Element) -> str:
    """Return `src`, or `data-src` if `src` is missing, a placeholder or `…/undefined` (post layout)."""
    for name in ("src", "data-src"):
        if not _PLACEHOLDER.search(img.get(name).split("?")[0]):
            return canonical(img.get(name))
    return ""


def canonical(address: str) -> str:
    """Return an address joined to the site, with the one name of the file store; query and other hosts stay."""
    address = absolute(address)
    parts = urlsplit(address)
    stored = _IN_THE_STORE.match(address[len(f"{parts.scheme}://{parts.netloc}") :])
    if stored and SITE_HOST.match(parts.hostname or ""):
        return STORE + stored[1]
    return address


def absolute(address: str) -> str:
    """Return an address joined to the site, with its blanks encoded; empty if the address is broken."""
    try:
        return re.sub(r"\s", "%20", urlsplit(urljoin(BASE, address.strip())).geturl())
    except ValueError:
        return ""


def same_picture_key(address: str) -> str:
    """Return what identifies a picture: on the site, without query, image style and host (layouts 3.6).

    On other hosts the query may distinguish pictures.
    """
    if not address:
        return ""
    parts = urlsplit(canonical(address))
    return _STYLE.sub("/", parts.path) if SITE_HOST.match(parts.hostname or "") else address


def once_each(addresses: Iterable[str]) -> list[str]:
    """Return the addresses without those of a picture shown before."""
    first: dict[str, str] = {}
    for address in addresses:
        first.setdefault(same_picture_key(address), address)
    return list(first.values())
