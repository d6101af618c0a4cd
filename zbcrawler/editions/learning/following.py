"""Find how an unknown listing may go on: addresses to ask for, and the declarations that may lead there."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from zbcrawler.editions.learning.boxes import ListingPage
from zbcrawler.editions.learning.selectors import selectors_of
from zbcrawler.editions.learnt_listing import story_in
from zbcrawler.editions.page import Page

_MOST = 6
_NAMES = re.compile(r"next|more|older|load|api|feed|page|下一?[页頁]|更多|[后後]一?[页頁]|加载|[›»>→]", re.IGNORECASE)
_COUNTED = re.compile(r"([\w-]{1,30})=([0-2])")
_NUMBER = re.compile(r"(?<=[=/])\d{1,4}$")
_ADDRESS = re.compile(r"(?:https?://|/|\?)[^\s<>\"']{1,300}")

Ways = dict[str, list[dict[str, Any]]]


def number_of(address: str) -> int:
    """Return the number of a page, or of its first entry, at the end of an address; 0 if there is none."""
    return int(found[0]) if (found := _NUMBER.search(address)) else 0


def ways_on(listing: ListingPage) -> Ways:
    """Return the addresses that may be the next page, the likeliest first, each with declarations of ``next``."""
    page = listing.page
    usual = [(3, urljoin(page.address, f"?page={number}"), None, "") for number in (1, 2)]
    ways: Ways = {}
    for _, address, element, attribute in sorted([*_links(page, listing.section), *usual], key=lambda link: link[0]):
        if address in ways or len(ways) == _MOST:
            continue
        names = selectors_of(element) if element is not None else []
        css = next((css for css in names if page.first(css) is element), "")
        ways[address] = [{"next": f"{css} @{attribute}" if attribute else css}] if css else []
        here, there = urlsplit(page.address), urlsplit(address)
        # A larger number counts entries.
        if there.path == here.path and (found := _COUNTED.fullmatch(there.query)):
            ways[address].append({"next": f"?{found[1]}=N", "first": int(found[2])})
    return ways


def _links(page: Page, section: str) -> Iterator[tuple[int, str, HtmlElement | None, str]]:
    """Yield how unlikely it is that an address is the next page's, the address, its element and attribute."""
    here = urlsplit(page.address)
    for element in page.tree.iter("*"):
        text = element.text or ""
        for name, value in [*element.items(), ("", "" if len(element) else text)]:
            if not _ADDRESS.fullmatch(value) or story_in(value):
                continue
            try:
                address = urljoin(page.address, value)
                there = urlsplit(address)
            except ValueError:
                continue
            if there[:2] != here[:2] or address == page.address:
                continue
            is_next = element.get("rel") == "next"
            words = (name, *(element.get(one) or "" for one in ("key", "class", "id")), text[:20])
            is_named = bool(_NAMES.search(" ".join(words)))
            is_below = there.path.startswith(here.path.rstrip("/") + "/") or (there.path == here.path and there.query)
            is_own = is_named and section in f"{there.path}?{there.query}"
            if is_next or ((is_below or is_own) and (is_named or number_of(address))):
                yield 3 - 3 * is_next - is_named - bool(number_of(address)), address, element, name
