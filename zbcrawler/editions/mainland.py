"""The shuffled edition that readers in mainland China and Hong Kong had until 2025: site-layouts section 5."""

from __future__ import annotations

import base64
import re
from datetime import datetime
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from zbcrawler.common import times
from zbcrawler.editions.edition import Edition, Listing, ListingEntry, Served, entries_in, following_number
from zbcrawler.editions.embedded_json import value_at
from zbcrawler.editions.field_sources import Linked, answer, as_line, element, in_meta, keywords, shown
from zbcrawler.editions.page import Page, all_of, first_of, framed, take_from_store, text_of

API = "/more/sitemap/"
QUERY = "?pageNo={}&pageSize=9"
# The HTML of a section holds the first two pages of the API.
FIRST_API_PAGE = 3
SECTION_ID = re.compile(r"""\bsitemapId\s*[=:]\s*["']?(\d{1,9})\b""")


class Mainland(Edition):
    """Served on www.zaobao.com to readers in China and Hong Kong."""

    name = "mainland"
    letter = "H1"
    served = Served("2020-11", "2025-08")
    half = "mainland"

    LANDMARKS = (
        answer("result.data"),
        element(".article-body [data-s]"),
        element("a.list-block"),
        element("#more-container"),
        element("#carousel-article"),
    )

    # -- listings: the link itself is the entry's box
    ENTRIES = ("#more-container a.list-block[href]", "div.row.reset-row-margin > a[href]", "a.list-block[href]")
    ENTRY_TITLE = "div.f18.m-eps"
    ENTRY_TIME = "div.text-tip-color"

    # -- stories
    TITLE = (shown("h1.article-title"), shown("h1"), *Linked.HEADLINES, shown("title"))
    PUBLISHED = (
        Linked.PUBLISHED,
        shown(".author-info .mgt10", times.shown_time),
        shown(".author-info", times.byline_time),
    )
    BODY = ("article#article-body", ".article-body")
    # Mirrors of the picture store, whose names change (site-layouts 3.6 and 5).
    STORE = re.compile(r"^\s*(?:https?:)?//[\w.-]+\.com/s3fs-public/", re.IGNORECASE)
    LEAD = "#carousel-article .carousel-inner img"
    DETAILS = Edition.DETAILS | {"keywords": (Linked.KEYWORDS, in_meta("keywords", keywords))}

    def container(self, page: Page) -> tuple[str, HtmlElement]:
        css, body = super().container(page)
        put_in_order(body)
        return css, body

    def lead_pictures(self, page: Page, body: HtmlElement) -> list[HtmlElement]:
        pictures = page.all(self.LEAD)
        take_from_store(pictures, self.STORE)
        return [framed(picture, _caption(picture)) for picture in pictures]

    def listing(self, page: Page, now: datetime) -> Listing:
        return self._api_listing(page) if page.json is not None else self._first_screen(page, now)

    def _first_screen(self, page: Page, now: datetime) -> Listing:
        entries = [
            ListingEntry.shown(
                link,
                text_of(first_of(link, self.ENTRY_TITLE)) or as_line(link.get("title")) or as_line(link.text),
                text_of(first_of(link, self.ENTRY_TIME)),
                now,
            )
            for link in self.entries(page)
        ]
        found = SECTION_ID.search(page.text)
        following = f"{page.origin}{API}{found[1]}{QUERY.format(FIRST_API_PAGE)}" if found else None
        return Listing(entries, following, is_all=found is not None)

    def _api_listing(self, page: Page) -> Listing:
        rows = value_at(page.json, "result", "data")
        if not isinstance(rows, list):
            raise self.missing(page, "result.data")
        entries = entries_in(rows, "url", "publicationDate", times.machine_time)
        if not rows:
            return Listing()
        if not entries:
            raise self.missing(page, "result.data[].url")
        following = following_number(page, "pageNo", FIRST_API_PAGE)
        return Listing(entries, f"{page.origin}{urlsplit(page.address).path}{QUERY.format(following)}")


def put_in_order(body: HtmlElement) -> None:
    """Sort the children of a body by the number in their ``data-s``; children without a number keep their places.

    A number is three random characters and the base32 of its decimal digits. The text behind a child
    keeps its place too.
    """
    numbers = {child: number for child in body if (number := hidden_number(child.get("data-s"))) is not None}
    ordered = iter(sorted(numbers, key=numbers.__getitem__))
    children, tails = list(body), [child.tail for child in body]
    placed = [next(ordered) if child in numbers else child for child in children]
    if placed != children:
        body[:] = placed
        for child, tail in zip(placed, tails, strict=True):
            child.tail = tail


def hidden_number(value: str | None) -> int | None:
    """Return the number that three random characters and the base32 of its digits hide, None if there is none."""
    written = (value or "").strip()[3:].rstrip("=")
    if not 1 <= len(written) <= 24:  # more digits than any number of paragraphs has
        return None
    try:
        digits = base64.b32decode(written + "=" * (-len(written) % 8))
    except ValueError:
        return None
    return int(digits) if digits.isdigit() else None


def _caption(picture: HtmlElement) -> str:
    """Return the words beside a picture of the carousel: in a ``div`` inside the link that holds both."""
    box = picture.getparent()
    while box is not None and "carousel-inner" not in (box.get("class") or "").split():
        if len(all_of(box, "img")) == 1 and (words := text_of(box)):
            return words
        box = box.getparent()
    return ""
