"""The search index of the website: small files, of which a browser fetches only those that a query needs.

In ``search-index/`` of the website:

- ``index.json``: the sections, and the segments from the oldest to the newest. It is written last, so all that it names
  is there.
- a folder for each segment. New stories make a new segment, and small segments are merged, so there are few. A segment
  never changes, so a story in a newer segment replaces the same story in an older one, where it is then ``dead``.
- ``merge.json``: a merge that takes several updates; its folder is no segment before the merge is complete.
- ``search.js`` and ``traditional.txt``: the script that reads these files, and its table of characters.
"""

import json
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from itertools import accumulate
from pathlib import Path

from zbcrawler.common.processes import chunks
from zbcrawler.tools.website import search_segments
from zbcrawler.tools.website.search_merging import Merge, Source, begin_merge
from zbcrawler.tools.website.search_runs import RUN, IndexedStory, StoryRun, write_run
from zbcrawler.tools.website.search_segments import Segment, steps_of
from zbcrawler.tools.website.search_terms import TABLE

_FORMAT = 2
_SCRIPT = Path(__file__).with_name("search.js")
_INDEX, _MERGE = "index.json", "merge.json"
# A segment is merged with all newer ones if it has at most so many times the stories of those.
_RATIO = 8
_SMALL = 1000  # stories; a segment of so few is merged with new stories at once
_MOST_DEAD = 10_000  # index.json lists the dead of a segment
_GROUPS = 4  # of a merge in one update, some three seconds' work


def is_usable(folder: Path) -> bool:
    """Return whether an index is whole and of this version; if not, :func:`update_index` needs all stories."""
    return _read(folder) is not None


def runs_of(folder: Path, stories: Iterable[IndexedStory]) -> Iterator[StoryRun]:
    """Write the runs of stories in this process."""
    return (write_run(folder, chunk) for chunk in chunks(stories, RUN))


def update_index(folder: Path, runs: Sequence[StoryRun], removed: Collection[str]) -> None:
    """Bring the index up to date. Readers find the old index or the new one.

    :param folder: if the index in it is not usable, a new one is begun
    :param runs: new and edited stories, each once; all stories if the index is not usable
    :param removed: pages that are gone
    """
    segments, sections = _read(folder) or ([], [])
    folder.mkdir(parents=True, exist_ok=True)
    sections += sorted({section for run in runs for section in run.sections}.difference(sections))
    _bury(folder, segments, {*removed, *(row.page for run in runs if segments for row in run.rows(sections))})
    merge = _read_merge(folder, segments)
    merging = merge.sources if merge else []
    if runs:
        # A large update merges what is not larger, so the number of segments stays small while a merge goes on.
        kept, newer = len(segments), sum(run.stories for run in runs)
        while kept and segments[kept - 1].stories <= max(_SMALL, newer) and segments[kept - 1].name not in merging:
            kept -= 1
            newer += segments[kept].stories
        sources: list[Source] = [*(one.open(folder) for one in segments[kept:]), *runs]
        new = begin_merge(folder, sources, sections)
        new.advance(folder, sources, new.groups)
        segments[kept:] = [new.finish(folder, sources)]
    if merge:
        sources = [one.open(folder) for one in segments if one.name in merge.sources]
        merge.advance(folder, sources, _GROUPS + sum(run.stories for run in runs) // 50)
        if merge.is_done:
            place = [one.name for one in segments].index(merge.sources[0])
            segments[place : place + len(sources)] = [merge.finish(folder, sources)]
            merge = None
    elif (first := _first_to_merge(segments)) is not None:
        # The next update goes on, because to number a million stories takes some seconds, too.
        merge = begin_merge(folder, [one.open(folder) for one in segments[first:]], sections)
    _write(folder, [one for one in segments if one.stories > len(one.dead)], sections, merge)


def _write(folder: Path, segments: Sequence[Segment], sections: Sequence[str], merge: Merge | None) -> None:
    for file in (_SCRIPT, TABLE):
        shutil.copyfile(file, folder / file.name)
    written = [asdict(replace(one, dead=steps_of(one.dead))) for one in segments]
    sizes = {"together": search_segments.TOGETHER, "part": search_segments.PART}
    index = {"format": _FORMAT, "sizes": sizes, "sections": sections, "segments": written}
    (folder / _MERGE).unlink(missing_ok=True)
    for name, content in ((_MERGE, merge and asdict(merge)), (_INDEX, index)):
        if not content:
            continue
        temporary = folder / "index.new"
        temporary.write_text(json.dumps(content, separators=(",", ":")), "utf-8")
        temporary.replace(folder / name)
    names = {one.name for one in segments} | {merge.name if merge else ""}
    for path in folder.iterdir():
        if path.is_dir() and path.name not in names:
            shutil.rmtree(path)
        elif path.suffix == ".run":
            path.unlink()


def _read(folder: Path) -> tuple[list[Segment], list[str]] | None:
    try:
        index = json.loads((folder / _INDEX).read_text("utf-8"))
        segments = [Segment(**one) for one in index["segments"]]
        for one in segments:
            one.dead = list(accumulate(one.dead))
        is_whole = all(one.is_whole(folder) for one in segments)
        return (segments, list(index["sections"])) if is_whole and index["format"] == _FORMAT else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _read_merge(folder: Path, segments: Sequence[Segment]) -> Merge | None:
    """Return the merge that an earlier update has begun, None if there is none that can go on."""
    with suppress(OSError, ValueError, TypeError):
        merge = Merge(**json.loads((folder / _MERGE).read_text("utf-8")))
        if merge.is_whole(folder) and {one.name for one in segments}.issuperset(merge.sources):
            return merge
    return None


def _bury(folder: Path, segments: Iterable[Segment], pages: Collection[str]) -> None:
    """Mark stories of written segments as dead."""
    for segment in segments if pages else ():
        segment.dead = sorted({*segment.dead, *segment.open(folder).places_of(pages)})


def _first_to_merge(segments: Sequence[Segment]) -> int | None:
    newer, found = 0, None
    for place in reversed(range(len(segments))):
        one = segments[place]
        if len(one.dead) > _MOST_DEAD or (newer and one.stories <= _RATIO * newer):
            found = place
        newer += one.stories
    return found
