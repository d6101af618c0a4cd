"""The React edition of the Singapore half: site-layouts section 4."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from zbcrawler.common import times
from zbcrawler.common.markup import parse_fragment
from zbcrawler.common.text import letters
from zbcrawler.editions import field_sources as at
from zbcrawler.editions.edition import Edition, Listing, ListingEntry, Served, entries_in, following_number
from zbcrawler.editions.embedded_json import assigned, value_at
from zbcrawler.editions.page import Page, figure, first_of, text_of
from zbcrawler.editions.react_top import BODY, PageTop

HYDRATION = "__staticRouterHydrationData"
ARTICLE = ("context", "payload", "article")
_HYDRATED = f"hydration loaderData.0-0.{'.'.join(ARTICLE)}"  # the place in words
API = "/_plat/api/v2/page-content/"
_A_TIME = r"{}\s*[/：:]\s*\d{{4}}年[^/]{{0,30}}"


@lru_cache(maxsize=1)  # the record holds several fields of a page
def hydrated(page: Page) -> dict[str, Any]:
    """Return the story's record in the data that the page's script passes to React, empty if there is none."""
    data = value_at(assigned(page.text, HYDRATION), "loaderData")
    routes = data if isinstance(data, dict) else {}
    articles = (value_at(route, *ARTICLE) for route in [routes.get("0-0"), *routes.values()])
    return next((article for article in articles if isinstance(article, dict)), {})


def in_hydration(name: str, read: at.Reader = at.as_line) -> at.Source:
    """Return the source that reads a field of the story in the hydration data."""
    return at.Source(f"{_HYDRATED}.{name}", lambda page: read(hydrated(page).get(name)))


top_of = lru_cache(maxsize=1)(PageTop)


def shown_beside(label: str, other: str) -> at.Source:
    """Return the source of a time that the page shows behind a label, perhaps beside the time of the other label."""
    # "发布/2025年2月22日 11:07" stands before the headline. Only the text is known, not the markup: the date may be in
    # the element of "发布" or beside it, and so may "更新/…", once a story was edited.
    pattern = re.compile(rf"(?:{_A_TIME.format(other)}?\s)?({_A_TIME.format(label)})")

    def read(page: Page) -> datetime | None:
        body = page.first(BODY)
        inside = set(body.iter()) if body is not None else ()
        for box in page.tree.iter("div", "span", "p", "time"):
            if (box.text or "").strip().startswith((label, other)) and box not in inside:
                for holder in (box, box.getparent()):
                    if found := pattern.match(text_of(holder)):
                        return times.byline_time(found[1])
        return None

    return at.Source(f"{label}/…", read)


class React(Edition):
    """Served since 2024-06-12. A listing's first screen is HTML, the following pages are JSON."""

    name = "react"
    letter = "D"
    served = Served("2024-06-12")
    marks_cuts = True

    LANDMARKS = (
        at.answer("code", "response"),
        at.script(HYDRATION),
        at.element("#seo-article-page"),
        at.element(".card-listing .card"),
    )

    # -- listings
    ENTRIES = (".card-listing .card .content-header a[href]", ".card-listing .card.timestamp-card a[href]")
    OVERVIEW_TIME = ".text-brand-primary"

    # -- stories
    TITLE = (in_hydration("headline"), *at.Linked.HEADLINES, at.shown("h1"))
    PUBLISHED = (
        in_hydration("create_time", at.any_time),
        at.Linked.PUBLISHED,
        at.in_variable("_data", "pubdate", read=times.machine_time),
        shown_beside("发布", "更新"),
    )
    BODY = (BODY,)
    DETAILS = Edition.DETAILS | {
        "byline": (
            in_hydration("byline", at.byline),
            in_hydration("author", at.byline),
            at.Linked.AUTHOR,
            at.in_variable("_data", "author", read=at.byline),
        ),
        "keywords": (in_hydration("tags", at.keywords), at.each('a[href^="/keywords/"]')),
        "updated": (
            in_hydration("update_time", at.any_time),
            at.Linked.UPDATED,
            shown_beside("更新", "发布"),
        ),
    }

    def is_cut(self, page: Page) -> bool:
        return top_of(page).is_cut

    def body(self, page: Page) -> at.FieldValue:
        article = hydrated(page)
        text = article.get("body_cn")
        if isinstance(text, str) and text.strip():
            figures, story = _figures(article), parse_fragment(text)
            # The data has no known field for a standfirst. The top is parsed only if it has words besides the captions.
            top, above = top_of(page), []
            if top.words not in letters(" ".join(map(text_of, figures))):
                words = letters(" ".join(map(text_of, (*figures, story))))
                above = [one for one in top.standfirst if letters(text_of(one)) not in words]
            return at.FieldValue([*above, *figures, story], f"{_HYDRATED}.body_cn")
        found = super().body(page)
        return at.FieldValue([*top_of(page).standfirst, *found.value], found.where)

    def lead_pictures(self, page: Page, body: HtmlElement) -> list[HtmlElement]:
        linked = value_at(page.linked_data, "image")
        shared = [figure(at.address_in(linked))] if at.image(linked) else []
        return _figures(hydrated(page)) or top_of(page).pictures() or shared

    def own_links(self, page: Page) -> tuple[object, ...]:
        # Their id is no sign: the newsroom's system has ids of its own (site-layouts 4.2).
        return tuple(hydrated(page).get(name) for name in ("href", "url"))

    def listing(self, page: Page, now: datetime) -> Listing:
        return self._api_listing(page) if page.json is not None else self._first_screen(page, now)

    def _first_screen(self, page: Page, now: datetime) -> Listing:
        entries = []
        for link in self.entries(page):
            title = text_of(first_of(link, "h2")) or at.as_line(link.get("aria-label")) or text_of(link)
            when = (link.tail or "").strip() or text_of(link.getnext()) or text_of(first_of(link, self.OVERVIEW_TIME))
            entries.append(ListingEntry.shown(link, title, when, now))
        # Page 0 of the API is the first screen (site-layouts 4.1). If the API counts from 1, that screen comes twice.
        section = urlsplit(page.address).path.strip("/")
        return Listing(entries, f"{page.origin}{API}{section}?page=1")

    def _api_listing(self, page: Page) -> Listing:
        section = urlsplit(page.address).path.removeprefix(API).strip("/")
        articles = value_at(page.json, "response", "articles")
        if articles is None:
            # Seen in 2026: several lists, the section's with a key like "news_china"; the others are hot news.
            lists = value_at(page.json, "response", "pageContentList")
            wanted = "_" + section.rpartition("/")[2]
            for block in lists if isinstance(lists, list) else []:
                if at.as_line(value_at(block, "key")).endswith(wanted):
                    articles = value_at(block, "articles")
        entries = entries_in(articles, "href", "timestamp", times.epoch_time)
        if not entries and articles != []:
            raise self.missing(page, "response.articles[].href")
        following = f"{page.origin}{API}{section}?page={following_number(page, 'page', 1)}"
        return Listing(entries, following if entries else None)


def _figures(article: dict[str, Any]) -> list[HtmlElement]:
    images = article.get("images")
    return [
        figure(url, value_at(picture, "caption"))
        for picture in (images if isinstance(images, list) else [])
        if isinstance(url := value_at(picture, "url"), str)
    ]
