"""A page with its data opened in place, so that every value of the page has a place in one tree.

JSON in scripts, in long attributes and inside other JSON becomes ``data`` elements, and so does HTML inside JSON. A
place is written as a CSS selector, perhaps with an attribute: ``script#state [key="title"]``, ``time @datetime``.
"""

import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property, lru_cache
from itertools import islice
from json import JSONDecoder
from typing import Any
from urllib.parse import unquote

import chompjs
from lxml.html import HtmlElement, builder

from zbcrawler.common.markup import MOST_TAGS, drop_refused, parse_fragment
from zbcrawler.editions.embedded_json import js_string, json_in
from zbcrawler.editions.page import Page, all_of

_DECODER = JSONDecoder(strict=False)
# A value in a script: the name that it is assigned to, or the function that it is passed to.
_IN_SCRIPT = re.compile(
    r"""(?<![\w$.])([\w$.]{1,80})["'\]]?\s{0,9}(?:[=(]|(?<=return))\s{0,9}(?:[\w$.]{1,40}\(\s{0,9}){0,4}(?=["'`{\[])"""
)
_MOST_VALUES = 200  # of a script that are looked at
# Characters of a page that cannot be read as JavaScript, before no more are tried: chompjs never frees their memory.
_MOST_JAVASCRIPT = 5_000_000
_SHORTEST = 40  # characters of data that is worth opening
_SHORTEST_ATTRIBUTE, _SHORTEST_OBJECT = 100, 20
_DEEPEST = 60
_HAN = re.compile(r"[\u3400-\u9fff]|\\u[4-9][0-9a-fA-F]{3}|%[eE][4-9]%|%5[cC]u|[A-Za-z0-9+/]{200}")
# Short values for machines: names, numbers, times. Addresses are none.
_IDENTIFIER = re.compile(r"[\w.:+-]{1,60}", re.ASCII)
_NOT_A_NAME = re.compile(r"[^a-z0-9_-]")
_TAGS = (
    "p|div|[bh]r|pre|iframe|h[1-6]|span|figure|img|article|section|[uo]l|table|blockquote|strong|[abiu]|em|font|su[bp]"
)
_MARKUP = re.compile(rf"<(?:{_TAGS})\b[^<>]*>", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:[a-z]{2,6}|#\d{2,6}|#x[0-9a-f]{2,6});")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_FLIGHT_ROW = re.compile(r"^[0-9a-f]{1,6}:", re.MULTILINE)


class ExpandedPage(Page):
    """A page whose tree shows the data of its scripts and attributes as elements."""

    @cached_property
    def tree(self) -> HtmlElement:
        opener = _Opener()
        if self.json is not None:
            return builder.E.html(opener.element(self.json))
        tree = Page(self.address, self.text).tree
        opener.open_attributes(tree)
        opener.open_scripts(tree)
        return tree

    def all(self, css: str) -> list[HtmlElement]:
        # The data may be escaped in the page's text, so the text does not show what a selector cannot find.
        if css not in self._found:
            self._found[css] = all_of(self.tree, css)
        return self._found[css]

    def forget(self) -> None:
        """Forget what selectors found, because the tree has changed."""
        self._found.clear()


@lru_cache(maxsize=1)
def expand(page: Page) -> ExpandedPage:
    """Return a page with its data opened; one page is kept."""
    return ExpandedPage(page.address, page.text)


class _Opener:
    """Opens the data of one page, up to the number of elements that a page may have."""

    def __init__(self) -> None:
        self._left = MOST_TAGS
        self._unread = _MOST_JAVASCRIPT

    def open_scripts(self, tree: HtmlElement) -> None:
        pushed: dict[str, list[str]] = {}
        for script in list(tree.iter("script")):
            text, script.text = script.text or "", None
            if len(text) < _SHORTEST or not _HAN.search(text):
                continue
            value = json_in(text)
            found = iter([("", value)]) if isinstance(value, (dict, list)) else self._values_in(text)
            for name, one in found:
                if isinstance(one, list) and len(one) == 2 and isinstance(one[0], int) and isinstance(one[1], str):
                    pushed.setdefault(name, []).append(one[1])
                else:
                    script.append(self.element(one, name))
            if len(script) == 0:
                script.text = drop_refused(text)
        for name, pieces in pushed.items():  # a stream of rows, each a number and a JSON value
            text = "".join(pieces)
            rows = [json_in(text, row.end()) for row in islice(_FLIGHT_ROW.finditer(text), _MOST_VALUES)]
            tree.append(self.element([row for row in rows if isinstance(row, (dict, list))] or text, name))

    def _values_in(self, text: str) -> Iterator[tuple[str, Any]]:
        """Yield the data that a script assigns or passes, with their names."""
        end = 0
        for found in islice(_IN_SCRIPT.finditer(text), _MOST_VALUES):
            start = found.end()
            if start < end:
                continue
            if text[start] in "\"'`":
                value, end = js_string(text, start), start
            else:
                value, end = self._object_in(text, start)
            if value and len(written := str(value)) >= _SHORTEST and _HAN.search(written):
                yield found[1], value

    def _object_in(self, text: str, start: int) -> tuple[Any, int]:
        """Return the object or list that begins at ``start``, and its end as far as known; None if there is none."""
        with suppress(ValueError, RecursionError):
            return _DECODER.raw_decode(text, start)
        if self._unread > 0:
            with suppress(ValueError, RecursionError):  # names without quotes, and whatever else JavaScript allows
                return chompjs.parse_js_object(text[start:]), start
            self._unread -= len(text) - start
        return None, start

    def open_attributes(self, tree: HtmlElement) -> None:
        for element in list(tree.iter()):
            for name, value in element.items() if isinstance(element.tag, str) else ():
                least = _SHORTEST_OBJECT if value[:1] in ("{", "[") else _SHORTEST_ATTRIBUTE
                if len(value) > least and _HAN.search(value) and _opened(value) is not None:
                    element.insert(0, self.element(value, name))

    def element(self, value: Any, key: str = "", depth: int = 0) -> HtmlElement:
        """Return a JSON value as an element."""
        self._left -= 1
        found: HtmlElement = builder.E.data(**({"key": drop_refused(key)} if key else {}))
        if self._left < 0 or depth > _DEEPEST:
            return found
        if isinstance(value, dict):
            for name, one in value.items():
                if name == "alt" or (isinstance(one, (str, int, float)) and _IDENTIFIER.fullmatch(str(one))):
                    found.set(_attribute(str(name)), drop_refused(str(one)))
                elif one is not None and self._left > 0:
                    found.append(self.element(one, str(name), depth + 1))
        elif isinstance(value, list):
            for one in value[: max(self._left, 0)]:
                if self._left > 0:
                    found.append(self.element(one, "", depth + 1))
        elif isinstance(value, str):
            self._fill(found, value, depth)
        return found

    def _fill(self, element: HtmlElement, text: str, depth: int) -> None:
        opened = _opened(text)
        if isinstance(opened, (dict, list)):
            element.append(self.element(opened, "", depth + 1))
        elif isinstance(opened, HtmlElement):
            self._left -= sum(1 for _ in opened.iter())
            if len(text) < _SHORTEST_ATTRIBUTE:
                element.set("raw", drop_refused(text))
            if self._left > 0:
                element.text = opened.text
                element.extend(list(opened))
        else:
            lines = [drop_refused(line) for line in text.replace("\r\n", "\n").split("\n")]
            element.text = lines[0]
            for line in lines[1:][: max(self._left, 0)]:
                self._left -= 1
                element.append(builder.E.br())
                element[-1].tail = line


def _opened(text: str) -> Any:
    """Return the data or the HTML that a text holds, None if it is nothing but a text."""
    start = text.lstrip()[:1]
    if start in ("{", "[") and isinstance(value := json_in(text), (dict, list)):
        return value
    if _MARKUP.search(text) or _REFERENCE.search(text):
        return parse_fragment(text)
    if len(text) > _SHORTEST_ATTRIBUTE and (plain := _decoded(text)) != text:
        opened = _opened(plain)
        return parse_fragment(f"<p>{plain}</p>") if opened is None else opened
    return None


def _decoded(text: str) -> str:
    if 20 * text.count("%") > len(text) and " " not in text and not text.startswith(("http", "/")):
        return unquote(text)
    if _BASE64.fullmatch(text):
        try:
            return b64decode(text.translate({45: 43, 95: 47}) + "==").decode()
        except ValueError:
            return text
    return text


def _attribute(name: str) -> str:
    name = _NOT_A_NAME.sub("_", name.lower())
    if name == "key":
        return "_key"
    return name if name[:1].isalpha() or name[:1] == "_" else f"_{name}"
