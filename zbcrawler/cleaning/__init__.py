"""From a body as the site wrote it to the blocks of a post."""

from __future__ import annotations

from zbcrawler.cleaning.body import CleanBody, clean
from zbcrawler.common.markup import parse_fragment

__all__ = ["CleanBody", "clean", "clean_html"]


def clean_html(html: str, origin: str = "") -> list[str]:
    """The clean blocks of a body given as HTML text; see :func:`zbcrawler.cleaning.body.clean`."""
    return clean([parse_fragment(html)], origin).lines
