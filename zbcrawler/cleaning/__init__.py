"""From a body as the site wrote it to the blocks of a post."""

from __future__ import annotations

from zbcrawler.cleaning.body import CleanedBody, clean
from zbcrawler.common.markup import parse_fragment

__all__ = ["CleanedBody", "clean", "clean_html"]


def clean_html(html: str, origin: str = "") -> list[str]:
    """Return the clean blocks of a body given as HTML text; see :func:`zbcrawler.cleaning.body.clean`."""
    return clean([parse_fragment(html)], origin).lines
