"""Read settings, and say in one line what is allowed. Every function raises :class:`ArgumentError`."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

from zbcrawler.common.arguments import duration
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.text import excerpt


def site_url(settings: BaseSettings, name: str = "SITE_URL") -> str:
    """Return the setting ``SITE_URL`` or ``PICTURE_SITE`` as ``scheme://host[:port]``."""
    text = _address(settings, name)
    if text is None or urlsplit(text).path:
        raise _wrong(settings, name, "write a site's address such as https://www.zaobao.com")
    return text


def web_address(settings: BaseSettings, name: str) -> str:
    """Return a setting such as ``https://web.archive.org/web``, without a slash at its end."""
    text = _address(settings, name)
    if text is None:
        raise _wrong(settings, name, "write an address such as https://web.archive.org/web")
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
    """Return the setting ``ARCHIVE_DIR``: a folder, which need not exist."""
    if not settings.get("ARCHIVE_DIR"):
        raise ArgumentError("ARCHIVE_DIR=: write the folder of the archive, such as archive")
    folder = os.path.expanduser(str(settings.get("ARCHIVE_DIR")))
    if os.path.lexists(folder) and not os.path.isdir(folder):
        raise _wrong(settings, "ARCHIVE_DIR", "is a file; write a folder, which need not exist yet")
    return folder


def raw_folder(settings: BaseSettings) -> str | None:
    """Return the setting ``KEEP_RAW``, a folder that exists; None if the setting is empty."""
    folder = os.path.expanduser(str(settings.get("KEEP_RAW") or ""))
    if folder and not os.path.isdir(folder):
        raise _wrong(settings, "KEEP_RAW", "is no folder that is there; mkdir it, or mount its disk")
    return folder or None


def number(settings: BaseSettings, name: str, least: float = 0) -> float:
    """Return a setting that is a number."""
    text = str(settings.get(name)).strip()
    if not re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", text, re.ASCII) or float(text) < least:
        raise _wrong(settings, name, f"write a number from {least} up")
    return float(text)


def whole_number(settings: BaseSettings, name: str, least: int = 0) -> int:
    """Return a setting that is a whole number."""
    value = number(settings, name, least)
    if value % 1:
        raise _wrong(settings, name, f"write a whole number from {least} up")
    return int(value)


def section_durations(settings: BaseSettings, name: str) -> dict[str, timedelta | None]:
    """Return a setting such as ``2d, china=12h, sports=off`` by section; the key ``""`` is for all other sections."""
    found: dict[str, timedelta | None] = {}
    for part in str(settings.get(name) or "off").split(","):
        section, _, text = part.strip().rpartition("=")
        try:
            found[section.strip()] = None if text.strip() == "off" else duration(text.strip())
        except ValueError:
            what = "write hours or days such as 2d, off, and for single sections china=12h between commas"
            raise _wrong(settings, name, what) from None
    return found


def _wrong(settings: BaseSettings, name: str, what: str) -> ArgumentError:
    return ArgumentError(f"{name}={excerpt(settings.get(name))}: {what}")
