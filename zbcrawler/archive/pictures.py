"""Pictures of the archive: which bytes are a picture, its file, its address in a post."""

import hashlib
import html
import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from zbcrawler.archive.disk import PICTURES
from zbcrawler.cleaning.links import PICTURE_STORE, picture_key
from zbcrawler.common.addresses import PUBLIC_SITE
from zbcrawler.common.text import escape_attribute

SOURCE = re.compile(r'(?<=<img src=")[^"]*')
_NAME_LENGTH = 40  # as long as git's hashes, so no two pictures get the same name
_BEGINNINGS = {
    "jpg": re.compile(rb"\xff\xd8\xff"),
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "gif": re.compile(rb"GIF8[79]a"),
    "webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
    # The file lists the formats that it can be read as, four letters each; one of them is AVIF.
    "avif": re.compile(rb"\0\0\0.ftyp(?:....){0,30}?avi[fs]", re.DOTALL),
}


def extension_of(data: bytes) -> str:
    """Return the extension of a picture by its bytes; empty for anything else, also an SVG, which can hold scripts."""
    return next((extension for extension, found in _BEGINNINGS.items() if found.match(data)), "")


def file_of(data: bytes) -> str:
    """Return the path of a picture in the archive. The name follows from the content, so no file ever changes."""
    name = hashlib.sha256(data).hexdigest()[:_NAME_LENGTH]
    return f"{PICTURES}/{name[:2]}/{name}.{extension_of(data)}"


def sources(body: Iterable[str]) -> list[str]:
    """Return the addresses of the pictures in the lines of a body."""
    return [html.unescape(source) for line in body for source in SOURCE.findall(line)]


def with_sources(body: Iterable[str], others: Mapping[str, str]) -> list[str]:
    """Return the lines of a body with some picture addresses replaced."""
    quoted = {escape_attribute(one): escape_attribute(other) for one, other in others.items()}
    return [SOURCE.sub(lambda found: quoted.get(found[0], found[0]), line) for line in body]


def is_on_site(address: str, own_hosts: frozenset[str] = frozenset()) -> bool:
    """Whether a picture is on one of the site's hosts or ``own_hosts``, so that it may be fetched."""
    # Otherwise an address in a page could make the crawler request any host, even in its own network.
    parts = urlsplit(address)
    # picture_key() changes only addresses on the site's hosts; the site never writes a user name or a port.
    is_of_site = picture_key(address) != address and not set(parts.netloc) & set("@:")
    return parts.scheme in {"http", "https"} and (is_of_site or parts.netloc.lower() in own_hosts)


def request_address(address: str, site: str, store: str) -> str:
    """Return the address to request a picture from; ``site``, ``store``: ``scheme://host`` for the public ones."""
    parts = urlsplit(address)
    place = {urlsplit(PUBLIC_SITE).netloc: site, urlsplit(PICTURE_STORE).netloc: store}.get(parts.netloc.lower())
    return address if place is None else place + parts._replace(scheme="", netloc="", fragment="").geturl()
