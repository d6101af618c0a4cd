"""The editions of the site, newest first; the page alone shows its edition, whatever host served the page.

To follow a redesign, add a module with its edition and name it in ``EDITIONS``. Imports ``cleaning`` and below.
"""

from __future__ import annotations

from datetime import datetime

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import UnknownEditionError
from zbcrawler.editions.astro import Astro
from zbcrawler.editions.drupal import Drupal
from zbcrawler.editions.drupal7 import Drupal7
from zbcrawler.editions.edition import Edition, Listing, ListingEntry
from zbcrawler.editions.mainland import Mainland
from zbcrawler.editions.own_address import check_own_address
from zbcrawler.editions.page import Page
from zbcrawler.editions.react import React
from zbcrawler.items import Story

__all__ = ["EDITIONS", "Edition", "ListingEntry", "Page", "edition_of", "half_of", "read_listing", "story_of"]

# A React page may carry old Drupal markup inside, and both mainland editions use the same name for the body.
EDITIONS: tuple[Edition, ...] = (React(), Mainland(), Astro(), Drupal(), Drupal7())


def edition_of(page: Page) -> Edition:
    """Return the edition of a page.

    :raises UnknownEditionError: if no edition recognises the page
    """
    for edition in EDITIONS:
        if edition.recognises(page):
            return edition
    names = ", ".join(edition.name for edition in EDITIONS)
    raise UnknownEditionError(
        f"{page.address}: no known edition ({names}) recognises this page; it may be an error page,"
        " or the site was redesigned"
    )


def read_listing(page: Page, now: datetime) -> Listing:
    """Read a page of a section; see :meth:`Edition.listing`.

    :raises PageError: if no edition recognises the page, or the page holds no listing
    """
    edition = edition_of(page)
    listing = edition.listing(page, now)
    listing.edition, listing.half = edition.name, edition.half
    return listing


def story_of(edition: Edition, page: Page, address: StoryAddress, section: str, with_details: bool) -> Story:
    """Return the story of a page that a section listed; details are read only for optional keys.

    :raises PageError: if the page holds no body, or says that it is another story's
    """
    check_own_address(page, address, edition.own_links(page))
    reading = edition.story(page)
    story = reading.as_story(address, section, page.origin, edition.details(page) if with_details else None)
    story.cuts_are_marked = edition.marks_cuts
    return story


def half_of(name: str) -> str | None:
    """Return the half of the newspaper's site to which a named edition belongs; None for unknown names."""
    return next((edition.half for edition in EDITIONS if edition.name == name), None)
