"""The builds of the site, newest first; the page itself tells which one it is of.

To follow a redesign, add a module with its edition and name it in ``EDITIONS``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zbcrawler.editions.drupal import Drupal
from zbcrawler.editions.edition import Edition, Listed, Listing, Reading
from zbcrawler.editions.page import Page
from zbcrawler.editions.react import React
from zbcrawler.exceptions import UnknownEditionError

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["EDITIONS", "Edition", "Listed", "Listing", "Page", "Reading", "edition_of", "read_listing", "read_story"]

# The order is that of site-layouts, section 0: a React page may carry old Drupal markup inside.
EDITIONS: tuple[Edition, ...] = (React(), Drupal())


def edition_of(page: Page) -> Edition:
    """The edition that a page is of.

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
    """Reads a page of a section; see :meth:`Edition.listing`.

    :raises PageError: if no edition knows the page, or it holds no listing
    """
    return edition_of(page).listing(page, now)


def read_story(page: Page) -> Reading:
    """Reads a story page; see :meth:`Edition.story`.

    :raises PageError: if no edition knows the page, or it holds no body
    """
    return edition_of(page).story(page)
