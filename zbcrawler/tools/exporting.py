"""Write all stories of an archive into one file, for people who count: JSON lines, or SQLite with full-text search.

Datasette asks the index of an SQLite file for ``"大桥"``, as one token if a person types it. No tokenizer of SQLite
takes Chinese text apart, so the index gets all sequences of one to four Chinese characters as tokens of their own.
"""

import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from operator import concat
from pathlib import Path
from typing import Any

from zbcrawler.archive import Archive, ArchivedStory

_LONGEST_TOKEN = 4  # Chinese characters; a word in other letters counts as one
_SCHEMA = """
pragma journal_mode = off;
pragma synchronous = off;
create table stories (id integer primary key, number text, time text, section text, title text, text text,
    pictures text, byline text, address text);
create virtual table stories_fts using fts5 (title, text, content="stories", content_rowid="id", detail=column,
    columnsize=0, tokenize="unicode61 categories 'L* N* Co P* S*'");
insert into stories_fts (stories_fts, rank) values ('hashsize', 33554432);
"""
_INSERT = """insert into stories (number, time, section, title, text, pictures, byline, address)
    values (:number, :time, :section, :title, :text, :pictures, :byline, :address)"""
_INDEX = "insert into stories_fts (rowid, title, text) values (?, ?, ?)"
_AT_THE_END = "create index stories_time on stories (time); create index stories_section on stories (section);"
_HAN = "\\u3005\\u3007\\u3400-\\u9fff\\U00020000-\\U0003ffff"
_RUN = re.compile(r"\w(?:[\w.&'+/-]*\w)?")
_UNIT = re.compile(rf"[{_HAN}]|[^{_HAN}]+")
_WORD = re.compile(rf"[^\W{_HAN}]+")


def export_stories(root: Path, add: Callable[[dict[str, Any]], None]) -> Iterator[str]:
    """Add the stories of an archive, oldest day first; yield for each post why it cannot be read, empty if it can."""
    failures: list[str] = []
    for story in Archive(root).stories(broken=failures.append):
        add(row_of(story))
        yield from (*failures, "")
        failures.clear()
    yield from failures


def row_of(story: ArchivedStory) -> dict[str, Any]:
    return {
        "number": story.number,
        "time": story.published.isoformat(),
        "section": story.section,
        "title": story.title,
        "text": story.text,
        "pictures": story.pictures,
        "byline": story.byline or None,
        "address": story.url,
    }


@contextmanager
def story_file(path: Path) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Yield the function that adds a row. The file is there when all rows are; after an error the old file stays.

    :raises OSError, sqlite3.Error: if the file cannot be written
    """
    path = path.resolve()
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with KINDS[path.suffix](part) as add:
            yield add
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _json_lines(path: Path) -> Iterator[Callable[[dict[str, Any]], None]]:
    with path.open("w", encoding="utf-8") as file:
        yield lambda row: print(json.dumps(row, ensure_ascii=False), file=file)


@contextmanager
def _sqlite(path: Path) -> Iterator[Callable[[dict[str, Any]], None]]:
    with closing(sqlite3.connect(path)) as file:
        file.executescript(_SCHEMA)

        def add(row: dict[str, Any]) -> None:
            values = {**row, "pictures": json.dumps(row["pictures"], ensure_ascii=False)}
            place = file.execute(_INSERT, values).lastrowid
            file.execute(_INDEX, (place, tokens_of(row["title"]), tokens_of(row["text"])))

        yield add
        file.executescript(_AT_THE_END)


KINDS: dict[str, Callable[[Path], AbstractContextManager[Callable[[dict[str, Any]], None]]]] = {
    ".jsonl": _json_lines,
    ".sqlite": _sqlite,
}


def tokens_of(text: str) -> str:
    """Return what the index gets of a text: words, and all short sequences of Chinese characters and words."""
    found = set(_WORD.findall(text))
    for run in _RUN.findall(text):
        units = sequences = _UNIT.findall(run)
        for size in range(1, _LONGEST_TOKEN + 1):
            found.update(sequences)
            sequences = list(map(concat, sequences, units[size:]))
    return " ".join(found)
