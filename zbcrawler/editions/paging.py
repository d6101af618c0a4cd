"""How a listing leads on: the link of a pager, or the number of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urljoin, urlsplit

if TYPE_CHECKING:
    from zbcrawler.editions.page import Page


def following_page(page: Page, css: str) -> str | None:
    """Return the address that a pager's link leads to, None if it does not lead on in the same section."""
    link = page.first(css)
    if link is None:
        return None
    try:
        address = urljoin(page.address, link.get("href").strip())
        same_section = urlsplit(address)[:3] == urlsplit(page.address)[:3]
    except ValueError:
        return None
    return address if same_section and address != page.address else None


def following_number(page: Page, name: str, first: int) -> int:
    """Return the number of the page after this one.

    :param name: of the query's field that has the number of this page
    :param first: what follows a page whose address has no number
    """
    number = parse_qs(urlsplit(page.address).query).get(name, [""])[0]
    return int(number) + 1 if number.isascii() and number.isdigit() and len(number) < 7 else first
