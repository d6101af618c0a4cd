"""Find how an unknown listing goes on: addresses to ask for, and the place or the pattern that gave each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from zbcrawler.editions.learning.listed import Listed
from zbcrawler.editions.learning.selectors import steps
from zbcrawler.editions.learnt_listing import TEXT

_MOST = 6
_WORDS = re.compile(r"下一?[页頁]|更多|[后後]一?[页頁]|加载|[›»>→]|\b(?:next|more|older)\b", re.IGNORECASE)
_NAMES = re.compile(r"next|more|older|load|api|feed|source|src|url|pag(?:e|ing|er|ination)", re.IGNORECASE)
_ONE_NUMBER = re.compile(r"([\w-]{1,30})=(\d{1,4})")
_IN_PATH = re.compile(r"(/page/)(\d{1,4})/?$")
_ADDRESS = re.compile(r"(?:https?://|/|\?)[^\s<>\"']{1,300}")


class NextPage(NamedTuple):
    """A way that may lead from a listing to its next page."""

    address: str  # absolute
    place: str  # of the address on the page; empty if there is none
    pattern: str  # the address with N for the number, as ``ListingRules.next`` has it; empty if it has no number
    first: int


def next_pages(page: Listed) -> list[NextPage]:
    """Return the ways to try, the likeliest first."""
    found: dict[str, tuple[HtmlElement | None, str]] = {}
    usual = [(9, urljoin(page.page.address, f"?page={number}"), None, "") for number in (1, 2)]
    for _, address, element, name in sorted([*_links(page), *usual], key=lambda way: way[0]):
        found.setdefault(address, (element, name))
    return [
        NextPage(address, "" if element is None else _place(page, element, name), *pattern_of(page, address))
        for address, (element, name) in list(found.items())[:_MOST]
    ]


def pattern_of(page: Listed, address: str) -> tuple[str, int]:
    """Return the pattern of an address with the page's number, and the number; an empty pattern if it has none."""
    here, there = urlsplit(page.page.address), urlsplit(address)
    if there.path == here.path and (found := _ONE_NUMBER.fullmatch(there.query)):
        return f"?{found[1]}=N", int(found[2])
    if (found := _IN_PATH.search(there.path)) and there.path.startswith(here.path.rstrip("/") + found[1]):
        return f"{found[1]}N", int(found[2])
    return "", 1


def _links(page: Listed) -> Iterator[tuple[int, str, HtmlElement | None, str]]:
    """Yield how unlikely it is that an address is the next page's, the address, its element and attribute."""
    here = urlsplit(page.page.address)
    for element in page.elements:
        if not isinstance(element.tag, str):
            continue
        for name, text in [*element.attrib.items(), (TEXT if len(element) else "", element.text or "")]:
            if not _ADDRESS.fullmatch(text) or page.address(text) or name == "src":
                continue
            try:
                address = urljoin(page.page.address, text)
                there = urlsplit(address)
            except ValueError:
                continue
            if there[:2] != here[:2] or address == page.page.address:
                continue
            is_below = there.path.startswith(here.path.rstrip("/") + "/") or (there.path == here.path and there.query)
            names = f"{name} {element.get('key') or ''} {element.get('class') or ''} {element.get('id') or ''}"
            is_named = bool(_NAMES.search(names)) or bool(_WORDS.search("".join(islice(element.itertext(), 5))[:20]))
            is_numbered = bool(re.search(r"\d", there.query) or _IN_PATH.search(there.path))
            is_own = page.section in there.path or page.section in there.query
            if element.get("rel") == "next":
                yield 0, address, element, name
            elif (is_below and (is_numbered or is_named)) or (is_own and is_named and is_numbered):
                yield 3 - is_named - is_numbered + (not is_below), address, element, name


def _place(page: Listed, element: HtmlElement, attribute: str) -> str:
    """Return a place that reads this element and no other before it."""
    parent = element.getparent()
    above = steps(parent)[:4] if parent is not None else []
    own = [css for _, css in steps(element)[:4]]
    for css in [*own, *(f"{one} > {two}" for _, one in above for two in own)]:
        if next(iter(page.find(css)), None) is element:
            return f"{css} @{attribute}" if attribute else css
    return ""
