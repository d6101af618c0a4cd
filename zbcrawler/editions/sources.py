"""Where the fields of a page are found, declared: each source says in words where it looks, and looks there.

An edition names for each field its sources, best first; the first that has a value wins. Every source
looks at the first thing it finds only: what comes later on a page belongs to other stories.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from zbcrawler.common.text import one_line
from zbcrawler.editions.scripts import assigned, at, json_in
from zbcrawler.editions.selectors import text_of

if TYPE_CHECKING:
    from zbcrawler.editions.page import Page

Reader = Callable[[Any], Any]


class Source(NamedTuple):
    """One place of a page.

    :ivar where: the place in words: a selector, or a path in a script's data
    :ivar read: the field's value there; something false (None, an empty text) if there is none
    """

    where: str
    read: Callable[[Page], Any]


class FieldValue(NamedTuple):
    """A value, and the place that it was found at; both empty if no source had one."""

    value: Any = None
    where: str = ""


def find(page: Page, sources: tuple[Source, ...]) -> FieldValue:
    """Return what the first successful source finds."""
    for source in sources:
        if value := source.read(page):
            return FieldValue(value, source.where)
    return FieldValue()


def line(value: Any) -> str:
    """Return a text as one line; empty for anything else."""
    return one_line(value) if isinstance(value, str) else ""


def shown(css: str, read: Reader = line) -> Source:
    """Return the text of the first element that a selector finds."""
    return Source(css, lambda page: read(text_of(page.first(css))))


def each(css: str) -> Source:
    """Return the texts of all elements that a selector finds."""
    return Source(css, lambda page: tuple(filter(None, map(text_of, page.all(css)))))


def in_meta(name: str, read: Reader = line) -> Source:
    """Return the content of ``<meta property=NAME>``."""
    return Source(f"meta {name}", lambda page: read(page.meta(name)))


def in_linked_data(*path: str | int, read: Reader = line) -> Source:
    """Return a value of the story's JSON-LD record."""
    return Source(f"JSON-LD {_dotted(path)}", lambda page: read(at(page.linked_data, *path)))


def in_variable(name: str, *path: str | int, read: Reader = line) -> Source:
    """Return a value of the data that a script assigns to a variable."""
    return Source(f"script {name} {_dotted(path)}", lambda page: read(at(_variable(page, name), *path)))


def in_data_script(css: str, *path: str | int, read: Reader = line) -> Source:
    """Return a value of the first JSON script among those of a selector that has one at that place."""
    return Source(f"{css} {_dotted(path)}", lambda page: _first_read(page, css, path, read))


def _variable(page: Page, name: str) -> Any:
    return assigned(page.text, name) if page.says(name) else None


def _first_read(page: Page, css: str, path: tuple[str | int, ...], read: Reader) -> Any:
    values = (read(at(json_in(script.text or ""), *path)) for script in page.all(css))
    return next((value for value in values if value), None)


def _dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(map(str, path))
