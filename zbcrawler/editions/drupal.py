"""The Drupal edition of the Singapore half, theme ``zbsg2020``: site-layouts section 3."""

from __future__ import annotations

from datetime import datetime

from lxml.html import HtmlElement

from zbcrawler.common import times
from zbcrawler.common.errors import LandmarkMissingError
from zbcrawler.editions.edition import Edition, Served
from zbcrawler.editions.listings import Listing, ListingEntry, following_page
from zbcrawler.editions.page import Page
from zbcrawler.editions.selectors import all_of, first_of, text_of
from zbcrawler.editions.sources import each, element, in_data_script, in_linked_data, in_meta, shown
from zbcrawler.editions.values import byline, image, keywords

SETTINGS = 'script[type="application/json"]'


class Drupal(Edition):
    """Served until 2024-06-11; its pages live on in web archives."""

    name = "drupal"
    letter = "C"
    served = Served("2020-07", "2024-06-11")

    LANDMARKS = (element("a.article-type-link"), element(".article-content-rawhtml"))

    # -- listings: 24 entries a page, pages counted from 0
    LISTINGS = (".article-list", ".on-listing-pages", ".article-type", "main", "body")
    ENTRIES = ("a.article-type-link[href]",)
    ENTRY_BOX = "article-type-content"
    ENTRY_TIME = ".meta-published-date"
    NEXT = "a.pagination-link-next[href]"

    # -- stories
    TITLE = (
        shown(".content h1"),
        shown(".article-title"),
        shown("h1"),
        in_linked_data("headline"),
        in_meta("og:title"),
        shown("title"),
    )
    PUBLISHED = (
        in_data_script(SETTINGS, "articleDetails", "created", read=times.epoch_time),
        in_linked_data("datePublished", read=times.machine_time),
        shown("h4.date-published", times.byline_time),
        shown(".story-postdate", times.byline_time),
        shown(".group-story-postdate", times.byline_time),
    )
    BODY = (".article-content-rawhtml",)
    LEAD = ".inline-figure-img, .inline-figure-gallery, figure.inline-figure"
    DETAILS = {
        "byline": (shown("h4.byline", byline), in_linked_data("author", read=byline)),
        "keywords": (each("div.keywords ul li"), in_linked_data("keywords", read=keywords)),
        "updated": (
            shown(".story-changeddate", times.byline_time),
            in_linked_data("dateModified", read=times.machine_time),
        ),
        "image": (in_meta("og:image:url", image), in_meta("og:image", image), in_linked_data("image", read=image)),
    }

    def recognises(self, page: Page) -> bool:
        if page.json is not None:
            return False
        details = in_data_script(SETTINGS, "articleDetails", read=lambda value: isinstance(value, dict))
        return super().recognises(page) or (page.contains("articleDetails") and bool(details.read(page)))

    def listing(self, page: Page, now: datetime) -> Listing:
        links = self._entries(page)
        if not links:
            raise LandmarkMissingError(self.name, f"{self.LISTINGS[0]} {self.ENTRIES[0]}", page.address)
        titles = (text_of(first_of(link, "h2")) or text_of(link) for link in links)
        entries = [
            ListingEntry.shown(link.get("href"), title, self._listed_time(link), now)
            for link, title in zip(links, titles, strict=True)
        ]
        return Listing(entries, following_page(page, self.NEXT))

    def _entries(self, page: Page) -> list[HtmlElement]:
        for css in self.LISTINGS:
            # The section's own list is the longest on the page: it has 24 entries.
            if found := max((all_of(box, *self.ENTRIES) for box in page.all(css)), key=len, default=[]):
                return found
        return []

    def _listed_time(self, link: HtmlElement) -> str:
        box = link
        while box.getparent() is not None and self.ENTRY_BOX not in (box.get("class") or ""):
            box = box.getparent()
            if len(all_of(box, *self.ENTRIES)) > 1:  # the box of several entries
                return ""
        return text_of(first_of(box, self.ENTRY_TIME))
