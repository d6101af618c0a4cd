"""A segment of the search index: the files of some stories, written once and later merged with others.

- ``stories-K.txt``: a line for each story, the newest first: page, minutes since 1970, place of the section in
  ``sections``. Stories are numbered in this order from 0, and a file has 2,048 of them. ``fences`` of the segment has
  minute and number of the first story of each file.
- ``terms-K-0.bin``: for each term of shard K its stories; of a long list only the first 8,192. ``terms-K-1.bin`` has
  the next part of such lists, and so on. The first line is JSON: the offset of each term behind the line. In level 0 a
  term has: in two bytes the length of what comes next; number, minute and section of its first ten stories, so that
  few queries need ``stories-K.txt`` (only in a segment with several of these); the length of the whole list; the number
  of further parts, and the first story of each; the stories of this part. Further levels have stories only.

Numbers are varints. Lists have the first story, then the distance of each to the one before. ``search.js`` reads them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain, count, pairwise
from operator import sub
from pathlib import Path
from typing import NamedTuple

TOGETHER = 2048  # stories in a file
PART = 8192  # stories of a term in a file
_VARINT = re.compile(rb"[\x80-\xff]*[\x00-\x7f]")


class Row(NamedTuple):
    """A story as the index lists it."""

    page: str
    minute: int  # since 1970
    section: int  # place in the list of sections

    @property
    def number(self) -> int:
        """The story's number; -1 if the page's name is not a number that JavaScript can hold."""
        return int(self.page) if self.page.isdecimal() and len(self.page) < 16 else -1

    @property
    def order(self) -> tuple[int, int, str]:
        """The sort key: the newest first, and of the same minute the one with the greatest number."""
        return -self.minute, -self.number, self.page


@dataclass
class Segment:
    """What ``index.json`` says of a segment."""

    name: str
    stories: int
    shards: int
    files: int
    bytes: int
    fences: list[tuple[int, int]]
    dead: list[int]

    def is_whole(self, folder: Path) -> bool:
        """Return whether all files are there; ``folder`` is that of the index."""
        return size_of(folder / self.name) == (self.files, self.bytes)

    def open(self, folder: Path) -> OpenSegment:
        return OpenSegment(folder / self.name, self.stories, self.shards, len(self.fences), tuple(self.dead))


class OpenSegment(NamedTuple):
    """A segment that a merge reads."""

    path: Path
    stories: int
    shards: int
    files: int  # of stories
    dead: tuple[int, ...]

    def rows(self, _: list[str]) -> Iterator[Row]:
        """Yield all stories, also the dead."""
        for number in range(self.files):
            for line in (self.path / f"stories-{number}.txt").read_text("utf-8").splitlines():
                page, minute, section = line.split(" ")
                yield Row(page, int(minute), int(section))

    def places_of(self, pages: Collection[str]) -> Iterator[int]:
        """Yield the places of the stories with these pages."""
        for number in range(self.files):
            lines = (self.path / f"stories-{number}.txt").read_text("utf-8").splitlines()
            names = [line.partition(" ")[0] for line in lines]
            yield from (number * TOGETHER + place for place, name in enumerate(names) if name in pages)

    def lists(self, shard: int) -> Iterator[tuple[str, Iterable[int]]]:
        """Yield each term of a shard with its stories, a long list in parts."""
        for level in count():
            path = self.path / f"terms-{shard}-{level}.bin"
            if level and not path.exists():
                return
            head, _, data = path.read_bytes().partition(b"\n")
            offsets = json.loads(head)
            for term, (start, end) in zip(offsets, pairwise([*offsets.values(), len(data)]), strict=True):
                if level:
                    yield term, accumulate(_unpack(data[start:end]))
                else:
                    numbers = _unpack(data[start + 2 + int.from_bytes(data[start : start + 2], "little") : end])
                    yield term, accumulate(numbers[2 + numbers[1] :])


def size_of(folder: Path) -> tuple[int, int]:
    """Return the number of files in a folder, and of their bytes."""
    sizes = [entry.stat().st_size for entry in os.scandir(folder)]
    return len(sizes), sum(sizes)


def steps_of(places: Sequence[int]) -> list[int]:
    """Return the first place, and the distance of each further one to the one before."""
    return list(map(sub, places, chain((0,), places)))


def pack_list(places: Sequence[int], beside: bytes) -> list[bytes]:
    """Return the stories of a term as the files of each level have them; ``beside`` is in level 0."""
    first, *further = [places[start : start + PART] for start in range(0, len(places), PART)]
    numbers = [len(places), len(further), *steps_of([part[0] for part in further]), *steps_of(first)]
    start = len(beside).to_bytes(2, "little") + beside + pack(numbers)
    return [start, *(pack(steps_of(part)) for part in further)]


def pack(numbers: Sequence[int]) -> bytes:
    return bytes(numbers) if max(numbers) < 128 else b"".join(map(_varint, numbers))


def _unpack(data: bytes) -> Sequence[int]:
    return data if data.isascii() else list(map(_number, _VARINT.findall(data)))


# Most numbers are small and come again and again.
@lru_cache(1 << 16)
def _varint(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + _varint(number >> 7)


@lru_cache(1 << 16)
def _number(varint: bytes) -> int:
    return sum((byte & 127) << 7 * place for place, byte in enumerate(varint))
