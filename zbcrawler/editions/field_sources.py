"""The places where an edition finds fields: each source reads one place of a page, and names the place in words.

An edition declares the sources of each field, best first; the first that has a value wins. Every source but
:func:`each` reads only the first match, because later matches on a page belong to other stories. Landmarks are
sources too: a page in which a landmark of an edition finds something is of that edition.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from lxml.html import HtmlElement

from zbcrawler.cleaning.links import picture_address
from zbcrawler.common.text import letters, one_line
from zbcrawler.common.times import epoch_time, listing_time, machine_time, shown_time, time_of_parts
from zbcrawler.editions.embedded_json import assigned, json_in, value_at
from zbcrawler.editions.page import Page, figure, text_of

Reader = Callable[[Any], Any]

_BYLINE_LABEL = re.compile(r"^\s*(?:文|作者|记者)\s*[/／：:]\s*")
_PLACE = re.compile(r"(.+?)(?: @([\w:.-]+(?:\(\))?))?", re.DOTALL)
OWN_TEXT = "text()"  # stands in a place for the text before an element's first child
_LONGEST_TIME = 80  # characters
_NEWSPAPER = frozenset({"联合早报", "联合早报网", "早报", "zaobao"})


class Source(NamedTuple):
    """One place of a page."""

    where: str  # the place in words: a selector, or a path in a script's data
    read: Callable[[Page], Any]  # the field's value there; something false (None, an empty text) if there is none


class FieldValue(NamedTuple):
    """A value, and the place where it was found; both empty if no source had a value."""

    value: Any = None
    where: str = ""


def find(page: Page, sources: tuple[Source, ...]) -> FieldValue:
    """Return what the first successful source finds."""
    found = (FieldValue(source.read(page), source.where) for source in sources)
    return next((value for value in found if value.value), FieldValue())


def as_line(value: Any) -> str:
    """Return a text as one line; empty for anything else."""
    return one_line(value) if isinstance(value, str) else ""


def byline(value: Any, deepest: int = 5) -> str:
    """Return who wrote a story, from a text, a JSON-LD person or nested lists; empty if it is just the newspaper."""
    if isinstance(value, dict):
        value = value.get("name")
    if isinstance(value, (list, tuple)):
        names = (byline(one, deepest - 1) for one in value if deepest)
        return "、".join(dict.fromkeys(filter(None, names)))
    name = _BYLINE_LABEL.sub("", as_line(value))
    return "" if letters(name).lower() in _NEWSPAPER else name


def keywords(value: Any) -> tuple[str, ...]:
    """Return keywords, from a list of texts or of records with a name, or from one text with commas."""
    if isinstance(value, str):
        value = re.split("[,，、;；]", value)
    names = (one.get("name") if isinstance(one, dict) else one for one in value) if isinstance(value, list) else ()
    return tuple(dict.fromkeys(name for one in names if (name := as_line(one))))


def address_in(value: Any) -> Any:
    """Return the address of a JSON-LD image, or of the first of several, of any type."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value.get("url") if isinstance(value, dict) else value


def image(value: Any) -> str:
    """Return the address of the same, or of an address; empty for the site's default picture."""
    address = address_in(value)
    return picture_address(figure(address)[0]) or "" if isinstance(address, str) else ""


def element(css: str) -> Source:
    """Return the landmark of an element."""
    return Source(css, lambda page: page.first(css) is not None)


def script(word: str) -> Source:
    """Return the landmark of a word that stands in no other edition's pages, such as a script's variable."""
    return Source(f"script {word}", lambda page: page.contains(word))


def answer(*keys: str) -> Source:
    """Return the landmark of a JSON answer with all these values, each given as a path between dots."""
    return Source(
        f"JSON {' and '.join(keys)}",
        lambda page: page.json is not None and all(value_at(page.json, *key.split(".")) is not None for key in keys),
    )


def shown(place: str, read: Reader = as_line) -> Source:
    """Return the source that reads the first element of a place: its text, or an attribute as in ``time @datetime``."""
    css, attribute = place_of(place)
    return Source(place, lambda page: read("" if (found := page.first(css)) is None else value_in(found, attribute)))


def each(css: str) -> Source:
    """Return the source that reads the texts of all elements found."""
    return Source(css, lambda page: tuple(filter(None, map(text_of, page.all(css)))))


def in_meta(name: str, read: Reader = as_line) -> Source:
    """Return the source that reads the content of ``<meta property=NAME>``."""
    return Source(f"meta {name}", lambda page: read(page.meta(name)))


def in_linked_data(*path: str | int, read: Reader = as_line) -> Source:
    """Return the source that reads a value of the story's JSON-LD record."""
    return Source(f"JSON-LD {'.'.join(map(str, path))}", lambda page: read(value_at(page.linked_data, *path)))


def in_variable(name: str, *path: str | int, read: Reader = as_line) -> Source:
    """Return the source that reads a value of the data that a script assigns to a variable."""
    return Source(
        f"script {name} {'.'.join(map(str, path))}",
        lambda page: read(value_at(assigned(page.text, name), *path)) if page.contains(name) else None,
    )


def in_data_script(css: str, *path: str, read: Reader = as_line) -> Source:
    """Return the source that reads the value at a path, from the first JSON script found that has such a value."""

    def read_first(page: Page) -> Any:
        scripts = page.all(css) if page.contains(path[0]) else ()
        return next(filter(None, (read(value_at(json_in(script.text or ""), *path)) for script in scripts)), None)

    return Source(f"{css} {'.'.join(path)}", read_first)


def place_of(text: str) -> tuple[str, str]:
    """Return the selector and the attribute (empty: the text) of a place."""
    found = _PLACE.fullmatch(text)
    return (found[1], found[2] or "") if found else (text, "")


def value_in(element: HtmlElement, attribute: str) -> str:
    """Return an element's text as one line, or the value of an attribute."""
    if attribute:
        return one_line((element.text if attribute == OWN_TEXT else element.get(attribute)) or "")
    # A headline in data may look like HTML.
    return one_line(element.get("raw") or "") if element.tag == "data" and element.get("raw") else text_of(element)


def any_time(value: object, now: datetime | None = None) -> datetime | None:
    """Read a time in any form that the site has used (aware), also in those of a listing that was fetched ``now``."""
    return epoch_time(value) or (listing_time(value, now) if now else shown_time(value))


def time_source(declared: Mapping[str, str]) -> Source:
    """Return the source of a time: ``at`` a place, in a known form, or with the ``parts`` of its numbers in order."""
    where, read = shown(declared["at"])
    parts = declared.get("parts", "").split()

    def read_time(page: Page) -> datetime | None:
        text = read(page)
        if len(text) > _LONGEST_TIME:  # a box with more than a time, perhaps with another story's
            return None
        return time_of_parts(text, parts, page.now) if parts else any_time(text, page.now)

    return Source(where, read_time)


class Linked:
    """Sources that most editions share: the story's JSON-LD record, and the ``og:`` tags."""

    HEADLINES = (in_linked_data("headline"), in_meta("og:title"))
    PUBLISHED = in_linked_data("datePublished", read=machine_time)
    UPDATED = in_linked_data("dateModified", read=machine_time)
    AUTHOR = in_linked_data("author", read=byline)
    KEYWORDS = in_linked_data("keywords", read=keywords)
    IMAGE = in_linked_data("image", read=image)
    SHARED_IMAGE = in_meta("og:image", image)
