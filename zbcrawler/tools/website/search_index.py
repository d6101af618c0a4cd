"""The search index of the website: small files, of which a browser fetches only those that a query needs.

In ``search-index/`` of the website:

- ``index.json``: the sections, and the segments from the oldest to the newest. It is written last, so all that it names
  is there.
- a folder for each segment. New stories make a new segment, and small segments are merged, so there are few. A segment
  never changes, so a story in a newer segment replaces the same story in an older one, where it is then ``dead``.
- ``search.js`` and ``traditional.txt``: the script that reads these files, and its table of characters.
"""

import json
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from itertools import accumulate, chain
from pathlib import Path
from typing import NamedTuple

from zbcrawler.tools.website import search_segments
from zbcrawler.tools.website.search_segments import Batch, Row, Segment, merge, rows_of, size_of, steps_of
from zbcrawler.tools.website.search_terms import IN_SECTION, TABLE, terms, title_terms

_FORMAT = 1
_SCRIPT = Path(__file__).with_name("search.js")
_BUFFER = 1_500_000  # terms of stories that a build holds in memory
# A segment is merged with all newer ones if it has at most so many stories, or so many times the stories of those.
_SMALL, _RATIO = 1000, 8
_MOST_DEAD = 10_000  # index.json lists the dead of a segment


class IndexedStory(NamedTuple):
    """A story to search for."""

    page: str  # the name of its page, without .html
    title: str
    time: datetime
    section: str  # such as ``realtime/china``
    text: str  # plain text of the body


def is_usable(folder: Path) -> bool:
    """Return whether an index is whole and of this version; if not, :func:`update_index` needs all stories."""
    return _read(folder) is not None


def update_index(folder: Path, changed: Iterable[IndexedStory], removed: Collection[str]) -> None:
    """Bring the index up to date. Readers find the old index or the new one.

    :param folder: if the index in it is not usable, a new one is begun
    :param changed: new and edited stories; all stories if the index is not usable
    :param removed: pages that are gone
    """
    segments, sections = _read(folder) or ([], [])
    folder.mkdir(parents=True, exist_ok=True)
    _bury(folder, segments, removed)
    for batch in _batches(changed, sections):
        _bury(folder, segments, {row.page for row in batch.rows})
        segments.append(batch.write(folder))
    if (first := _first_to_merge(segments)) is not None:
        merged = merge(folder, segments[first:])
        segments[first:] = [merged] if merged.stories else []
    for file in (_SCRIPT, TABLE):
        shutil.copyfile(file, folder / file.name)
    written = [asdict(replace(one, dead=steps_of(one.dead))) for one in segments]
    sizes = {"together": search_segments.TOGETHER, "part": search_segments.PART}
    index = {"format": _FORMAT, "sizes": sizes, "sections": sections, "segments": written}
    temporary = folder / "index.new"
    temporary.write_text(json.dumps(index, separators=(",", ":")), "utf-8")
    temporary.replace(folder / "index.json")
    for path in folder.iterdir():
        if path.is_dir() and path.name not in {one.name for one in segments}:
            shutil.rmtree(path)


def _read(folder: Path) -> tuple[list[Segment], list[str]] | None:
    try:
        index = json.loads((folder / "index.json").read_text("utf-8"))
        segments = [Segment(**one) for one in index["segments"]]
        for one in segments:
            one.dead = list(accumulate(one.dead))
        is_whole = all(size_of(folder / one.name) == (one.files, one.bytes) for one in segments)
        return (segments, list(index["sections"])) if is_whole and index["format"] == _FORMAT else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _batches(stories: Iterable[IndexedStory], sections: list[str]) -> Iterator[Batch]:
    batch = Batch()
    for story in stories:
        if story.section not in sections:
            sections.append(story.section)
        row = Row(story.page, int(story.time.timestamp() // 60), sections.index(story.section))
        inside = terms(story.title) | terms(story.text)
        batch.add(row, chain(inside, title_terms(story.title), [IN_SECTION + story.section]))
        if batch.size >= _BUFFER:
            yield batch
            batch = Batch()
    if batch.rows:
        yield batch


def _bury(folder: Path, segments: Iterable[Segment], pages: Collection[str]) -> None:
    """Mark stories of written segments as dead."""
    for segment in segments if pages else ():
        dead = {place for place, row in enumerate(rows_of(folder, segment)) if row.page in pages}
        segment.dead = sorted(dead.union(segment.dead))


def _first_to_merge(segments: Sequence[Segment]) -> int | None:
    newer, found = 0, None
    for place in reversed(range(len(segments))):
        one = segments[place]
        if len(one.dead) > _MOST_DEAD or (newer and one.stories <= max(_SMALL, _RATIO * newer)):
            found = place
        newer += one.stories
    return found
