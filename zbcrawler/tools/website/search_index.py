"""The search index of a built site: small files, of which the browser fetches the few that a question needs.

In ``search-index/`` of the site:

- ``index.json``: how many ``stories`` and ``shards`` there are, and how many stories a file has (``together``).
- ``stories/K.json``: number, title, time and section of each story; stories are numbered from the newest, which is 0.
- ``terms/K.json``: by term (:mod:`zbcrawler.tools.website.terms`), in which stories it is: the first one's place, then
  how much further on each next is. A term in a title is there once more, behind ``^``. Which file a term is in
  follows from it (:func:`shard_of`).
- ``search.js``: what reads them.
"""

from __future__ import annotations

import json
import shutil
from array import array
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from zbcrawler.archive import posts
from zbcrawler.common.errors import ArgumentError, PostError
from zbcrawler.tools.website.stories import label_of
from zbcrawler.tools.website.terms import terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zbcrawler.tools.website.stories import SiteStory

FOLDER = "search-index"
_SCRIPT = Path(__file__).with_name("search.js")
_TOGETHER = 500
_IN_TITLE = "^"
# Places in a file of terms, about; and how few and how many files there may be.
_IN_SHARD = 10_000
_FEWEST, _MOST = 16, 4096
_PRIME = 65_521


def write_index(root: Path, site: Path, stories: Sequence[SiteStory]) -> int:
    """Write the index of an archive's posts into the site that was built of them.

    :param stories: of :func:`zbcrawler.tools.website.stories.read_stories`
    :returns: bytes written
    :raises ArgumentError: if ``site`` is no site of this archive
    :raises OSError: if a file cannot be read or written
    """
    newest = list(reversed(stories))
    if newest and not (site / "story" / f"{newest[0].number}.html").is_file():
        raise ArgumentError(f"{site}: has no page of story {newest[0].number}; build the site first")
    folder = site / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    places = _places(root, newest)
    shards = _shards(sum(map(len, places.values())))
    size = 0
    for name, value in (*_story_files(newest), *_term_files(places, shards)):
        size += _write(folder / name, value)
    shutil.copyfile(_SCRIPT, folder / _SCRIPT.name)
    # Last, because it is what the script asks for first.
    return size + _write(folder / "index.json", {"stories": len(newest), "shards": shards, "together": _TOGETHER})


def shard_of(term: str, shards: int) -> int:
    """In which of the files a term is.

    :param shards: a power of two
    """
    value = 0
    for character in term:
        value = (value * 33 + ord(character)) % _PRIME
    return value % shards


def _places(root: Path, stories: Sequence[SiteStory]) -> dict[str, array]:
    places: dict[str, array] = defaultdict(lambda: array("I"))
    for place, story in enumerate(stories):
        try:
            body = posts.read((root / story.path).read_text("utf-8")).body
        except (PostError, UnicodeDecodeError):  # scrapy verify says so of it
            body = []
        titled = terms(story.title)
        for term in titled | terms(posts.text_of(body)):
            places[term].append(place)
        for term in titled:
            places[_IN_TITLE + term].append(place)
    return places


def _shards(places: int) -> int:
    shards = _FEWEST
    while shards < _MOST and places > shards * _IN_SHARD:
        shards *= 2
    return shards


def _story_files(stories: Sequence[SiteStory]) -> Iterable[tuple[str, object]]:
    for start in range(0, len(stories), _TOGETHER):
        rows = [
            (story.number, story.title, f"{story.time:%Y-%m-%d %H:%M}", label_of(story.section))
            for story in stories[start : start + _TOGETHER]
        ]
        yield f"stories/{start // _TOGETHER}.json", rows


def _term_files(places: dict[str, array], shards: int) -> Iterable[tuple[str, object]]:
    files: list[list[str]] = [[] for _ in range(shards)]
    for term in places:
        files[shard_of(term, shards)].append(term)
    for number, those in enumerate(files):
        yield f"terms/{number}.json", {term: _steps(places[term]) for term in sorted(those)}


def _steps(places: array) -> list[int]:
    return [here - before for before, here in zip((0, *places), places, strict=False)]


def _write(path: Path, value: object) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.write_bytes(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
