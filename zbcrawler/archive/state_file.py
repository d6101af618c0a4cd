"""The sqlite file of the run state. Files that are broken or of another version are begun anew."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from zbcrawler.archive.disk import BROKEN_FILE, check_is_broken, discard, make_way

_VERSION = 2  # files of another version are replaced, except those of version 1
_SCHEMA = f"""
create table planned (number text, kind text, path text, section text, known int, primary key (number, kind));
create table listed (number text, listing text, title text, time real, seen real, primary key (number, listing));
create table pages (number text primary key, url text, etag text, modified text, fetched real, published real);
create table retries (number text primary key, tries int, due real);
create table facts (name text primary key, value text);
pragma user_version = {_VERSION};
"""
_UPGRADE = f"alter table pages add column published real;\npragma user_version = {_VERSION};"
# The keys of the tables from which single rows are removed.
_KEYS = {"planned": "number = ? and kind = ?", "pages": "number = ?", "retries": "number = ?", "facts": "name = ?"}
_AGES = {"listed": "seen", "pages": "fetched", "retries": "due"}  # the columns that say how old a row is
_TIMEOUT_SECONDS = 30  # other runs hold the file for milliseconds


class StateFile:
    """Collect changes until :meth:`save`. Several runs may use one file, so each writes only the rows it changed."""

    def __init__(self, path: Path, dry_run: bool) -> None:
        self.path = path
        self.dry_run = dry_run
        # By table and key; None removes the row.
        self.changes: dict[tuple[str, tuple[str, ...]], tuple[object, ...] | None] = {}

    def read(self, load: Callable[[sqlite3.Connection], None]) -> bool:
        """Read the tables of the file, if it exists; if it is broken, remove it and return False."""
        if not os.path.lexists(self.path):
            return True
        try:
            if not self.path.is_file():
                raise ValueError("not a file")
            # SQLite may have to roll back changes of a killed run. It opens a file without permission only for reading.
            address = f"{self.path.absolute().as_uri()}?mode=rw"
            with closing(sqlite3.connect(address, uri=True, timeout=_TIMEOUT_SECONDS)) as file:
                if _version(file) not in (1, _VERSION):
                    raise sqlite3.DatabaseError("written by another version")
                load(file)
                # A wrong page of an index shows only when rows are written, and may hide them from the next run.
                if file.execute("pragma integrity_check(1)").fetchone() != ("ok",):
                    raise sqlite3.DatabaseError("is damaged")
        except BROKEN_FILE as error:
            check_is_broken(self.path, error, writes=not self.dry_run)
            if not self.dry_run:
                discard(self.path)
            return False
        return True

    def save(self, forget_before: datetime | None) -> bool:
        """Write the changes, and remove rows older than a time; False: the file was broken and has been replaced."""
        if self.dry_run or not self.changes:
            return True
        self.path.parent.mkdir(parents=True, exist_ok=True)
        is_whole = True
        try:
            make_way(self.path)
            self._write(forget_before)
        except BROKEN_FILE as error:
            check_is_broken(self.path, error, writes=True, saves=True)
            discard(self.path)
            is_whole = False
            try:
                self._write(forget_before)
            except sqlite3.Error as again:
                raise OSError(f"{self.path}: {again}") from again
        self.changes.clear()
        return is_whole

    def _write(self, forget_before: datetime | None) -> None:
        with closing(sqlite3.connect(self.path, timeout=_TIMEOUT_SECONDS, isolation_level=None)) as file:
            file.execute("begin immediate")
            if (version := _version(file)) != _VERSION:
                for statement in (_UPGRADE if version == 1 else _SCHEMA).strip().splitlines():
                    file.execute(statement)
            # Table and column names are constants; values are bound.
            for (table, key), values in self.changes.items():
                if values is None:
                    file.execute(f"delete from {table} where {_KEYS[table]}", key)  # noqa: S608
                else:
                    places = ", ".join("?" * len(key + values))
                    file.execute(f"insert or replace into {table} values ({places})", key + values)  # noqa: S608
            if forget_before:
                for table, column in _AGES.items():
                    file.execute(f"delete from {table} where {column} < ?", [forget_before.timestamp()])  # noqa: S608
            file.execute("commit")


def _version(file: sqlite3.Connection) -> int:
    return int(file.execute("pragma user_version").fetchone()[0])
