"""Read spider arguments. Each reader takes text, and raises a :class:`ValueError` that says what to write."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from typing import Any

from zbcrawler.common.addresses import TREES, StoryAddress
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.text import excerpt

_SECTION = re.compile(r"[a-z0-9-]+(?:/[a-z0-9-]+)*", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
_DURATION = re.compile(r"([1-9][0-9]{0,3})([hd])", re.ASCII)


def read_arguments(readers: Mapping[str, Callable[[str], Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """Read the arguments of a spider, each with its reader.

    :raises ArgumentError: if an argument is unknown or its value is not allowed; the message is one line
    """
    for name in given:
        if name not in readers:
            raise ArgumentError(f"{name}: unknown argument; allowed: {', '.join(readers)}")
    values = {}
    for name, text in given.items():
        try:
            values[name] = readers[name](str(text).strip())
        except ValueError as error:
            raise ArgumentError(f"{name}={excerpt(text)}: {error}") from error
    return values


def sections(text: str) -> tuple[str, ...]:
    """Read ``china,world``: paths under ``/realtime/``, without repetitions, in the order given."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    if not all(_SECTION.fullmatch(name) for name in names):
        raise ValueError("write section paths such as china,world,singapore: a-z, 0-9, - and / between commas")
    return names


def story_sections(text: str) -> tuple[str, ...]:
    """Read ``realtime/china,news/china``: paths of sections; ``china`` stands for these two."""
    names = [name if "/" in name else f"{tree}/{name}" for tree in TREES for name in sections(text)]
    return tuple(dict.fromkeys(names))


def count(text: str, most: int = 10_000) -> int:
    """Read a whole number from 1 to 10,000."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
        raise ValueError(f"write a whole number from 1 to {most}")
    return int(text)


amount = partial(count, most=10_000_000)


def day(text: str) -> date:
    """Read ``2026-01-31``."""
    with suppress(ValueError):
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    raise ValueError("write a day of the calendar as YYYY-MM-DD")


def first_day(text: str) -> date:
    """Read ``2026-01`` or ``2026-01-31`` as its first day."""
    try:
        return day(f"{text}-01" if _MONTH.fullmatch(text) else text)
    except ValueError:
        raise ValueError("write a month or a day of the calendar, as YYYY-MM or YYYY-MM-DD") from None


def last_day(text: str) -> date:
    """Read ``2026-01`` or ``2026-01-31`` as its last day."""
    first = first_day(text)
    return first.replace(day=monthrange(first.year, first.month)[1]) if _MONTH.fullmatch(text) else first


def duration(text: str) -> timedelta:
    """Read ``36h`` or ``2d``."""
    if not (found := _DURATION.fullmatch(text)):
        raise ValueError("write hours or days, such as 36h or 2d")
    return timedelta(**{"hours" if found[2] == "h" else "days": int(found[1])})


def _flag(text: str, word: str) -> bool:
    if text != word:
        raise ValueError(f"write {word}, or leave it out")
    return True


edited = partial(_flag, word="edited")
now = partial(_flag, word="now")


def past_source(text: str) -> str:
    """Read ``sitemaps`` or ``wayback``."""
    if text not in ("sitemaps", "wayback"):
        raise ValueError("write sitemaps or wayback")
    return text


def story_links(text: str) -> tuple[str, ...]:
    """Read addresses between commas or blanks; :func:`story_address` checks each of them."""
    links = tuple(dict.fromkeys(text.replace(",", " ").split()))
    if not links:
        raise ValueError("write the address of a story")
    return links


def story_address(link: str, own_hosts: frozenset[str]) -> StoryAddress:
    """Return the address of a story.

    :raises ArgumentError: if the link is not the address of a story
    """
    address = StoryAddress.parse(link, own_hosts)
    if address is None:
        what = "not the address of a story; write one such as"
        raise ArgumentError(f"url={excerpt(link)}: {what} https://www.zaobao.com/realtime/china/story20210610-1154260")
    return address
