"""How the builds cut a listing into pages."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zbcrawler.replica.story import Card

PAGE_SIZE = 24


def page_of(
    cards: Sequence[Card], number: int, size: int = PAGE_SIZE, screen: int | None = None
) -> tuple[list[Card], bool]:
    """Return the entries of page ``number`` (from 0) and whether another page follows.

    What follows the first screen begins with its last entry: a story was pushed down meanwhile.

    :param screen: how many entries the first screen shows, if that is not one page
    """
    screen = screen or size
    repeated = [*cards[:screen], *cards[screen - 1 :]] if len(cards) > screen else list(cards)
    start = number * size
    return repeated[start : start + size], start + size < len(repeated)


def natural(query: str, name: str, usual: int) -> int:
    """Return the whole number that a query gives for a name; the usual one if it gives none, or an absurd one."""
    value = parse_qs(query).get(name, [""])[0]
    return int(value) if value.isascii() and value.isdigit() and len(value) < 7 else usual
