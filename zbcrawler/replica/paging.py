"""Divide a listing into pages, as the editions do."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qs

from zbcrawler.replica.story import Card

PAGE_SIZE = 24


def page_of(
    cards: Sequence[Card], number: int, size: int = PAGE_SIZE, screen: int | None = None
) -> tuple[list[Card], bool]:
    """Return the entries of page ``number`` (from 0) and whether another page follows.

    The second page begins with the last entry of the first screen, because a new story has pushed it down.

    :param screen: number of entries of the first screen, if it is not that of a page
    """
    screen = screen or size
    repeated = [*cards[:screen], *cards[screen - 1 :]] if len(cards) > screen else list(cards)
    start = number * size
    return repeated[start : start + size], start + size < len(repeated)


def natural(query: str, name: str, usual: int) -> int:
    """Return the whole number of a parameter in a query, or the default if it is missing or absurd."""
    value = parse_qs(query).get(name, [""])[0]
    return int(value) if value.isascii() and value.isdigit() and len(value) < 7 else usual
