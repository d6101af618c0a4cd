"""Where an edition looks on a page, declared: each source looks in one place, and describes the place in words.

An edition names the sources of each field, best first; the first that has a value wins. Every source
looks only at the first thing it finds: later ones on a page belong to other stories. Landmarks are sources too:
a page where one of them finds something is of the edition.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from zbcrawler.editions.page import Page
from zbcrawler.editions.scripts import assigned, json_in, value_at
from zbcrawler.editions.selectors import text_of
from zbcrawler.editions.values import as_line

Reader = Callable[[Any], Any]


class Source(NamedTuple):
    """One place of a page.

    :ivar where: the place in words: a selector, or a path in a script's data
    :ivar read: the field's value there; something false (None, an empty text) if there is none
    """

    where: str
    read: Callable[[Page], Any]


class FieldValue(NamedTuple):
    """A value, and the place where it was found; both empty if no source had a value."""

    value: Any = None
    where: str = ""


def find(page: Page, sources: tuple[Source, ...]) -> FieldValue:
    """Return what the first successful source finds."""
    for source in sources:
        if value := source.read(page):
            return FieldValue(value, source.where)
    return FieldValue()


# -- landmarks ------------------------------------------------------------------------------------


def element(css: str) -> Source:
    """Return the landmark of an element."""
    return Source(css, lambda page: page.first(css) is not None)


def script(word: str) -> Source:
    """Return the landmark of a word that stands in no page of another edition, such as a script's variable."""
    return Source(f"script {word}", lambda page: page.contains(word))


def answer(*keys: str) -> Source:
    """Return the landmark of a JSON answer with all these values, each given as a path between dots."""
    return Source(
        f"JSON {' and '.join(keys)}",
        lambda page: page.json is not None and all(value_at(page.json, *key.split(".")) is not None for key in keys),
    )


# -- fields ---------------------------------------------------------------------------------------


def shown(css: str, read: Reader = as_line) -> Source:
    """Return the source that reads the text of the first element found."""
    return Source(css, lambda page: read(text_of(page.first(css))))


def each(css: str) -> Source:
    """Return the source that reads the texts of all elements found."""
    return Source(css, lambda page: tuple(filter(None, map(text_of, page.all(css)))))


def in_attribute(css: str, name: str, read: Reader = as_line) -> Source:
    """Return the source that reads an attribute of the first element found."""
    return Source(f"{css} @{name}", lambda page: read(_attribute(page, css, name)))


def in_meta(name: str, read: Reader = as_line) -> Source:
    """Return the source that reads the content of ``<meta property=NAME>``."""
    return Source(f"meta {name}", lambda page: read(page.meta(name)))


def in_linked_data(*path: str | int, read: Reader = as_line) -> Source:
    """Return the source that reads a value of the story's JSON-LD record."""
    return Source(f"JSON-LD {_dotted(path)}", lambda page: read(value_at(page.linked_data, *path)))


def in_variable(name: str, *path: str | int, read: Reader = as_line) -> Source:
    """Return the source that reads a value of the data that a script assigns to a variable."""
    return Source(f"script {name} {_dotted(path)}", lambda page: read(value_at(_variable(page, name), *path)))


def in_data_script(css: str, *path: str | int, read: Reader = as_line) -> Source:
    """Return the source that reads a value of the first JSON script, of those found, that has one at that path."""
    return Source(f"{css} {_dotted(path)}", lambda page: _first_read(page, css, path, read))


def _attribute(page: Page, css: str, name: str) -> Any:
    element = page.first(css)
    return None if element is None else element.get(name)


def _variable(page: Page, name: str) -> Any:
    return assigned(page.text, name) if page.contains(name) else None


def _first_read(page: Page, css: str, path: tuple[str | int, ...], read: Reader) -> Any:
    values = (read(value_at(json_in(script.text or ""), *path)) for script in page.all(css))
    return next((value for value in values if value), None)


def _dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(map(str, path))
