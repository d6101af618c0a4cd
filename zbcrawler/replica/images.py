"""Picture files: tiny and valid. All sizes of one picture have the same file."""

from __future__ import annotations

import hashlib
import re
import struct
import zlib

# The paths of pictures, on the hosts of all editions (site-layouts 3.6, 4.2 and 6.2).
_STORE = re.compile(r"^/(?:s3fs-public|s3/files|sites/default/files|image)/(?P<name>.+)$")
_STYLE = re.compile(r"^styles/[^/]+/public/")
_SIZE = 8  # pixels, width and height


def image_at(path: str) -> tuple[bytes, str] | None:
    """Return the file at a path and its media type, or None if the path is not a picture's.

    :param path: without the query, which pictures ignore
    """
    found = _STORE.match(path)
    if not found:
        return None
    name = _STYLE.sub("", found["name"])
    digest = hashlib.sha256(name.encode()).digest()
    if name.lower().endswith(".png"):
        return _png(digest), "image/png"
    return _jpeg(digest), "image/jpeg"


def _png(digest: bytes) -> bytes:
    """Return a picture of one colour, taken from the digest."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" + digest[:3] * _SIZE  # filter type 0, then RGB
    header = struct.pack(">IIBBBBB", _SIZE, _SIZE, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"tEXt", b"Comment\0" + digest.hex().encode())
        + chunk(b"IDAT", zlib.compress(row * _SIZE))
        + chunk(b"IEND", b"")
    )


def _jpeg(digest: bytes) -> bytes:
    """Return a grey picture with the digest as a comment: one 8 x 8 block, two Huffman tables of one code each."""

    def segment(marker: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data

    one_code = bytes([1] + [0] * 15) + b"\0"  # one code, one bit long, for the symbol 0
    return (
        b"\xff\xd8"
        + segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
        + segment(0xFE, digest.hex().encode())
        + segment(0xDB, b"\0" + b"\x01" * 64)
        + segment(0xC0, struct.pack(">BHHB", 8, _SIZE, _SIZE, 1) + b"\x01\x11\0")
        + segment(0xC4, b"\0" + one_code)
        + segment(0xC4, b"\x10" + one_code)
        + segment(0xDA, b"\x01\x01\0\0\x3f\0")
        + b"\x3f"  # the codes of "no difference" and "end of block", then ones
        + b"\xff\xd9"
    )
