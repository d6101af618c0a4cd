"""The Astro edition that readers in mainland China and Hong Kong have had since 2025: site-layouts section 6."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from lxml.html import HtmlElement

from zbcrawler.cleaning.noise_rules import ICON_ALT
from zbcrawler.common import times
from zbcrawler.common.text import one_line
from zbcrawler.editions.edition import Edition, Listing, ListingEntry, Served, entries_in
from zbcrawler.editions.embedded_json import json_in, value_at
from zbcrawler.editions.field_sources import Linked, Source, as_line, each, element, in_variable, shown
from zbcrawler.editions.page import Page, all_of, first_of, framed, take_from_store, text_of

_PUBDATE = re.compile(r"""["']?pubdate["']?\s*:\s*["']([^"']{10,40})["']""")


def _pubdate(page: Page) -> datetime | None:
    searches = (_PUBDATE.search(script.text or "") for script in page.all("script"))
    return next((times.machine_time(one_line(found[1])) for found in searches if found), None)


class Astro(Edition):
    """Served on www.zaobao.com to readers in China and Hong Kong."""

    name = "astro"
    letter = "H2"
    served = Served("2025-08")
    half = "mainland"

    LANDMARKS = (
        element('[data-testid="article-list"]'),
        element("astro-island"),
        element("zb-ai-summary"),
        element('[data-testid="article-banner"]'),
        element('[data-testid="related-words"]'),
        element("article#article-body.article-body"),
    )

    # -- listings: cards in the list, then the cards of the island that loads more; HotNews has links of its own
    ENTRIES = ('[data-testid="article-list"] article', 'astro-island[component-url*="LoadMoreList"] article')
    LINK = "a.article-link[href]"
    MORE = 'astro-island[component-url*="LoadMoreList"][props]'

    # -- stories
    TITLE = (shown("h1.article-title"), *Linked.HEADLINES, shown("h1"), shown("title"))
    PUBLISHED = (
        Linked.PUBLISHED,
        in_variable("gaPushParams", "pubdate", read=times.machine_time),
        Source('script "pubdate"', _pubdate),
    )
    BODY = ("article#article-body", ".article-body")
    STORE = re.compile(r"^/(?=articles/)")  # addresses in the site's own data leave the store's address out
    LEAD = '[data-testid="article-banner"] img, img.gallery-image'
    DETAILS = Edition.DETAILS | {
        "keywords": (each('[data-testid="related-words"] a.keyword-tag_item'), Linked.KEYWORDS),
    }

    def lead_pictures(self, page: Page, body: HtmlElement) -> list[HtmlElement]:
        pictures = super().lead_pictures(page, body)
        take_from_store(pictures, self.STORE)
        return [framed(picture, _caption(picture)) for picture in pictures if picture.get("alt") != ICON_ALT]

    def listing(self, page: Page, now: datetime) -> Listing:
        exact = {entry.link: entry for entry in self._loaded_rows(page)}
        entries: dict[str, ListingEntry] = {}
        for card in [card for css in self.ENTRIES for card in page.all(css)]:
            if (link := first_of(card, self.LINK)) is not None:
                title = as_line(link.get("title")) or text_of(link)
                entry = ListingEntry.shown(link, title, _shown_time(card, now), now)
                if entry.link in exact and (time := exact[entry.link].time):
                    entry = replace(entry, time=time, exact=True)
                entries.setdefault(entry.link, entry)
        # The rows of an island that the browser draws later are only in its data.
        entries |= {link: entry for link, entry in exact.items() if link not in entries}
        if not entries:
            raise self.missing(page, f"{self.ENTRIES[0]} {self.LINK}")
        # How the island loads more is not known.
        return Listing(list(entries.values()), is_all=False)

    def _loaded_rows(self, page: Page) -> Iterator[ListingEntry]:
        for island in page.all(self.MORE):
            rows = value_at(astro_value(json_in(island.get("props"))), "list")
            yield from entries_in(rows, "url", "publicationDate", times.machine_time)


def astro_value(written: Any, depth: int = 0) -> Any:
    """Return properties read from Astro's serialisation: ``[0, value]`` is a value, ``[1, [...]]`` a list.

    Other kinds (dates, maps …) become their text.
    """
    if depth > 50:  # deeper than any list of stories
        return None
    if isinstance(written, dict):
        return {name: astro_value(value, depth + 1) for name, value in written.items()}
    if isinstance(written, list) and len(written) == 2 and isinstance(written[0], int):
        kind, value = written
        if kind == 1 and isinstance(value, list):
            return [astro_value(one, depth + 1) for one in value]
        return astro_value(value, depth + 1) if isinstance(value, dict) else value
    return written


def _caption(picture: HtmlElement) -> str:
    """Return the words beside a picture of the banner, or else its ``title``, which most pictures have."""
    beside = picture.getparent()
    is_alone = beside is not None and len(all_of(beside, "img")) == 1
    shown = text_of(first_of(beside, ".article-pic-title")) if is_alone else ""
    return shown or as_line(picture.get("title"))


def _shown_time(card: HtmlElement, now: datetime) -> str:
    # Other spans hold the section's name, or a dot.
    shown = [text_of(span) for span in all_of(card, "span")]
    return next((text for text in reversed(shown) if times.listing_time(text, now)), "")
