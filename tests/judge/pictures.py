"""Which pictures does a body show, and which does the post?"""

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
# Layouts 3.2, 6.2: pictures that say "no picture"; and the usual blanks of lazy loading.
_PLACEHOLDER = re.compile(
    r"\A\s*\Z|\A\s*(?:data|about|blob|javascript):|/undefined\Z"
    r"|/(?:pic-default|default-img|social-share|placeholder|blank|spacer|1x1)[^/]*\Z",
    re.IGNORECASE,
)


def expected_pictures(source_html: str) -> list[str]:
    """Addresses of the pictures that a reader must find, in order and once each.

    The lead picture or gallery stands first in a body already (layouts 3.3).
    """
    pictures = (address_of(e) for e in readable(source_html).elements() if e.tag == "img")
    return once_each(address for address in pictures if address)


def post_pictures(lines: Sequence[str]) -> list[str]:
    """Addresses of the pictures of cleaned blocks, as they stand, repetitions and all."""
    return [e.get("src") for line in lines for e in parse(line).elements() if e.tag == "img"]


def address_of(img: Element) -> str:
    """Post layout: `src`, or `data-src` where `src` is missing, a placeholder or `…/undefined`."""
    for name in ("src", "data-src"):
        if not _PLACEHOLDER.search(img.get(name).split("?")[0]):
            return canonical(img.get(name))
    return ""


def canonical(address: str) -> str:
    """Post layout: joined to the site; the file store under its one name; other hosts and the query stay."""
    address = absolute(address)
    parts = urlsplit(address)
    stored = _IN_THE_STORE.match(address[len(f"{parts.scheme}://{parts.netloc}") :])
    if stored and SITE_HOST.match(parts.hostname or ""):
        return STORE + stored[1]
    return address


def absolute(address: str) -> str:
    """Return an address joined to the site, blanks in it encoded; empty if nothing can be made of it."""
    try:
        return re.sub(r"\s", "%20", urlsplit(urljoin(BASE, address.strip())).geturl())
    except ValueError:
        return ""


def same_picture_key(address: str) -> str:
    """Layouts 3.6: on the site, the query, the image style and the host's name make no other picture.

    Elsewhere the query can be what tells one picture from another.
    """
    if not address:
        return ""
    parts = urlsplit(canonical(address))
    return _STYLE.sub("/", parts.path) if SITE_HOST.match(parts.hostname or "") else address


def once_each(addresses: Iterable[str]) -> list[str]:
    """Return the addresses without those that show a picture shown before."""
    first: dict[str, str] = {}
    for address in addresses:
        first.setdefault(same_picture_key(address), address)
    return list(first.values())
