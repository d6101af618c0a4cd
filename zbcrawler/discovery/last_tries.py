"""Decide whether to try to learn unreadable pages: once a day, or when they look different."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from zbcrawler.common.errors import PageError
from zbcrawler.discovery.crawl_context import Crawl
from zbcrawler.editions import Page

_SAMPLE = 100  # hashes that stand for a page's skeleton
_LAST_TRY = "last try to learn a"
_PAUSE = timedelta(days=1)
_TRIES = 3  # in that time, if the page changes


def is_due(crawl: Crawl, kind: str, page: Page) -> bool:
    """Whether no try of the last day was about such a page; note this try."""
    now, state = crawl.clock.now(), crawl.state
    try:
        sample = _skeleton(page)
    except PageError:
        return False
    tries = 0
    with suppress(ValueError, KeyError, TypeError):  # of another version, or damaged
        last = json.loads(state.fact(f"{_LAST_TRY} {kind}"))
        if abs(now - datetime.fromisoformat(last["at"])) < _PAUSE:
            tries = last["tries"]
            if tries >= _TRIES or _is_alike(sample, last["skeleton"]):
                return False
    state.note_fact(f"{_LAST_TRY} {kind}", json.dumps({"at": now.isoformat(), "tries": tries + 1, "skeleton": sample}))
    return True


def _skeleton(page: Page) -> list[int]:
    """Return a sample of a page's skeleton: the smallest hashes of the ways from the root to its elements, by tags.

    :raises PageTooHardError: if the page has more markup than any real page
    """
    ways: dict[Any, int] = {}
    for element in page.tree.iter("*"):
        ways[element] = crc32(str(element.tag).encode(), ways.get(element.getparent(), 0))
    return sorted(set(ways.values()))[:_SAMPLE]


def _is_alike(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether two samples are of pages that share most of their skeletons."""
    sample = sorted({*one, *other})[:_SAMPLE]
    return 2 * sum(way in one and way in other for way in sample) >= len(sample)
