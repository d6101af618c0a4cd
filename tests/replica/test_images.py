"""Picture files: valid, tiny, and equal for all sizes of one picture."""

import re
import struct
import zlib
from urllib.parse import urlsplit

import pytest

from zbcrawler.replica.site import Site

from .reading import EDITIONS, tree


def test_the_same_picture_is_the_same_file_at_every_size_and_address(replica, get):
    addresses = (
        "/s3fs-public/styles/article_large_full/public/2021-05/a%20b.jpg?itok=x",
        "/s3fs-public/styles/inline_medium/public/2021-05/a%20b.jpg",
        "/s3/files/2021-05/a%20b.jpg?VERSION&itok=y",
        "/s3fs-public/2021-05/a b.jpg".replace(" ", "%20"),
    )
    answers = [get(address) for address in addresses]
    assert {status for status, _, _ in answers} == {200}
    assert {headers["Content-Type"] for _, headers, _ in answers} == {"image/jpeg"}
    assert len({body for _, _, body in answers}) == 1
    assert get("/s3fs-public/2021-05/other.jpg")[2] != answers[0][2]
    assert get("/s3fs-public/")[0] == 404


def chunks(data):
    place = 8
    while place < len(data):
        (size,) = struct.unpack_from(">I", data, place)
        kind, inside = data[place + 4 : place + 8], data[place + 8 : place + 8 + size]
        assert struct.unpack_from(">I", data, place + 8 + size)[0] == zlib.crc32(kind + inside)
        yield kind, inside
        place += 12 + size


def test_a_png_is_valid(newsroom):
    answer = Site(newsroom, "react").answer("/s3fs-public/styles/x/public/b.PNG")
    assert answer.kind == "image/png"
    assert answer.body.startswith(b"\x89PNG\r\n\x1a\n")
    found = dict(chunks(answer.body))
    assert list(found) == [b"IHDR", b"tEXt", b"IDAT", b"IEND"]
    assert struct.unpack(">IIBBBBB", found[b"IHDR"]) == (8, 8, 8, 2, 0, 0, 0)
    assert len(zlib.decompress(found[b"IDAT"])) == 8 * (1 + 8 * 3)


def test_a_jpeg_is_valid(newsroom):
    data = Site(newsroom, "react").answer("/s3/files/c.jpg").body
    assert data.startswith(b"\xff\xd8")
    assert data.endswith(b"\xff\xd9")
    place, markers = 2, []
    while data[place + 1] != 0xDA:
        markers.append(data[place + 1])
        assert data[place] == 0xFF
        place += 2 + struct.unpack_from(">H", data, place + 2)[0]
    assert markers == [0xE0, 0xFE, 0xDB, 0xC0, 0xC4, 0xC4]


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_picture_of_the_picture_store_is_there(newsroom, edition):
    site = Site(newsroom, edition)
    found = 0
    for story in newsroom.expected():
        if not re.search("<img", "".join(story.expected_lines(edition))):
            continue
        sources = tree(site, story.path).xpath("//img/@src | //img/@data-src | //source/@data-srcset")
        for source in sources:
            path = urlsplit(source.removesuffix(" 1x")).path
            if "/s3fs-public/" in path or "/s3/files/" in path:
                found += 1
                assert site.answer(path).kind in {"image/jpeg", "image/png"}
    assert found > 30
