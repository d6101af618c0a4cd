"""A run of the search index: a file of some stories and their terms, which one process writes and one merge reads."""

import marshal
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple

from zbcrawler.tools.website.search_segments import Row
from zbcrawler.tools.website.search_terms import IN_SECTION, shard_of, terms, title_terms

RUN = 2048  # stories; two bytes hold a place among them


class IndexedStory(NamedTuple):
    """A story to search for."""

    page: str  # the name of its page, without .html
    title: str
    time: datetime
    section: str  # such as ``realtime/china``
    text: str  # plain text of the body


class StoryRun(NamedTuple):
    """Where a run is, and what a merge must know before it reads the file."""

    path: Path
    stories: int
    shards: int
    offsets: tuple[int, ...]  # of the stories, and of the terms of each shard
    sections: tuple[str, ...]
    first: tuple[int, int, str]  # the sort keys of the first and the last story
    last: tuple[int, int, str]
    dead: tuple[int, ...] = ()

    def rows(self, sections: list[str]) -> Iterator[Row]:
        """Yield all stories in order; ``sections`` are those of the index."""
        places = [sections.index(name) for name in self.sections]
        for page, minute, section in self._load(0):
            yield Row(page, minute, places[section])

    def lists(self, shard: int) -> Iterator[tuple[str, Iterable[int]]]:
        for term, places in self._load(1 + shard).items():
            yield term, array("H", places)

    def _load(self, number: int) -> Any:
        with self.path.open("rb") as file:
            file.seek(self.offsets[number])
            return marshal.load(file)  # noqa: S302 - this build has written the file


def write_run(folder: Path, stories: Iterable[IndexedStory], shards: int = 1) -> StoryRun:
    """Write at most 2,048 stories; of stories with the same page the last counts.

    :param folder: of the index
    :param shards: a power of two
    """
    sections: dict[str, int] = {}
    last = {story.page: story for story in stories}
    rows = [
        (Row(page, int(one.time.timestamp() // 60), sections.setdefault(one.section, len(sections))), one)
        for page, one in last.items()
    ]
    rows.sort(key=lambda row: row[0].order)
    places: dict[str, array[int]] = defaultdict(lambda: array("H"))
    for place, (_, story) in enumerate(rows):
        inside = terms(story.title) | terms(story.text)
        for term in chain(inside, title_terms(story.title), [IN_SECTION + story.section]):
            places[term].append(place)
    parts: list[Any] = [{} for _ in range(shards)]
    for term in sorted(places):
        parts[shard_of(term, shards)][term] = places.pop(term)
    folder.mkdir(parents=True, exist_ok=True)
    offsets = []
    with (folder / f"{token_hex(4)}.run").open("wb") as file:
        for part in ([tuple(row) for row, _ in rows], *parts):
            offsets.append(file.tell())
            file.write(marshal.dumps(part))
    return StoryRun(
        Path(file.name), len(rows), shards, tuple(offsets), tuple(sections), rows[0][0].order, rows[-1][0].order
    )
