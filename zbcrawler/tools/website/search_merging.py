"""A merge: segments and runs become one segment. A large merge takes many updates, each of which writes some groups.

Terms are merged in groups, so memory holds the lists of one group. The new numbers of the stories are in ``merge.bin``
of the new segment until it is complete.
"""

from __future__ import annotations

import heapq
import json
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import accumulate, chain
from operator import itemgetter
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple, TypeAlias

from zbcrawler.common.processes import in_processes
from zbcrawler.tools.website import search_segments
from zbcrawler.tools.website.search_runs import StoryRun
from zbcrawler.tools.website.search_segments import OpenSegment, Row, Segment, pack, pack_list, size_of
from zbcrawler.tools.website.search_terms import shard_of

_HEAD = 10  # stories of a term that have page, time and section beside them
_SHARD = 48_000  # bytes, about the size of a file of terms
_IN_GROUP = 1000  # stories whose terms are about as many as those of a group
_DEAD = 2**32 - 1  # instead of the new number of a story that is left out
_STATE = "merge.bin"
_MANY = 16  # groups that are worth several processes
Source: TypeAlias = "OpenSegment | StoryRun"


def groups_for(stories: int) -> int:
    """Return into how many groups the terms of so many stories are divided, a power of two."""
    return 1 << (stories // _IN_GROUP).bit_length()


@dataclass
class Merge:
    """What is known of a merge between two updates."""

    name: str  # of the new segment
    sources: list[str]  # the segments; runs are never left to the next update
    groups: int
    fences: list[tuple[int, int]]
    shards: int = 0  # known after the first group
    done: int = 0  # groups

    @property
    def is_done(self) -> bool:
        return self.done == self.groups

    def is_whole(self, folder: Path) -> bool:
        """Return whether what earlier updates have written is there; ``folder`` is that of the index."""
        path = folder / self.name
        written = {entry.name for entry in path.iterdir()} if path.is_dir() else set()
        shards = (shard for group in range(self.done) for shard in range(group, self.shards, self.groups))
        return {_STATE, *(f"terms-{shard}-0.bin" for shard in shards)} <= written

    def advance(self, folder: Path, sources: Sequence[Source], most: int) -> None:
        """Write the files of at most so many further groups; ``folder`` is that of the index."""
        last, path = min(self.done + most, self.groups), folder / self.name
        if not self.shards:
            merged = _merge_group(path, sources, self.groups, 0)
            size = sum(len(levels[0]) + 12 for levels in merged.values())
            self.shards = self.groups << (size // _SHARD).bit_length()
            _write_terms(path, merged, range(0, self.shards, self.groups))
            self.done = 1
        left = range(self.done, last)
        work = partial(_write_group, path, sources, self.groups, self.shards)
        for _ in in_processes(work, left, len(left) >= _MANY):
            pass
        self.done = max(self.done, last)

    def finish(self, folder: Path, sources: Sequence[Source]) -> Segment:
        """Return the new segment; stories of its sources that have died since it was begun are dead."""
        path = folder / self.name
        tables = _tables_of(path, tuple(one.stories for one in sources))
        both = zip(sources, tables.ranks, strict=True)
        dead = sorted(rank for one, ranks in both for place in one.dead if (rank := ranks[place]) != _DEAD)
        (path / _STATE).unlink()
        return Segment(self.name, len(tables.ends) - 1, self.shards, *size_of(path), self.fences, dead)


def begin_merge(folder: Path, sources: Sequence[Source], sections: list[str]) -> Merge:
    """Give the living stories of all sources new numbers, and write their list."""
    path = folder / token_hex(4)
    path.mkdir()
    ranks = [array("I", [_DEAD]) * one.stories for one in sources]
    rows = heapq.merge(*_rows_in_order(sources, ranks, sections), key=itemgetter(0))
    ends, beside, lines = array("I", [0]), bytearray(), list[str]()
    fences: list[tuple[int, int]] = []
    for rank, (_, row, place, of_source) in enumerate(rows):
        if rank % search_segments.TOGETHER == 0:
            _write_rows(path, len(fences) - 1, lines)
            fences.append((row.minute, row.number))
        of_source[place] = rank
        lines.append(f"{row.page} {row.minute} {row.section}\n")
        minute, number = fences[-1]
        step = row.number - number
        # 0: the number is in stories-K.txt only.
        code = 1 + (2 * step if step >= 0 else -2 * step - 1) if min(row.number, number) >= 0 else 0
        beside += pack((code, minute - row.minute, row.section))
        ends.append(len(beside))
    _write_rows(path, len(fences) - 1, lines)
    with (path / _STATE).open("wb") as file:
        for numbers in (*ranks, ends):
            numbers.tofile(file)
        file.write(beside)
    names = [one.path.name for one in sources]
    return Merge(path.name, names, groups_for(len(ends)), fences)


_Ranked = tuple[tuple[int, int, str], Row, int, "array[int]"]  # sort key, story, place in its source, its numbers


def _rows_in_order(
    sources: Sequence[Source], ranks: Sequence[array[int]], sections: list[str]
) -> list[Iterator[_Ranked]]:
    """Return streams of living stories. Runs that follow each other in time make one stream, so few files are open."""
    streams: list[list[Iterator[_Ranked]]] = []
    last = None
    for source, new in zip(sources, ranks, strict=True):
        if last is None or not isinstance(source, StoryRun) or source.first < last:
            streams.append([])
        streams[-1].append(_living_rows(source, new, sections))
        last = source.last if isinstance(source, StoryRun) else None
    return [chain.from_iterable(stream) for stream in streams]


def _living_rows(source: Source, ranks: array[int], sections: list[str]) -> Iterator[_Ranked]:
    dead = set(source.dead)
    for place, row in enumerate(source.rows(sections)):
        if place not in dead:
            yield row.order, row, place, ranks


def _write_rows(path: Path, number: int, lines: list[str]) -> None:
    if lines:
        (path / f"stories-{number}.txt").write_text("".join(lines), "utf-8")
        lines.clear()


class _Tables(NamedTuple):
    ranks: list[array[int]]  # of each source: the new number of each story
    ends: array[int]  # of what is in ``beside`` of each new number, after a first 0
    beside: bytes


@lru_cache(maxsize=1)
def _tables_of(path: Path, stories: tuple[int, ...]) -> _Tables:
    with (path / _STATE).open("rb") as file:
        ranks = [array("I", file.read(4 * count)) for count in stories]
        living = sum(len(one) - one.count(_DEAD) for one in ranks)
        return _Tables(ranks, array("I", file.read(4 * (living + 1))), file.read())


def _write_group(path: Path, sources: Sequence[Source], groups: int, shards: int, group: int) -> None:
    _write_terms(path, _merge_group(path, sources, groups, group), range(group, shards, groups))


def _merge_group(path: Path, sources: Sequence[Source], groups: int, group: int) -> dict[str, list[bytes]]:
    """Return the files' content of each term of a group."""
    lists: dict[str, list[int]] = defaultdict(list)
    numbers, ends, beside = _tables_of(path, tuple(one.stories for one in sources))
    for source, ranks in zip(sources, numbers, strict=True):
        # A source of fewer shards has the group's terms among others.
        for shard in range(group % source.shards, source.shards, groups):
            for term, places in source.lists(shard):
                if source.shards >= groups or shard_of(term, groups) == group:
                    lists[term] += [ranks[place] for place in places]
        if source.dead:
            for term, those in lists.items():
                lists[term] = [rank for rank in those if rank != _DEAD]
    merged = {}
    with_rows = len(ends) - 1 > search_segments.TOGETHER
    for term in sorted(lists):
        if places := sorted(lists.pop(term)):
            rows = b"".join([beside[ends[n] : ends[n + 1]] for n in places[:_HEAD]]) if with_rows else b""
            merged[term] = pack_list(places, rows)
    return merged


def _write_terms(path: Path, merged: dict[str, list[bytes]], shards: range) -> None:
    """Write the files of the shards of one group."""
    files: dict[str, dict[str, bytes]] = {f"{shard}-0": {} for shard in shards}
    for term, levels in merged.items():
        shard = shard_of(term, shards.stop)
        for level, part in enumerate(levels):
            files.setdefault(f"{shard}-{level}", {})[term] = part
    for name, content in files.items():
        offsets = dict(zip(content, accumulate(map(len, content.values()), initial=0), strict=False))
        head = json.dumps(offsets, ensure_ascii=False, separators=(",", ":")).encode()
        (path / f"terms-{name}.bin").write_bytes(b"".join((head, b"\n", *content.values())))
