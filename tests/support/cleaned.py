"""The blocks that the cleaner makes of HTML."""

from __future__ import annotations

from zbcrawler.cleaning import clean
from zbcrawler.common.markup import parse_fragment


def clean_html(html: str, origin: str = "") -> list[str]:
    """Return the clean blocks of HTML text."""
    return clean([parse_fragment(html)], origin).lines
