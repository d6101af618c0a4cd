"""The editions of readers in mainland China and Hong Kong, shuffled until 2025: site-layouts sections 5 and 6."""

import re
from dataclasses import replace
from datetime import datetime
from itertools import takewhile
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from zbcrawler.cleaning.noise_rules import ICON_ALT
from zbcrawler.common import times
from zbcrawler.common.text import one_line
from zbcrawler.editions import field_sources as at
from zbcrawler.editions.arranging import hidden_number, put_in_order
from zbcrawler.editions.edition import Edition, Listing, ListingEntry, Served, entries_in, following_number
from zbcrawler.editions.embedded_json import json_in, value_at
from zbcrawler.editions.page import Page, all_of, first_of, framed, text_of

API = "/more/sitemap/"
QUERY = "?pageNo={}&pageSize=9"
FIRST_API_PAGE = 3  # the HTML of a section holds the first two
SECTION_ID = re.compile(r"""\bsitemapId\s*[=:]\s*["']?(\d{1,9})\b""")


class Mainland(Edition):
    """Served on www.zaobao.com to readers in China and Hong Kong."""

    name = "mainland"
    letter = "H1"
    served = Served("2020-11", "2025-08")
    half = "mainland"

    LANDMARKS = (
        at.answer("result.data"),
        at.element(".article-body [data-s]"),
        at.element("a.list-block"),
        at.element("#more-container"),
        at.element("#carousel-article"),
    )

    # -- listings: the link itself is the entry's box
    ENTRIES = ("#more-container a.list-block[href]", "div.row.reset-row-margin > a[href]", "a.list-block[href]")
    ENTRY_TITLE = "div.f18.m-eps"
    ENTRY_TIME = "div.text-tip-color"

    # -- stories
    TITLE = (at.shown("h1.article-title"), at.shown("h1"), *at.Linked.HEADLINES, at.shown("title"))
    PUBLISHED = (
        at.Linked.PUBLISHED,
        at.shown(".author-info .mgt10", times.shown_time),
        at.shown(".author-info", times.byline_time),
    )
    BODY = ("article#article-body", ".article-body")
    # Mirrors of the picture store, whose names change (site-layouts 3.6 and 5).
    STORE = re.compile(r"^\s*(?:https?:)?//[\w.-]+\.com/s3fs-public/", re.IGNORECASE)
    LEAD = "#carousel-article .carousel-inner img"
    DETAILS = Edition.DETAILS | {"keywords": (at.Linked.KEYWORDS, at.in_meta("keywords", at.keywords))}

    def container(self, page: Page) -> tuple[str, HtmlElement]:
        css, body = super().container(page)
        put_in_order(body, "data-s", hidden_number)
        return css, body

    def lead_pictures(self, page: Page, body: HtmlElement) -> list[HtmlElement]:
        return [framed(picture, _carousel_caption(picture)) for picture in page.all(self.LEAD)]

    def listing(self, page: Page, now: datetime) -> Listing:
        return self._api_listing(page) if page.json is not None else self._first_screen(page, now)

    def _first_screen(self, page: Page, now: datetime) -> Listing:
        entries = []
        for link in self.entries(page):
            title = text_of(first_of(link, self.ENTRY_TITLE)) or at.as_line(link.get("title")) or at.as_line(link.text)
            entries.append(ListingEntry.shown(link, title, text_of(first_of(link, self.ENTRY_TIME)), now))
        found = SECTION_ID.search(page.text)
        following = f"{page.origin}{API}{found[1]}{QUERY.format(FIRST_API_PAGE)}" if found else None
        return Listing(entries, following, is_all=found is not None)

    def _api_listing(self, page: Page) -> Listing:
        rows = value_at(page.json, "result", "data")
        entries = entries_in(rows, "url", "publicationDate", times.machine_time)
        if not entries and rows != []:
            raise self.missing(page, "result.data[].url")
        query = QUERY.format(following_number(page, "pageNo", FIRST_API_PAGE))
        return Listing(entries, f"{page.origin}{urlsplit(page.address).path}{query}" if entries else None)


def _carousel_caption(picture: HtmlElement) -> str:
    # In a ``div`` inside the link that holds both.
    around = takewhile(lambda box: "carousel-inner" not in (box.get("class") or "").split(), picture.iterancestors())
    return next((words for box in around if len(all_of(box, "img")) == 1 and (words := text_of(box))), "")


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
        at.element('[data-testid="article-list"]'),
        at.element("astro-island"),
        at.element("zb-ai-summary"),
        at.element('[data-testid="article-banner"]'),
        at.element('[data-testid="related-words"]'),
        at.element("article#article-body.article-body"),
    )

    # -- listings: cards in the list, then the cards of the island that loads more; HotNews has links of its own
    ENTRIES = ('[data-testid="article-list"] article', 'astro-island[component-url*="LoadMoreList"] article')
    LINK = "a.article-link[href]"
    MORE = 'astro-island[component-url*="LoadMoreList"][props]'

    # -- stories
    TITLE = (at.shown("h1.article-title"), *at.Linked.HEADLINES, at.shown("h1"), at.shown("title"))
    PUBLISHED = (
        at.Linked.PUBLISHED,
        at.in_variable("gaPushParams", "pubdate", read=times.machine_time),
        at.Source('script "pubdate"', _pubdate),
    )
    BODY = ("article#article-body", ".article-body")
    STORE = re.compile(r"^/(?=articles/)")  # addresses in the site's own data leave the store's address out
    LEAD = '[data-testid="article-banner"] img, img.gallery-image'
    DETAILS = Edition.DETAILS | {
        "keywords": (at.each('[data-testid="related-words"] a.keyword-tag_item'), at.Linked.KEYWORDS),
    }

    def lead_pictures(self, page: Page, body: HtmlElement) -> list[HtmlElement]:
        found = []
        for picture in super().lead_pictures(page, body):
            if picture.get("alt") != ICON_ALT:
                beside = picture.getparent()
                shown = text_of(first_of(beside, ".article-pic-title")) if len(all_of(beside, "img")) == 1 else ""
                found.append(framed(picture, shown or at.as_line(picture.get("title"))))
        return found

    def listing(self, page: Page, now: datetime) -> Listing:
        exact: dict[str, ListingEntry] = {}
        for island in page.all(self.MORE):
            rows = value_at(astro_value(json_in(island.get("props"))), "list")
            exact |= {row.link: row for row in entries_in(rows, "url", "publicationDate", times.machine_time)}
        entries: dict[str, ListingEntry] = {}
        for card in [card for css in self.ENTRIES for card in page.all(css)]:
            if (link := first_of(card, self.LINK)) is not None:
                title = at.as_line(link.get("title")) or text_of(link)
                # Other spans hold the section's name, or a dot.
                texts = [text_of(span) for span in reversed(all_of(card, "span"))]
                when = next((text for text in texts if times.listing_time(text, now)), "")
                entry = ListingEntry.shown(link, title, when, now)
                if entry.link in exact and (time := exact[entry.link].time):
                    entry = replace(entry, time=time, exact=True)
                entries.setdefault(entry.link, entry)
        # The rows of an island that the browser draws later are only in its data.
        entries |= {link: entry for link, entry in exact.items() if link not in entries}
        if not entries:
            raise self.missing(page, f"{self.ENTRIES[0]} {self.LINK}")
        # How the island loads more is not known.
        return Listing(list(entries.values()), is_all=False)


def astro_value(written: Any, depth: int = 0) -> Any:
    """Return a value of Astro's serialisation: ``[0, value]``, ``[1, [...]]`` for a list; other kinds become texts."""
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
