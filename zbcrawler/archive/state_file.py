"""The sqlite file of the state of the runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

# Files of another version are begun anew.
_VERSION = 1
_SCHEMA = f"""
create table planned (number text, kind text, path text, section text, known int, primary key (number, kind));
create table listed (number text, listing text, title text, time real, seen real, primary key (number, listing));
create table pages (number text primary key, url text, etag text, modified text, fetched real);
create table retries (number text primary key, tries int, due real);
create table facts (name text primary key, value text);
pragma user_version = {_VERSION};
"""
_KEYS = {
    "planned": ("number", "kind"),
    "listed": ("number", "listing"),
    "pages": ("number",),
    "retries": ("number",),
    "facts": ("name",),
}
# The columns that say how old a row is.
_AGES = {"listed": "seen", "pages": "fetched", "retries": "due"}
# Seconds; the other kind of run holds the file for milliseconds.
_PATIENCE = 30


class StateFile:
    """Keeps changes until :meth:`save`. Two kinds of runs may use one file: each writes only the rows it changed."""

    def __init__(self, path: Path, dry_run: bool) -> None:
        self.path = path
        self.dry_run = dry_run
        self.changes: dict[tuple[str, tuple[str, ...]], tuple[object, ...] | None] = {}

    def change(self, table: str, key: tuple[str, ...], values: tuple[object, ...] | None) -> None:
        """Change a row; None removes it."""
        self.changes[table, key] = values

    def read(self, take: Callable[[sqlite3.Connection], None]) -> bool:
        """Read the file, if there is one.

        :param take: reads the tables
        :returns: False if the file was broken; it is removed then
        :raises OSError: if the file cannot be opened
        """
        if not self.path.is_file():
            return True
        try:
            try:
                # A run without news opens no file for writing.
                self._read("ro", take)
            except sqlite3.OperationalError:
                # A killed run may have left something to roll back.
                self._read("rw", take)
        except sqlite3.OperationalError as error:
            raise OSError(f"{self.path}: {error}") from error
        except (sqlite3.Error, ValueError, TypeError, OverflowError):
            if not self.dry_run:
                self.path.unlink(missing_ok=True)
                self.path.with_name(f"{self.path.name}-journal").unlink(missing_ok=True)
            return False
        return True

    def save(self, forget_before: datetime | None) -> None:
        """Write the changes, whole or not at all, and remove rows that are older than a time.

        :raises OSError: if the file cannot be written; another call tries again
        """
        if self.dry_run or not self.changes:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with closing(sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)) as file:
                file.execute("begin immediate")
                if not _is_current(file):
                    for statement in _SCHEMA.strip().splitlines():
                        file.execute(statement)
                for (table, key), values in self.changes.items():
                    _write(file, table, key, values)
                if forget_before:
                    for table, column in _AGES.items():
                        file.execute(f"delete from {table} where {column} < ?", [forget_before.timestamp()])  # noqa: S608
                file.execute("commit")
        except sqlite3.Error as error:
            raise OSError(f"{self.path}: {error}") from error
        self.changes.clear()

    def _read(self, mode: str, take: Callable[[sqlite3.Connection], None]) -> None:
        address = f"{self.path.absolute().as_uri()}?mode={mode}"
        with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE)) as file:
            if not _is_current(file):
                raise sqlite3.DatabaseError("written by another version")
            take(file)


def _is_current(file: sqlite3.Connection) -> bool:
    return bool(file.execute("pragma user_version").fetchone() == (_VERSION,))


# The names of tables and columns are those above; values are bound.
def _write(file: sqlite3.Connection, table: str, key: tuple[str, ...], values: tuple[object, ...] | None) -> None:
    if values is None:
        wanted = " and ".join(f"{name} = ?" for name in _KEYS[table])
        file.execute(f"delete from {table} where {wanted}", key)  # noqa: S608
        return
    row = (*key, *values)
    file.execute(f"insert or replace into {table} values ({', '.join('?' * len(row))})", row)  # noqa: S608
