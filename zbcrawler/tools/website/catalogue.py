"""The catalogue: what the website shows of each post, in one sqlite file beside the archive's other private files.

A build reads only posts whose file has changed, and finds by the catalogue which pages show them. ``todo`` holds the
pages that are still to be written, so the build after a killed one goes on. If the file is lost, all is built again.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from typing_extensions import Self

from zbcrawler.archive import disk
from zbcrawler.common.times import SINGAPORE
from zbcrawler.tools.report.coverage import PostCounts

_VERSION = 2
_SCHEMA = f"""
create table stories (path text primary key, stamp text, number text, page text, time int, day text, section text,
    title text, lead text, picture text, byline text, length int, published int) without rowid;
create index by_time on stories (time, path);
create index by_section on stories (section, time, path);
create index by_day on stories (day, section);
create index by_section_day on stories (section, day);
create index by_number on stories (number);
create table todo (kind text, name text, section text, primary key (kind, name, section)) without rowid;
create table edits (path text, time int, commit_id text, kind text, summary text, old_blob text, new_blob text,
    primary key (path, commit_id, kind)) without rowid;
create index edits_by_time on edits (time);
create table folders (path text primary key, stamp text) without rowid;
create table seen (path text primary key, time int) without rowid;
create table facts (name text primary key, value text) without rowid;
pragma user_version = {_VERSION};
"""
_COLUMNS = "path, page, time, section, title, lead, picture, byline"


class ListedStory(NamedTuple):
    """A story as the pages show it."""

    path: str  # of the post, from the archive's folder
    page: str  # the name of the story's page: the number; if an earlier story has it, the day and the number
    time: datetime  # the post's date, in Singapore's zone
    section: str  # such as ``realtime/china``
    title: str
    lead: str  # the first sentences
    picture: str  # the address of the first picture, unescaped; empty for none
    byline: str

    @classmethod
    def of(cls, row: Iterable[object]) -> Self:
        path, page, time, *texts = row
        when = datetime.fromtimestamp(int(str(time)), SINGAPORE)
        return cls(str(path), str(page), when, *map(str, texts))


class Catalogue:
    """The sqlite file; a file of another version, or a broken one, is begun anew."""

    def __init__(self, path: Path | None = None) -> None:
        """Open the file; without ``path``, a file that goes when it is closed."""
        self.path = path or Path()
        self.db = sqlite3.connect(path or "", isolation_level=None)
        try:
            is_known = self.db.execute("pragma user_version").fetchone()[0] == _VERSION
        except sqlite3.DatabaseError:
            is_known = False
        if not is_known:
            if path:
                self.db.close()
                disk.discard(path)
                self.db = sqlite3.connect(path, isolation_level=None)
            self.db.executescript(_SCHEMA)
        self.db.executescript("pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -32000;")

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Save all changes or none."""
        self.db.execute("begin")
        with self.db:
            yield

    def clear(self) -> None:
        """Forget everything."""
        for table in ("stories", "folders", "todo", "edits", "seen", "facts"):
            self.db.execute(f"delete from {table}")  # noqa: S608

    def forget_edits(self, where: str = "1", *values: str) -> None:
        """Remove the edits for which a condition of SQL is true, and mark the pages that show them."""
        for kind in ("story", "versions"):
            words = f"insert or ignore into todo select distinct ?, path, '' from edits where {where}"  # noqa: S608
            self.db.execute(words, [kind, *values])
        self.db.execute(f"delete from edits where {where}", values)  # noqa: S608

    def fact(self, name: str) -> str:
        found = self.db.execute("select value from facts where name = ?", [name]).fetchone()
        return str(found[0]) if found else ""

    def set_fact(self, name: str, value: str) -> None:
        self.db.execute("insert or replace into facts values (?, ?)", [name, value])

    def mark(self, kind: str, name: str = "", section: str = "") -> None:
        """Mark a page to be written."""
        self.db.execute("insert or ignore into todo values (?, ?, ?)", [kind, name, section])

    def mark_all(self, *kinds: str) -> None:
        """Mark all pages that show stories, and all posts as ``kinds``."""
        for words in (
            *(f"'{kind}', path, ''" for kind in ("story", *kinds)), "'day', day, ''", "'month', substr(day, 1, 7), ''",
            "'month', substr(day, 1, 7), section", "'section', section, ''",
        ):  # fmt: skip
            self.db.execute(f"insert or ignore into todo select distinct {words} from stories")  # noqa: S608
        self.db.execute("insert or ignore into todo select distinct 'versions', path, '' from edits")

    def marked(self, kind: str) -> Iterator[tuple[str, str]]:
        """Yield name and section of each marked page of a kind."""
        yield from self.db.execute("select name, section from todo where kind = ? order by name, section", [kind])

    def marked_stories(self) -> Iterator[tuple[str, bool]]:
        """Yield the path of each story whose page is marked, in the search's order, and whether to index the story."""
        yield from self.db.execute("""select path, exists (select 1 from todo one
                where one.kind = 'index' and one.name = path)
            from todo join stories on path = name where kind = 'story' order by time / 60 desc,
            case when page glob '*[^0-9]*' then -1 else cast(page as integer) end desc, page""")

    def count_marked(self, kind: str) -> int:
        return int(self.db.execute("select count(*) from todo where kind = ?", [kind]).fetchone()[0])

    def forget_marked(self) -> None:
        self.db.execute("delete from todo")

    def stories(self, where: str = "1", values: Iterable[object] = (), most: int = -1) -> Iterator[ListedStory]:
        """Yield the stories for which a condition of SQL is true, the newest first."""
        words = f"select {_COLUMNS} from stories where {where} order by time desc, path desc limit ?"  # noqa: S608
        yield from map(ListedStory.of, self.db.execute(words, [*values, most]))

    def counts(self) -> PostCounts:
        """Count what the report shows of the posts."""
        days: dict[str, Counter[date]] = defaultdict(Counter)
        for section, day, number in self.db.execute("select section, day, count(*) from stories group by section, day"):
            days[section][date.fromisoformat(day)] = number
        lengths: dict[str, Counter[int]] = defaultdict(Counter)
        words = "select section, length, count(*) from stories group by section, length"
        for section, length, number in self.db.execute(words):
            lengths[section][length] = number
        hours = "select (time + 8 * 3600) % 86400 / 3600, count(*) from stories group by 1"  # Singapore's
        waits = """select (seen.time - published) / 60, count(*) from seen join stories using (path)
            where seen.time >= published group by 1"""
        return PostCounts(days, lengths, *(Counter(dict(self.db.execute(words))) for words in (hours, waits)))

    def edits_of(self, path: str) -> tuple[int, datetime | None, str]:
        """Return the number of a story's edits, and the time and kind of the last one."""
        words = "select count(*), max(time), kind from edits where path = ?"
        count, time, kind = self.db.execute(words, [path]).fetchone()
        return count, datetime.fromtimestamp(time, SINGAPORE) if time else None, kind or ""

    def seen(self, path: str) -> datetime | None:
        """Return when a realtime run committed a post as new; None if no such run did, or nothing is known."""
        found = self.db.execute("select time from seen where path = ? and time is not null", [path]).fetchone()
        return datetime.fromtimestamp(found[0], SINGAPORE) if found else None

    def beside(self, section: str, time: int, path: str) -> tuple[ListedStory | None, ListedStory | None]:
        """Return the story before and the one after in a section."""
        found = []
        for sign, order in (("<", "desc"), (">", "")):
            words = f"""select {_COLUMNS} from stories where section = ? and (time, path) {sign} (?, ?)
                order by time {order}, path {order} limit 1"""  # noqa: S608
            row = self.db.execute(words, [section, time, path]).fetchone()
            found.append(ListedStory.of(row) if row else None)
        return found[0], found[1]

    def days(self, section: str = "", month: str = "") -> dict[str, int]:
        """Return the number of stories by day, the oldest first; only of a section, only of a month."""
        where, values = _of_section(section)
        words = f"select day, count(*) from stories where {where} and day between ? and ? group by day"  # noqa: S608
        return dict(self.db.execute(words, [*values, month, month + "~"]))

    def days_beside(self, period: str, section: str = "") -> tuple[str | None, str | None]:
        """Return the last day with stories before a day or month, and the first after it; only of a section."""
        where, values = _of_section(section)
        words = f"""select (select max(day) from stories where {where} and day < ?),
            (select min(day) from stories where {where} and day > ?)"""  # noqa: S608
        before, after = self.db.execute(words, [*values, period, *values, period + "~"]).fetchone()
        return before, after

    def pages(self, names: Iterable[str]) -> set[str]:
        """Return those of ``names`` that are pages of stories."""
        words = "select page from stories where number = ? or page = ?"
        return {page for name in names for (page,) in self.db.execute(words, [name.rpartition("-")[2], name])}

    def page_of(self, path: str) -> str:
        return str(self.db.execute("select page from stories where path = ?", [path]).fetchone()[0])

    def sections(self) -> dict[str, int]:
        """Return the number of stories by section."""
        return dict(self.db.execute("select section, count(*) from stories group by section"))


def _of_section(section: str) -> tuple[str, list[str]]:
    return ("section = ?", [section]) if section else ("1", [])
