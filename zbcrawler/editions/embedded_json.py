"""Read data in scripts: JSON-LD, and JSON inside JavaScript string literals."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from json import JSONDecoder
from typing import Any

_DECODER = JSONDecoder(strict=False)  # raw line breaks in strings are common (site-layouts 10)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_NOT_BLANK = re.compile(r"\S")
_WRAPPERS = re.compile(r"(?:\s|//|/\*|\*/|<!--|<!\[CDATA\[)*")  # may stand before the JSON; nothing behind it is read
_NEWS = re.compile(r"(?:News)?Article$")

# JavaScript allows more in a string than JSON does.
_JS_STRING = re.compile("|".join(rf"{mark}([^{mark}\\]*(?:\\.[^{mark}\\]*)*){mark}" for mark in "\"'`"), re.DOTALL)
_JS_ESCAPE = re.compile(r"""\\(?:u\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(\r\n|[\s\S]))""")
# A value that cannot be read costs a search to the end of the page. Pages have a few of either.
_MOST_ASSIGNMENTS, _MOST_PIECES = 20, 1_000
_JS_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}


def json_in(text: str, start: int = 0) -> Any:
    """Return the JSON value that begins at ``start``, after any blanks; None if there is none."""
    first = _NOT_BLANK.search(text, start)
    try:
        return _DECODER.raw_decode(text, first.start())[0] if first else None
    except (ValueError, RecursionError):  # a ValueError also for a number with more digits than Python reads
        return None


def news_article(scripts: Iterable[str]) -> dict[str, Any]:
    """Return the JSON-LD record of the story, each field from the first record that has it; empty if there is none."""
    records = list(chain.from_iterable(map(news_records, scripts)))
    return {name: value for record in reversed(records) for name, value in record.items() if value}


def news_records(script: str) -> Iterator[dict[str, Any]]:
    """Yield the records of articles in a JSON-LD script, in single records, lists and ``@graph``."""
    text = _WRAPPERS.sub("", script, count=1)
    value = json_in(text)
    # Control characters stand between the values too (site-layouts 10).
    value = json_in(_CONTROLS.sub("", text)) if value is None else value
    waiting = [value]  # a graph may be nested more deeply than Python may call
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += reversed(one)
        elif isinstance(one, dict):
            kinds = one.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if any(_NEWS.search(kind) for kind in kinds if isinstance(kind, str)):
                yield one
            waiting.append(one.get("@graph"))


def assigned(text: str, name: str) -> Any:
    """Return what a script assigns by ``name = JSON.parse("…")`` or ``name = {…}``; None if nothing."""
    assignments = re.finditer(re.escape(name) + r"""\s*=(?!=)\s*(JSON\.parse\(\s*)?""", text)
    for found in islice(assignments, _MOST_ASSIGNMENTS):
        value = json_in(js_string(text, found.end()) or "") if found[1] else json_in(text, found.end())
        if value is not None:
            return value
    return None


def pushed(text: str, name: str) -> str:
    """Return the texts that scripts pass in pieces, ``name([1,"…"])``, joined."""
    calls = re.finditer(re.escape(name) + r"\(\[\s*\d+\s*,\s*", text)
    pieces = (js_string(text, found.end()) for found in islice(calls, _MOST_PIECES))
    return "".join(filter(None, pieces))


def js_string(text: str, start: int) -> str | None:
    """Return the value of the JavaScript string literal at ``start``, up to its own closing quote."""
    if text[start : start + 1] == '"':
        with suppress(ValueError):  # the JSON decoder knows almost every escape, and is far faster
            return str(_DECODER.raw_decode(text, start)[0])
    if not (found := _JS_STRING.match(text, start)):
        return None
    written = _JS_ESCAPE.sub(_unescaped, found[found.lastindex or 0])
    # The halves of a surrogate pair are escapes of their own.
    return written.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescaped(escape: re.Match[str]) -> str:
    braced, byte, unit, simple = escape.groups()
    if simple is not None:
        return _JS_SIMPLE.get(simple, simple)
    code = int(braced or byte or unit, 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"


def value_at(value: Any, *path: str | int) -> Any:
    """Return what lies at ``path`` in a JSON value, None where the path breaks off."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value
