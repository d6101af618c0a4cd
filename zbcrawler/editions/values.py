"""Turn what a page holds for a field into the field's value."""

from __future__ import annotations

import re
from typing import Any

from zbcrawler.cleaning.links import picture_address
from zbcrawler.common.text import letters, one_line
from zbcrawler.editions.pictures import figure

# "标题 | 联合早报网", "标题 | 联合早报", "标题 | 早报": no headline has a "|" of its own (site-layouts 10).
_SITE_NAME = re.compile(r"\s*[|｜]\s*(?:联合早报网?|早报网?|zaobao(?:\.com(?:\.sg)?)?)\s*$", re.IGNORECASE)
_BYLINE_LABEL = re.compile(r"^\s*(?:文|作者|记者)\s*[/／：:]\s*")
_NEWSPAPER = frozenset({"联合早报", "联合早报网", "早报", "zaobao"})


def as_line(value: Any) -> str:
    """Return a text as one line; empty for anything else."""
    return one_line(value) if isinstance(value, str) else ""


def without_site_name(title: str) -> str:
    """Return a page's title without the newspaper's name behind it."""
    return _SITE_NAME.sub("", one_line(title))


def byline(value: Any) -> str:
    """Return who wrote a story, from a text, a JSON-LD person or several; empty if that is just the newspaper."""
    if isinstance(value, dict):
        value = value.get("name")
    if isinstance(value, (list, tuple)):
        return "、".join(dict.fromkeys(name for one in value if (name := byline(one))))
    name = _BYLINE_LABEL.sub("", as_line(value))
    return "" if letters(name).lower() in _NEWSPAPER else name


def keywords(value: Any) -> tuple[str, ...]:
    """Return keywords, from a list of texts or of records with a name, or from one text with commas."""
    if isinstance(value, str):
        value = re.split("[,，、;；]", value)
    names = (one.get("name") if isinstance(one, dict) else one for one in value) if isinstance(value, list) else ()
    return tuple(dict.fromkeys(name for one in names if (name := as_line(one))))


def image(value: Any) -> str:
    """Return a picture's address, from an address, a JSON-LD image or several; empty for the site's default picture."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("url")
    return picture_address(figure(value)[0]) or "" if isinstance(value, str) else ""
