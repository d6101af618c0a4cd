"""The builds of the site, newest first; the page itself tells which one it is of.

To follow a redesign, add a module with its edition and name it in ``EDITIONS``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zbcrawler.common.errors import UnknownEditionError
from zbcrawler.editions.astro import Astro
from zbcrawler.editions.drupal import Drupal
from zbcrawler.editions.drupal7 import Drupal7
from zbcrawler.editions.edition import Details, Edition, Listing, ListingEntry, Reading
from zbcrawler.editions.mainland import Mainland
from zbcrawler.editions.page import Page
from zbcrawler.editions.react import React

if TYPE_CHECKING:
    from datetime import datetime

    from zbcrawler.common.addresses import StoryAddress
    from zbcrawler.items import Story

__all__ = [
    "EDITIONS",
    "Details",
    "Edition",
    "Listing",
    "ListingEntry",
    "Page",
    "Reading",
    "edition_of",
    "read_listing",
    "read_story",
    "half_of",
    "story_of",
]

# A React page may carry old Drupal markup inside, and both mainland builds name their body alike.
EDITIONS: tuple[Edition, ...] = (React(), Mainland(), Astro(), Drupal(), Drupal7())


def edition_of(page: Page) -> Edition:
    """Return the edition that a page is of.

    :raises UnknownEditionError: if none recognises it
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

    :raises PageError: if no edition knows the page, or it holds no listing
    """
    edition = edition_of(page)
    listing = edition.listing(page, now)
    listing.edition, listing.half = edition.name, edition.half
    return listing


def read_story(page: Page) -> Reading:
    """Read a story page; see :meth:`Edition.story`.

    :raises PageError: if no edition knows the page, or it holds no body
    """
    return edition_of(page).story(page)


def story_of(edition: Edition, page: Page, address: StoryAddress, section: str, with_details: bool) -> Story:
    """Return the story of a page.

    :param edition: the page's
    :param section: the section that listed it
    :param with_details: whether optional keys want what the page says beside it; some would have to be parsed for that
    :raises PageError: if the page holds no body
    """
    story = edition.story(page).as_story(address, section, page.origin)
    if with_details:
        details = edition.details(page)
        story.byline, story.keywords = details.byline, details.keywords
        story.updated, story.image = details.updated, details.image
    return story


def half_of(name: str) -> str | None:
    """Return the half of an edition, ``singapore`` or ``mainland``; None if no edition has the name."""
    return next((edition.half for edition in EDITIONS if edition.name == name), None)
