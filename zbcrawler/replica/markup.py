"""Write text as the site's pages hold it, and as a clean post must hold it.

The second half is the oracle of the tests. It implements the post layout independently and must not use the
project's cleaner.
"""

from __future__ import annotations

import re
from html import escape

PUBLIC_SITE = "https://www.zaobao.com"

_BLANKS = re.compile(r"[^\S\u3000]+")  # all white space except the full-width blank
_INVISIBLE = re.compile(
    "[\u200b\u2060\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)  # without U+200D, which emoji need


def page_text(text: str) -> str:
    """Return plain text as HTML of a page. The no-break space is an entity, as the site's editor writes it."""
    return escape(text, quote=False).replace("\u00a0", "&nbsp;")


def attribute(text: str) -> str:
    """Return plain text as the value of a double-quoted HTML attribute of a page."""
    return escape(text)


def folded(text: str) -> str:
    """Return plain text with only the white space and invisible characters that a post may hold."""
    return _BLANKS.sub(" ", _INVISIBLE.sub("", text)).strip(" \u3000")


def post_text(text: str) -> str:
    """Return plain text as a clean post holds it."""
    return _no_liquid(escape(folded(text), quote=False))


def post_attribute(text: str) -> str:
    """Return plain text as an attribute of a clean post holds it."""
    return _no_liquid(escape(folded(text), quote=False).replace('"', "&quot;"))


def post_link(address: str, words: str | None = None) -> str:
    """Return a link of a clean post. A link without words shows its address."""
    return f'<a href="{post_attribute(address)}">{post_text(address if words is None else words)}</a>'


def page_link(address: str, words: str, extra: str = "") -> str:
    """Return a link of a page. ``extra`` holds further attributes, with a blank before them."""
    return f'<a href="{attribute(address)}"{extra}>{page_text(words)}</a>'


def _no_liquid(text: str) -> str:
    return text.replace("{", "&#123;").replace("}", "&#125;")
