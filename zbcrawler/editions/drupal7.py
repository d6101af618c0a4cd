"""The Drupal 7 edition, served to all readers until 2020, and its re-rendered stories: site-layouts section 2."""

from __future__ import annotations

import re
from datetime import datetime

from lxml.html import HtmlElement

from zbcrawler.common import times
from zbcrawler.editions.edition import Edition, Listing, ListingEntry, Served, following_page
from zbcrawler.editions.embedded_json import pushed
from zbcrawler.editions.field_sources import Linked, Source, byline, element, shown
from zbcrawler.editions.page import Page, first_of, text_of

# Next.js, which rendered some of these stories again, passes its data in pieces.
_PUSHES = "self.__next_f.push"
_PUBLICATION_DATE = re.compile(r'"publication_date"\s*:\s*"([^"]{10,40})"')


def _publication_date(page: Page) -> datetime | None:
    found = _PUBLICATION_DATE.search(pushed(page.text, _PUSHES)) if page.contains(_PUSHES) else None
    return times.machine_time(found[1]) if found else None


class Drupal7(Edition):
    """Themes ``zb2013`` and ``zb2016``."""

    name = "drupal7"
    letter = "B"
    served = Served("2013", "2020-07")

    LANDMARKS = (
        element("#FineDining"),
        element("#article_content"),
        element(".body-content .loadme"),
        element(".post-list .row.list"),
        element(".post-detail .post-title"),
    )

    # -- listings: pages counted from 0
    ENTRIES = (".post-list .row.list", ".post-detail")
    ENTRY_TITLE = ".post-title"
    ENTRY_TIME = ".datestamp"
    NEXT = ".pager-next a[href], a.pager-next[href], li.next a[href], a[rel='next'][href]"

    # -- stories
    TITLE = (shown(".body-content > h1"), shown(".body-content h1"), shown("h1"), *Linked.HEADLINES, shown("title"))
    PUBLISHED = (
        Source(f"{_PUSHES} publication_date", _publication_date),
        shown(".body-content .datestamp", times.byline_time),
        shown(".datestamp", times.byline_time),
        Linked.PUBLISHED,
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
        "byline": (shown("aside .meta-byline a", byline), shown(".meta-byline", byline)),
        "image": (Linked.SHARED_IMAGE, Linked.IMAGE),
    }

    def listing(self, page: Page, now: datetime) -> Listing:
        for css in self.ENTRIES:
            if entries := [entry for box in page.all(css) if (entry := self._entry(box, now))]:
                return Listing(entries, following_page(page, self.NEXT))
        raise self.missing(page, *self.ENTRIES)

    def _entry(self, box: HtmlElement, now: datetime) -> ListingEntry | None:
        title = first_of(box, self.ENTRY_TITLE)
        link = next((outer for outer in (title if title is not None else box).iterancestors("a")), None)
        if link is None or not link.get("href"):
            link = first_of(box, "a[href]")
        if link is None:
            return None
        when = text_of(first_of(box, self.ENTRY_TIME))
        return ListingEntry.shown(link, text_of(title) or text_of(link), when, now)
