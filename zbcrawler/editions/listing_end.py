"""Tell an empty page behind the last one of a listing from a redesign: its frame is known."""

from collections.abc import Collection
from typing import Any
from zlib import crc32

from lxml.html import HtmlElement

from zbcrawler.editions.page import Page

_ALIKE = 0.8  # of the ways of two frames: a line such as 没有更多 may be added


def ways_of(page: Page, without: Collection[HtmlElement] = ()) -> set[int]:
    """Return hashes of the ways from the root to the elements of a page, by tags and the keys of opened data.

    :param without: elements that are left out, with all inside
    :raises PageTooHardError: if the page has more markup than any real page
    """
    ways: dict[Any, int] = {None: 0}  # the root has no parent
    for element in page.tree.iter("*"):
        if element not in without and (above := ways.get(element.getparent())) is not None:
            ways[element] = crc32(f"{element.tag} {element.get('key', '')}".encode(), above)
    return set(ways.values())


def is_same_frame(page: Page, other: Page, entries: Collection[HtmlElement]) -> bool:
    """Whether a page has the elements of another one, but for the entries of the other one."""
    ways, known = ways_of(page), ways_of(other, entries)
    return len(ways & known) >= _ALIKE * len(ways | known)
