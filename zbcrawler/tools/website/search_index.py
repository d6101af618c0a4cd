"""The search index of a built website: small files, of which a browser fetches only those that a query needs.

In ``search-index/`` of the website:

- ``index.json``: the number of ``stories``, of ``shards``, and of stories in a file (``together``).
- ``stories/K.json``: name of the page, title, time and section of each story; stories are numbered from the newest,
  which is 0.
- ``terms/K.json``: for each term the places of its stories: the first place, then the distance to each next place. A
  term of a title is there once more, with ``^`` before it. :func:`shard_of` gives the file of a term.
- ``search.js``: the script that reads these files. It finds terms and shards the same way; change both together.

Terms are pairs of characters, and words of letters and digits. Chinese has no blanks between words, and dictionaries
lack many words that readers look for, names above all. Pairs of characters need no dictionary: a search for 南中国海
finds the stories that have 南中, 中国 and 国海.
"""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import chain, pairwise
from pathlib import Path

from zbcrawler.archive import posts
from zbcrawler.common.errors import ArgumentError
from zbcrawler.tools.website.pages import ListedStory, label_of, read_post

_FOLDER = "search-index"
_SCRIPT = Path(__file__).with_name("search.js")
_TOGETHER = 500
_IN_TITLE = "^"
# About how many places a file of terms holds, and the possible numbers of such files.
_IN_SHARD = 10_000
_SHARDS = [2**power for power in range(4, 13)]
_PRIME = 65_521

_SEGMENT = re.compile(r"[^\W_]+")
# From U+2E80 on, no script of Unicode but Hangul has blanks between words.
_UNIT = re.compile("[\u2e80-\U0010ffff]|[^\u2e80-\U0010ffff]+")
_LONGEST = 40
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def write_index(root: Path, website: Path, stories: Sequence[ListedStory]) -> int:
    """Write the index of an archive's posts into the website that was built of them; return its size in bytes.

    :raises ArgumentError: if ``website`` is not built of this archive
    """
    newest = list(reversed(stories))
    if newest and not (website / "story" / f"{newest[0].page}.html").is_file():
        raise ArgumentError(f"{website}: has no page of story {newest[0].page}; build the site first")
    folder = website / _FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    places = _places(root, newest)
    count = sum(map(len, places.values()))
    shards = next((number for number in _SHARDS if count <= number * _IN_SHARD), _SHARDS[-1])
    files = chain(_story_files(newest), _term_files(places, shards))
    size = sum(_write(folder / name, value) for name, value in files)
    shutil.copyfile(_SCRIPT, folder / _SCRIPT.name)
    # The script fetches this file first, so it is written last.
    return size + _write(folder / "index.json", {"stories": len(newest), "shards": shards, "together": _TOGETHER})


def normal(text: str) -> str:
    """Return text for comparison: full-width letters and digits plain, capitals small, invisible characters removed."""
    # The small form of a sigma depends on its place in the word.
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).lower().replace("ς", "σ")


def terms(text: str) -> set[str]:
    """Return all terms of a text: ``1000亿美元`` has ``1000``, ``1000亿``, ``亿美`` and ``美元``."""
    found: set[str] = set()
    for segment in _SEGMENT.findall(normal(text)):
        units = [unit[:_LONGEST] for unit in _UNIT.findall(segment)]
        found.update(unit for unit in units if unit < "\u2e80")
        found.update(one + other for one, other in pairwise(units))
    return found


def shard_of(term: str, shards: int) -> int:
    """Return the number of the file that a term is in; ``shards`` is a power of two."""
    return reduce(lambda value, character: (value * 33 + ord(character)) % _PRIME, term, 0) % shards


def _places(root: Path, stories: Sequence[ListedStory]) -> dict[str, array[int]]:
    places: dict[str, array[int]] = defaultdict(lambda: array("I"))
    for place, story in enumerate(stories):
        post, titled = read_post(root, story), terms(story.title)
        for term in titled | terms(posts.text_of(post.body if post else ())):
            places[term].append(place)
        for term in titled:
            places[_IN_TITLE + term].append(place)
    return places


def _story_files(stories: Sequence[ListedStory]) -> Iterator[tuple[str, object]]:
    rows = [(one.page, one.title, f"{one.time:%Y-%m-%d %H:%M}", label_of(one.section)) for one in stories]
    for start in range(0, len(rows), _TOGETHER):
        yield f"stories/{start // _TOGETHER}.json", rows[start : start + _TOGETHER]


def _term_files(places: dict[str, array[int]], shards: int) -> Iterator[tuple[str, object]]:
    files: list[list[str]] = [[] for _ in range(shards)]
    for term in places:
        files[shard_of(term, shards)].append(term)
    for number, those in enumerate(files):
        yield f"terms/{number}.json", {term: [b - a for a, b in pairwise((0, *places[term]))] for term in sorted(those)}


def _write(path: Path, value: object) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.write_bytes(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
