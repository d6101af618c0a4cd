"""Reads spider arguments, which all come as text, and says in one line what is allowed."""

from __future__ import annotations

import os
import re
from calendar import monthrange
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import ArgumentError

TREES = ("realtime", "news")
"""The parts of the site that have sections of news. A story may stand in both, under one number."""

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scrapy.settings import BaseSettings

_SECTION = re.compile(r"[a-z0-9-]+(?:/[a-z0-9-]+)*", re.ASCII)
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
_DURATION = re.compile(r"([1-9][0-9]{0,3})([hd])", re.ASCII)


def read_arguments(readers: Mapping[str, Callable[[str], Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """Read the arguments of a spider.

    :param readers: for each allowed argument, what reads its text
    :param given: the arguments as they were given
    :raises ArgumentError: if one is unknown or not allowed; the message is one line
    """
    for name in given:
        if name not in readers:
            raise ArgumentError(f"{name}: unknown argument; allowed: {', '.join(readers)}")
    values = {}
    for name, text in given.items():
        try:
            values[name] = readers[name](str(text).strip())
        except ValueError as error:
            raise ArgumentError(f"{name}={shown(text)}: {error}") from error
    return values


def sections(text: str) -> tuple[str, ...]:
    """``china,world``: paths under ``/realtime/``, each once, in the order given."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    if not all(_SECTION.fullmatch(name) for name in names):
        raise ValueError("write section paths such as china,world,singapore: a-z, 0-9, - and / between commas")
    return names


def count(text: str, most: int = 10_000) -> int:
    """Return a whole number from 1 to 10000."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
        raise ValueError(f"write a whole number from 1 to {most}")
    return int(text)


def amount(text: str) -> int:
    """Return a whole number from 1 to 10 million."""
    return count(text, 10_000_000)


def day(text: str) -> date:
    """``2026-01-31``"""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("write a day of the calendar as YYYY-MM-DD") from None


def first_day(text: str) -> date:
    """``2026-01`` or ``2026-01-31``: the first day of that."""
    try:
        return day(f"{text}-01" if _MONTH.fullmatch(text) else text)
    except ValueError:
        raise ValueError("write a month or a day of the calendar, as YYYY-MM or YYYY-MM-DD") from None


def last_day(text: str) -> date:
    """``2026-01`` or ``2026-01-31``: the last day of that."""
    first = first_day(text)
    if not _MONTH.fullmatch(text):
        return first
    return first.replace(day=monthrange(first.year, first.month)[1])


def story_sections(text: str) -> tuple[str, ...]:
    """``realtime/china,news/china``: paths of sections; ``china`` stands for these two."""
    names = [name if "/" in name else f"{tree}/{name}" for tree in TREES for name in sections(text)]
    return tuple(dict.fromkeys(names))


def edited(text: str) -> bool:
    """``edited``"""
    if text != "edited":
        raise ValueError("write edited, or leave it out")
    return True


def past_source(text: str) -> str:
    """``sitemaps`` or ``wayback``"""
    if text not in ("sitemaps", "wayback"):
        raise ValueError("write sitemaps or wayback")
    return text


def duration(text: str) -> timedelta:
    """``36h`` or ``2d``"""
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError("write hours or days, such as 36h or 2d")
    return timedelta(**{"hours" if found[2] == "h" else "days": int(found[1])})


def now(text: str) -> bool:
    """``now``"""
    if text != "now":
        raise ValueError("write now, or leave it out")
    return True


def story_links(text: str) -> tuple[str, ...]:
    """One or more addresses, between commas or blanks; whether they are stories' is seen later."""
    links = tuple(dict.fromkeys(text.replace(",", " ").split()))
    if not links:
        raise ValueError("write the address of a story")
    return links


def story_address(link: str, own_hosts: frozenset[str]) -> StoryAddress:
    """Return a story's address.

    :raises ArgumentError: if the link is none
    """
    address = StoryAddress.parse(link, own_hosts)
    if address is None:
        raise ArgumentError(
            f"url={shown(link)}: not the address of a story; write one such as"
            " https://www.zaobao.com/realtime/china/story20210610-1154260"
        )
    return address


def site_url(settings: BaseSettings, name: str = "SITE_URL") -> str:
    """Return a setting, ``SITE_URL`` or ``PICTURE_SITE``, as ``scheme://host[:port]``.

    :raises ArgumentError: if it is no such address
    """
    text = _address(settings, name)
    if text is None or urlsplit(text).path:
        raise ArgumentError(
            f"{name}={shown(settings.get(name))}: write a site's address such as https://www.zaobao.com"
        )
    return text


def web_address(settings: BaseSettings, name: str) -> str:
    """Return a setting that is an address such as ``https://web.archive.org/web``, without a slash at its end.

    :raises ArgumentError: if it is none
    """
    text = _address(settings, name)
    if text is None:
        raise ArgumentError(f"{name}={shown(settings.get(name))}: write an address such as https://web.archive.org/web")
    return text


def _address(settings: BaseSettings, name: str) -> str | None:
    text = str(settings.get(name) or "").strip().rstrip("/")
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) > 0
    except ValueError:
        return None
    return text if good and not (parts.query or parts.fragment or parts.username) else None


def archive_dir(settings: BaseSettings) -> str:
    """Return the setting ``ARCHIVE_DIR``.

    :raises ArgumentError: if it is empty, or names a file
    """
    text = str(settings.get("ARCHIVE_DIR") or "")
    if not text:
        raise ArgumentError("ARCHIVE_DIR=: write the folder of the archive, such as archive")
    folder = os.path.expanduser(text)
    if os.path.lexists(folder) and not os.path.isdir(folder):
        raise ArgumentError(f"ARCHIVE_DIR={shown(text)}: is a file; write a folder, which need not exist yet")
    return folder


def named_archive(words: Sequence[str], settings: BaseSettings) -> Path:
    """Return the archive that a command is about: the one that it names, else that of ``ARCHIVE_DIR``.

    :raises ArgumentError: if there is none
    """
    if len(words) > 1:
        raise ArgumentError(f"{' '.join(words)}: name one archive, or none for ARCHIVE_DIR")
    root = Path(os.path.expanduser(words[0]) if words else archive_dir(settings))
    if not root.is_dir():
        raise ArgumentError(f"{root}: is no folder that is there")
    if not (root / "_posts").is_dir():
        raise ArgumentError(f"{root}: has no _posts; is it an archive?")
    return root


def raw_folder(settings: BaseSettings) -> str | None:
    """Return the setting ``KEEP_RAW``; None if it is off.

    :raises ArgumentError: if it is no folder that is there
    """
    text = str(settings.get("KEEP_RAW") or "")
    if not text:
        return None
    folder = os.path.expanduser(text)
    if not os.path.isdir(folder):
        raise ArgumentError(f"KEEP_RAW={shown(text)}: is no folder that is there; mkdir it, or mount its disk")
    return folder


def number(settings: BaseSettings, name: str, least: float = 0) -> float:
    """Return a setting that is a number.

    :raises ArgumentError: if it is none, or less than ``least``
    """
    text = str(settings.get(name)).strip()
    if not re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", text, re.ASCII) or float(text) < least:
        raise ArgumentError(f"{name}={shown(text)}: write a number from {least} up")
    return float(text)


def whole_number(settings: BaseSettings, name: str, least: int = 0) -> int:
    """Return a setting that is a whole number.

    :raises ArgumentError: if it is none, or less than ``least``
    """
    value = number(settings, name, least)
    if value % 1:
        raise ArgumentError(f"{name}={shown(settings.get(name))}: write a whole number from {least} up")
    return int(value)


def section_durations(settings: BaseSettings, name: str) -> dict[str, timedelta | None]:
    """Return a setting such as ``2d, china=12h, sports=off``: by section, how long; under ``""`` for all others.

    :raises ArgumentError: if it is none
    """
    found: dict[str, timedelta | None] = {}
    for part in str(settings.get(name) or "off").split(","):
        section, _, text = part.strip().rpartition("=")
        try:
            found[section.strip()] = None if text.strip() == "off" else duration(text.strip())
        except ValueError:
            raise ArgumentError(
                f"{name}={shown(settings.get(name))}: write hours or days such as 2d, off, and for single sections"
                " china=12h between commas"
            ) from None
    return found


def shown(text: Any) -> str:
    # One line, whatever was given.
    return re.sub(r"\s+", " ", str(text))[:200]
