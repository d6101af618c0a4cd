"""Addresses in a body: which links, pictures and embeds stay, and what they look like."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

from lxml.html import HtmlElement

from zbcrawler.common.addresses import PUBLIC_SITE
from zbcrawler.common.text import drop_unprintable

PICTURE_STORE = "https://static.zaobao.com/s3fs-public/"

# Site-layouts 3.6 and 6.2: the public hosts, and the mainland's mirrors of the picture store.
_SITE_HOST = re.compile(r"(?:^|\.)(?:zaobao\.com(?:\.sg)?|zbstatic\d*\.com)$", re.IGNORECASE)
# Site-layouts 4.2: the React edition's pictures; the path holds a hash of the picture.
_HASHED_HOST = re.compile(r"(?:^|\.)sphdigital\.com\.sg$", re.IGNORECASE)
_STORE_PATH = re.compile(r"^(?:.*?/s3fs-public/|/s3/files/)")
_STYLE = re.compile(r"(?:^|/)styles/[^/]+/public/")
_OLD_STORE = re.compile(r"^/?sites/default/files/")

# What stands in `src` until a script has loaded the picture, and the pictures that the site shows for a missing one.
_PLACEHOLDER = re.compile(
    r"^(?:(?:image[_-]?)?placeholder|blank|spacer|1x1|default-img|social-share|pic-default)(?:[_.-].*)?$"
    # A photo's name may begin with one of these words, so each must be the whole name.
    r"|^(?:pixel|transparent|lazy|lazyload|loading)(?:\.\w+)?$",
    re.IGNORECASE,
)
_UPLOADED = re.compile(r"/s3fs-public/|^/s3/files/|^/sites/default/files/")
_LINE_ENDS = re.compile(r"[\t\r\n]")
_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)
# Addresses that need no change, as most. Parsing an address costs more than all other work on a link.
_PLAIN = re.compile(
    r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[\w.~!$&'()*+,;=:@%/-]*)?(?:\?[\w.~!$&'()*+,;=:@%/-]+)?", re.ASCII
)
_SOURCE = re.compile(r"([^\s,](?:\S*[^\s,])?)(?:,|\s+([^,]*))?")
_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)[wx]")
_ODD = re.compile(r"[\s<>\"\\^`|]")
_NOT_IN_A_HOST = re.compile(r"[\s<>\"\\^`|%]")  # WHATWG URL, "forbidden domain code point"

_NO_SIZE = frozenset({"0", "1", "0px", "1px"})
_MOST_SOURCES = 20  # no real picture has more


def absolute(address: str | None, origin: str = "") -> str | None:
    """Return an address as posts show it: absolute, http or https, on a public host.

    :param origin: ``scheme://host[:port]`` of the page, which posts never show
    :returns: None if no reader can follow the address (``javascript:``, ``mailto:``, ``#top``, a broken address)
    """
    if address and _PLAIN.fullmatch(address) and not (origin and address.startswith(origin)):
        return address
    address = _LINE_ENDS.sub("", drop_unprintable(address or "").strip())
    if not address or address.startswith("#"):
        return None
    try:
        if not _ABSOLUTE.match(address):
            address = urljoin(PUBLIC_SITE + "/", address)
        parts = urlsplit(address)
        address = parts.geturl()
        host = parts.hostname
        if parts.scheme not in {"http", "https"} or not host or _NOT_IN_A_HOST.search(host) or (parts.port or 1) < 0:
            return None
    except ValueError:
        return None
    if origin and f"{parts.scheme}://{parts.netloc}" == origin and not on_site(address):
        address = PUBLIC_SITE + address[len(origin) :]
    return _ODD.sub(lambda odd: quote(odd[0]), address)


def on_site(address: str) -> bool:
    return _is_host(_SITE_HOST, urlsplit(address).netloc)


@lru_cache(maxsize=1000)
def _is_host(kind: re.Pattern[str], netloc: str) -> bool:
    return bool(kind.search(urlsplit("//" + netloc).hostname or ""))


def picture_address(picture: HtmlElement, origin: str = "") -> str | None:
    """Return the address of an ``img`` or ``picture`` element, None if the picture shows nothing."""
    for candidate in _candidates(picture):
        if (address := absolute(candidate, origin)) and not _shows_nothing(address):
            return _in_store(address)
    return None


def picture_key(address: str) -> str:
    """Return what identifies a picture: without the site's host, the query and the size served."""
    parts = urlsplit(address)
    if _is_host(_HASHED_HOST, parts.netloc):
        return unquote(parts.path).replace("-sm/", "/")  # ``/image/zaobao-sm/HASH`` is a smaller ``/image/zaobao/HASH``
    if not on_site(address):
        return address
    path = _OLD_STORE.sub("", _STORE_PATH.sub("", unquote(parts.path)))
    return _STYLE.sub("", path).lstrip("/")


def embed_address(element: HtmlElement, origin: str = "") -> str | None:
    """Return the address of what an ``iframe``, ``video-js``, ``video``, ``audio`` or ``embed`` plays."""
    if (account := element.get("data-account")) and (video := element.get("data-video-id")):
        player, embed = element.get("data-player") or "default", element.get("data-embed") or "default"
        return absolute(f"https://players.brightcove.net/{account}/{player}_{embed}/index.html?videoId={video}")
    inside = islice(element.iter("source"), _MOST_SOURCES)
    sources = [element.get("src"), element.get("data-src"), *(source.get("src") for source in inside)]
    address = next((found for found in (absolute(source, origin) for source in sources) if found), None)
    if not address:
        return None
    # Embedly and Facebook's plugins hold the address that a reader wants in the query of their player's address.
    parts = urlsplit(address)
    host = parts.hostname or ""
    name = "url" if host.endswith("embedly.com") else "href" if host.endswith("facebook.com") else None
    inner = parse_qs(parts.query).get(name, [None])[0] if name else None
    return absolute(inner) or address


def _candidates(picture: HtmlElement) -> Iterator[str | None]:
    if picture.get("width") in _NO_SIZE and picture.get("height") in _NO_SIZE:
        return  # a pixel that counts readers
    yield from map(picture.get, ("src", "data-src", "data-original", "data-lazy-src"))
    # The parser does not end a ``source``: the elements after it become its content.
    sources = next(picture.iterancestors("picture"), picture)
    for element in (picture, *islice(sources.iter("source"), _MOST_SOURCES)):
        for name in ("srcset", "data-srcset"):
            yield max(_sources(element.get(name) or ""), default=(0.0, ""), key=lambda source: source[0])[1]


def _sources(srcset: str) -> Iterator[tuple[float, str]]:
    """Yield size and address of each picture in ``a.jpg 390w, b.jpg 784w`` or ``a.jpg, b.jpg 2x``."""
    for found in _SOURCE.finditer(srcset):
        sizes = [float(size[1]) for word in (found[2] or "").split() if (size := _SIZE.fullmatch(word))]
        yield sizes[-1] if sizes else 1.0, found[1]


def _shows_nothing(address: str) -> bool:
    path = urlsplit(address).path
    # Uploads are pictures, whatever their names.
    placeholder = not _UPLOADED.search(path) and _PLACEHOLDER.match(path.rpartition("/")[2])
    return path.endswith("/undefined") or path in {"", "/"} or bool(placeholder)


def _in_store(address: str) -> str:
    if not on_site(address):
        return address
    parts = urlsplit(address)
    inner, changed = _STORE_PATH.subn("", parts.path, count=1)
    return PICTURE_STORE + inner + ("?" + parts.query if parts.query else "") if changed else address
