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

import heapq
import json
import os
import re
import secrets
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain, count, pairwise
from operator import itemgetter, sub
from pathlib import Path
from typing import Any, NamedTuple

from zbcrawler.tools.website.search_terms import shard_of

TOGETHER = 2048  # stories in a file
PART = 8192  # stories of a term in a file
_HEAD = 10  # stories of a term that have page, time and section beside them
_SHARD = 48_000  # bytes, about the size of a file of terms
_VARINT = re.compile(rb"[\x80-\xff]*[\x00-\x7f]")
_DEAD = 2**32 - 1  # instead of the new number of a story that is left out


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


class Batch:
    """Stories in memory, which become a segment; of stories with the same page the last counts."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.size = 0
        self._places: dict[str, array[int]] = defaultdict(lambda: array("I"))

    def add(self, row: Row, terms: Iterable[str]) -> None:
        place = len(self.rows)
        self.rows.append(row)
        for term in terms:
            self._places[term].append(place)
            self.size += 1

    def write(self, folder: Path) -> Segment:
        """Write the stories, and forget them."""
        last = {row.page: place for place, row in enumerate(self.rows)}
        ranks = array("I", [_DEAD]) * len(self.rows)
        writer = _Writer(folder)
        for rank, place in enumerate(sorted(last.values(), key=lambda place: self.rows[place].order)):
            ranks[place] = rank
            writer.add(self.rows[place])
        lists = ((term, sorted(_living(ranks, self._places.pop(term)))) for term in sorted(self._places))
        return writer.write([lists], 1)


def merge(folder: Path, segments: Sequence[Segment]) -> Segment:
    """Write a segment of the living stories of others. Only a part of each is in memory at a time."""
    writer = _Writer(folder)
    sources = [(one, array("I", [_DEAD]) * one.stories) for one in segments]
    rows = (_living_rows(folder, *source) for source in sources)
    for rank, (_, row, place, ranks) in enumerate(heapq.merge(*rows, key=itemgetter(0))):
        ranks[place] = rank
        writer.add(row)
    groups = max(one.shards for one in segments)
    return writer.write((_group(folder, sources, group, groups) for group in range(groups)), groups)


def rows_of(folder: Path, segment: Segment) -> Iterator[Row]:
    """Yield all stories of a segment, also the dead."""
    for number in range(len(segment.fences)):
        for line in (folder / segment.name / f"stories-{number}.txt").read_text("utf-8").splitlines():
            page, minute, section = line.split(" ")
            yield Row(page, int(minute), int(section))


def size_of(folder: Path) -> tuple[int, int]:
    """Return the number of files in a folder, and of their bytes."""
    sizes = [entry.stat().st_size for entry in os.scandir(folder)]
    return len(sizes), sum(sizes)


def steps_of(places: Sequence[int]) -> list[int]:
    """Return the first place, and the distance of each further one to the one before."""
    return list(map(sub, places, chain((0,), places)))


class _Writer:
    """A new segment: first :meth:`add` its stories in order, then :meth:`write` their terms."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / secrets.token_hex(4)
        self._folder.mkdir()
        self._lines: list[str] = []
        self._fences: list[tuple[int, int]] = []
        self._beside: list[bytes] = []

    def add(self, row: Row) -> None:
        if len(self._beside) % TOGETHER == 0:
            self._write_rows()
            self._fences.append((row.minute, row.number))
        self._lines.append(f"{row.page} {row.minute} {row.section}\n")
        minute, number = self._fences[-1]
        step = row.number - number
        # 0: the number is in stories-K.txt only.
        code = 1 + (2 * step if step >= 0 else -2 * step - 1) if min(row.number, number) >= 0 else 0
        self._beside.append(_pack((code, minute - row.minute, row.section)))

    def write(self, groups: Iterable[Iterable[tuple[str, Sequence[int]]]], number_of_groups: int) -> Segment:
        """Write the terms with their stories; group K has those of the shards K, K + number_of_groups and so on."""
        self._write_rows()
        shards = 0
        for group, lists in enumerate(groups):
            packed = {term: self._parts(places) for term, places in lists if places}
            if not shards:
                size = sum(len(parts[0]) + 12 for parts in packed.values())
                shards = number_of_groups << (size // _SHARD).bit_length()
            files: dict[str, dict[str, bytes]] = {f"{shard}-0": {} for shard in range(group, shards, number_of_groups)}
            for term, parts in packed.items():
                shard = shard_of(term, shards)
                for level, part in enumerate(parts):
                    files.setdefault(f"{shard}-{level}", {})[term] = part
            for name, content in files.items():
                offsets = dict(zip(content, accumulate(map(len, content.values()), initial=0), strict=False))
                head = json.dumps(offsets, ensure_ascii=False, separators=(",", ":")).encode()
                (self._folder / f"terms-{name}.bin").write_bytes(b"".join((head, b"\n", *content.values())))
        return Segment(self._folder.name, len(self._beside), shards, *size_of(self._folder), self._fences, [])

    def _write_rows(self) -> None:
        if self._lines:
            (self._folder / f"stories-{len(self._fences) - 1}.txt").write_text("".join(self._lines), "utf-8")
            self._lines.clear()

    def _parts(self, places: Sequence[int]) -> list[bytes]:
        beside = b"".join([self._beside[place] for place in places[:_HEAD]]) if len(self._fences) > 1 else b""
        first, *further = [places[start : start + PART] for start in range(0, len(places), PART)]
        numbers = [len(places), len(further), *steps_of([part[0] for part in further]), *steps_of(first)]
        start = len(beside).to_bytes(2, "little") + beside + _pack(numbers)
        return [start, *(_pack(steps_of(part)) for part in further)]


def _living_rows(folder: Path, segment: Segment, ranks: array[int]) -> Iterator[tuple[Any, Row, int, array[int]]]:
    dead = set(segment.dead)
    for place, row in enumerate(rows_of(folder, segment)):
        if place not in dead:
            yield row.order, row, place, ranks


def _group(
    folder: Path, sources: Sequence[tuple[Segment, array[int]]], group: int, groups: int
) -> Iterator[tuple[str, list[int]]]:
    places: dict[str, list[int]] = defaultdict(list)
    for segment, ranks in sources:
        # A segment of fewer shards has the group's terms among others.
        for shard in range(group % segment.shards, segment.shards, groups):
            for term, those in _lists(folder / segment.name, shard):
                if segment.shards == groups or shard_of(term, groups) == group:
                    places[term] += _living(ranks, those)
    return ((term, sorted(places.pop(term))) for term in sorted(places))


def _lists(folder: Path, shard: int) -> Iterator[tuple[str, Iterable[int]]]:
    """Yield each term of a shard with its stories, a long list in parts."""
    for level in count():
        path = folder / f"terms-{shard}-{level}.bin"
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


def _living(ranks: array[int], places: Iterable[int]) -> list[int]:
    return [rank for place in places if (rank := ranks[place]) != _DEAD]


def _pack(numbers: Sequence[int]) -> bytes:
    return bytes(numbers) if max(numbers) < 128 else b"".join(map(_varint, numbers))


def _unpack(data: bytes) -> Sequence[int]:
    return data if data.isascii() else list(map(_number, _VARINT.findall(data)))


# Most numbers are small and come again and again.
@lru_cache(1 << 15)
def _varint(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + _varint(number >> 7)


@lru_cache(1 << 15)
def _number(varint: bytes) -> int:
    return sum((byte & 127) << 7 * place for place, byte in enumerate(varint))
