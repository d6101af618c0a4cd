"""The Drupal build of the Singapore edition, theme ``zbsg2020``: site-layouts section 3."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from zbcrawler import times
from zbcrawler.editions.edition import Edition, Listed, Listing, Reading, without_site_name
from zbcrawler.editions.scripts import at, json_in
from zbcrawler.editions.selectors import all_of, first_of, meta, text_of
from zbcrawler.exceptions import LandmarkMissingError

if TYPE_CHECKING:
    from datetime import datetime

    from lxml.html import HtmlElement

    from zbcrawler.editions.page import Page


class Drupal(Edition):
    """Served until 2024-06-11; its pages live on in web archives."""

    name = "drupal"
    letter = "C"
    served = "2020-07 to 2024-06-11"

    LANDMARKS = "a.article-type-link, .article-content-rawhtml"
    SETTINGS = 'script[type="application/json"]'

    LISTINGS = (".article-list", ".on-listing-pages", ".article-type", "main", "body")
    ENTRY = "a.article-type-link[href]"
    ENTRY_BOX = "article-type-content"
    ENTRY_TIME = ".meta-published-date"
    NEXT = "a.pagination-link-next[href]"

    TITLES = (".content h1", ".article-title", "h1")
    TIMES = ("h4.date-published", ".story-postdate", ".group-story-postdate")
    LEAD = ".inline-figure-img, .inline-figure-gallery, figure.inline-figure"
    BODY = ".article-content-rawhtml"

    def recognises(self, page: Page) -> bool:
        if page.json is not None:
            return False
        if "article-type-link" not in page.text and "article-content-rawhtml" not in page.text:
            return "articleDetails" in page.text and self._details(page) is not None
        return first_of(page.tree, self.LANDMARKS) is not None

    def listing(self, page: Page, now: datetime) -> Listing:
        links = self._entries(page.tree)
        if not links:
            raise LandmarkMissingError(self.name, f"{self.LISTINGS[0]} {self.ENTRY}", page.address)
        entries = [
            Listed(link.get("href"), text_of(first_of(link, "h2")) or text_of(link), self._listed_time(link, now))
            for link in links
        ]
        return Listing(entries, self._next(page))

    def story(self, page: Page) -> Reading:
        bodies = all_of(page.tree, self.BODY)
        if not bodies:
            raise LandmarkMissingError(self.name, self.BODY, page.address)
        # An empty one may stand before it.
        body = next((box for box in bodies if text_of(box)), bodies[0])
        return Reading(self.name, self._title(page), self._published(page), [*self._lead(page.tree, body), body])

    def _entries(self, tree: HtmlElement) -> list[HtmlElement]:
        for css in self.LISTINGS:
            # Of several lists on a page, the section's own is the longest: it has 24.
            found = max((all_of(box, self.ENTRY) for box in all_of(tree, css)), key=len, default=[])
            if found:
                return found
        return []

    def _listed_time(self, link: HtmlElement, now: datetime) -> datetime | None:
        box = link
        while box.getparent() is not None and self.ENTRY_BOX not in (box.get("class") or ""):
            box = box.getparent()
            if len(all_of(box, self.ENTRY)) > 1:  # not an entry's own box any more
                return None
        return times.listing_time(text_of(first_of(box, self.ENTRY_TIME)), now)

    def _next(self, page: Page) -> str | None:
        link = first_of(page.tree, self.NEXT)
        if link is None:
            return None
        try:
            address = urljoin(page.address, link.get("href").strip())
            same_section = urlsplit(address)[:3] == urlsplit(page.address)[:3]
        except ValueError:
            return None
        return address if same_section and address != page.address else None

    def _details(self, page: Page) -> dict | None:
        for script in all_of(page.tree, self.SETTINGS):
            details = at(json_in(script.text or ""), "articleDetails")
            if isinstance(details, dict):
                return details
        return None

    def _title(self, page: Page) -> str:
        for css in self.TITLES:
            if title := text_of(first_of(page.tree, css)):
                return title
        headline = page.linked_data.get("headline")
        return without_site_name(
            (headline if isinstance(headline, str) else "")
            or meta(page.tree, "og:title")
            or text_of(first_of(page.tree, "title"))
        )

    def _published(self, page: Page) -> datetime | None:
        found = times.epoch_time(at(self._details(page), "created")) or times.machine_time(
            page.linked_data.get("datePublished")
        )
        for css in self.TIMES:
            found = found or times.byline_time(text_of(first_of(page.tree, css)))
        return found

    def _lead(self, tree: HtmlElement, body: HtmlElement) -> list[HtmlElement]:
        found = all_of(tree, self.LEAD)
        if not found:
            return []
        taken = {body, *body.iterdescendants(), *(inner for outer in found for inner in outer.iterdescendants())}
        # Pictures of other stories stand in sidebars under the same names: the story's own come
        # before its body.
        before = _positions(tree, [body, *found])
        return [element for element in found if element not in taken and before[element] < before[body]]


def _positions(tree: HtmlElement, elements: list[HtmlElement]) -> dict[HtmlElement, int]:
    wanted = set(elements)
    return {element: place for place, element in enumerate(tree.iter()) if element in wanted}
