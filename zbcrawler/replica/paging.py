"""How both builds cut a listing into pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zbcrawler.replica.story import Card

PAGE_SIZE = 24


def page_of(cards: Sequence[Card], number: int) -> tuple[list[Card], bool]:
    """The entries of page ``number`` (from 0) and whether another page follows.

    The second page begins with the last entry of the first: a story was pushed down meanwhile.
    """
    repeated = [*cards[:PAGE_SIZE], *cards[PAGE_SIZE - 1 :]] if len(cards) > PAGE_SIZE else list(cards)
    start = number * PAGE_SIZE
    return repeated[start : start + PAGE_SIZE], start + PAGE_SIZE < len(repeated)
