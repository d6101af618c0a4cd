"""Writing text as the site writes it into pages, and as a clean post must hold it.

The second half is the oracle of the tests: it follows the post layout by itself and must never
borrow from the project's cleaner.
"""

from __future__ import annotations

import re
from html import escape

PUBLIC_SITE = "https://www.zaobao.com"

_BLANKS = re.compile(r"[^\S\u3000]+")  # all white space but the full-width blank
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # not the emoji's U+200D


def page_text(text: str) -> str:
    """Plain text as HTML of a page; the no-break space as the editor writes it."""
    return escape(text, quote=False).replace("\u00a0", "&nbsp;")


def attribute(text: str) -> str:
    """Plain text as the value of a double-quoted HTML attribute of a page."""
    return escape(text)


def folded(text: str) -> str:
    """Plain text with the white space and invisible characters that a post may hold."""
    return _BLANKS.sub(" ", _INVISIBLE.sub("", text)).strip(" \u3000")


def post_text(text: str) -> str:
    """Plain text as a clean post holds it."""
    return _no_liquid(escape(folded(text), quote=False))


def post_attribute(text: str) -> str:
    """Plain text as an attribute of a clean post holds it."""
    return _no_liquid(escape(folded(text), quote=False).replace('"', "&quot;"))


def post_link(address: str, words: str | None = None) -> str:
    """Return a link of a clean post; the address itself if it has no words."""
    return f'<a href="{post_attribute(address)}">{post_text(address if words is None else words)}</a>'


def page_link(address: str, words: str, extra: str = "") -> str:
    """Return a link of a page; ``extra`` are further attributes, with a blank before them."""
    return f'<a href="{attribute(address)}"{extra}>{page_text(words)}</a>'


def _no_liquid(text: str) -> str:
    return text.replace("{", "&#123;").replace("}", "&#125;")
