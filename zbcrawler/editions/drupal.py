"""The Drupal editions: of all readers until 2020, and of the Singapore half after it: site-layouts sections 2 and 3."""

import re
from datetime import datetime

from lxml.html import HtmlElement

from zbcrawler.common import times
from zbcrawler.editions import field_sources as at
from zbcrawler.editions.edition import Edition, Listing, ListingEntry, Served, following_page
from zbcrawler.editions.embedded_json import pushed
from zbcrawler.editions.page import Page, all_of, first_of, text_of

_SETTINGS = 'script[type="application/json"]'
# Next.js, which rendered some of these stories again, passes its data in pieces.
_PUSHES = "self.__next_f.push"
_PUBLICATION_DATE = re.compile(r'"publication_date"\s*:\s*"([^"]{10,40})"')


def _publication_date(page: Page) -> datetime | None:
    found = _PUBLICATION_DATE.search(pushed(page.text, _PUSHES)) if page.contains(_PUSHES) else None
    return times.machine_time(found[1]) if found else None


class Drupal7(Edition):
    """Themes ``zb2013`` and ``zb2016``, and stories of theirs that Next.js rendered again."""

    name = "drupal7"
    letter = "B"
    served = Served("2013", "2020-07")

    LANDMARKS = (
        at.element("#FineDining"),
        at.element("#article_content"),
        at.element(".body-content .loadme"),
        at.element(".post-list .row.list"),
        at.element(".post-detail .post-title"),
    )

    # -- listings: pages counted from 0
    ENTRIES = (".post-list .row.list", ".post-detail")
    ENTRY_TITLE = ".post-title"
    ENTRY_TIME = ".datestamp"
    NEXT = ".pager-next a[href], a.pager-next[href], li.next a[href], a[rel='next'][href]"

    # -- stories
    TITLE = (*map(at.shown, (".body-content > h1", ".body-content h1", "h1")), *at.Linked.HEADLINES, at.shown("title"))
    PUBLISHED = (
        at.Source(f"{_PUSHES} publication_date", _publication_date),
        at.shown(".body-content .datestamp", times.byline_time),
        at.shown(".datestamp", times.byline_time),
        at.Linked.PUBLISHED,
    )
    BODY = (
        "#FineDining",
        "#article_content .a_body",
        "#article-content",
        "#article_content",
        ".article-content-container",
        ".field-name-body",
    )
    LEAD = ".body-content .loadme picture, .loadme picture"
    DETAILS = Edition.DETAILS | {
        "byline": (at.shown("aside .meta-byline a", at.byline), at.shown(".meta-byline", at.byline)),
        "image": (at.Linked.SHARED_IMAGE, at.Linked.IMAGE),
    }

    def listing(self, page: Page, now: datetime) -> Listing:
        for css in self.ENTRIES:
            if entries := [entry for box in page.all(css) if (entry := self._entry(box, now))]:
                return Listing(entries, following_page(page, self.NEXT))
        raise self.missing(page, *self.ENTRIES)

    def _entry(self, box: HtmlElement, now: datetime) -> ListingEntry | None:
        title = first_of(box, self.ENTRY_TITLE)
        around = (title if title is not None else box).iterancestors("a")
        link = next((link for link in around if link.get("href")), first_of(box, "a[href]"))
        if link is None:
            return None
        when = text_of(first_of(box, self.ENTRY_TIME))
        return ListingEntry.shown(link, text_of(title) or text_of(link), when, now)


class Drupal(Edition):
    """Theme ``zbsg2020``, served until 2024-06-11; its pages live on in web archives."""

    name = "drupal"
    letter = "C"
    served = Served("2020-07", "2024-06-11")

    LANDMARKS = (
        at.element("a.article-type-link"),
        at.element(".article-content-rawhtml"),
        at.in_data_script(_SETTINGS, "articleDetails", read=lambda value: isinstance(value, dict)),
    )

    # -- listings: 24 entries a page, pages counted from 0
    LISTINGS = (".article-list", ".on-listing-pages", ".article-type", "main", "body")
    ENTRIES = ("a.article-type-link[href]",)
    ENTRY_BOX = "article-type-content"
    ENTRY_TIME = ".meta-published-date"
    NEXT = "a.pagination-link-next[href]"

    # -- stories
    TITLE = (*map(at.shown, (".content h1", ".article-title", "h1")), *at.Linked.HEADLINES, at.shown("title"))
    PUBLISHED = (
        at.in_data_script(_SETTINGS, "articleDetails", "created", read=times.epoch_time),
        at.Linked.PUBLISHED,
        at.shown("h4.date-published", times.byline_time),
        at.shown(".story-postdate", times.byline_time),
        at.shown(".group-story-postdate", times.byline_time),
    )
    BODY = (".article-content-rawhtml",)
    LEAD = ".inline-figure-img, .inline-figure-gallery, figure.inline-figure"
    DETAILS = {
        "byline": (at.shown("h4.byline", at.byline), at.Linked.AUTHOR),
        "keywords": (at.each("div.keywords ul li"), at.Linked.KEYWORDS),
        "updated": (at.shown(".story-changeddate", times.byline_time), at.Linked.UPDATED),
        "image": (at.in_meta("og:image:url", at.image), at.Linked.SHARED_IMAGE, at.Linked.IMAGE),
    }

    def listing(self, page: Page, now: datetime) -> Listing:
        entries = [
            ListingEntry.shown(link, text_of(first_of(link, "h2")) or text_of(link), self._listed_time(link), now)
            for link in self.entries(page)
        ]
        return Listing(entries, following_page(page, self.NEXT))

    def entries(self, page: Page) -> list[HtmlElement]:
        for css in self.LISTINGS:
            # The section's own list is the longest on the page: it has 24 entries.
            if found := max((all_of(box, *self.ENTRIES) for box in page.all(css)), key=len, default=[]):
                return found
        raise self.missing(page, f"{self.LISTINGS[0]} {self.ENTRIES[0]}")

    def _listed_time(self, link: HtmlElement) -> str:
        box = next(iter(link.xpath(f"ancestor-or-self::*[contains(@class, '{self.ENTRY_BOX}')][1]")), link)
        return text_of(first_of(box, self.ENTRY_TIME)) if len(all_of(box, *self.ENTRIES)) < 2 else ""
