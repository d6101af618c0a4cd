"""The editions of the site, newest first; the page alone shows its edition, whatever host served the page.

To follow a redesign, add a module with its edition and name it in ``EDITIONS``. Imports ``cleaning`` and below.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import LandmarkMissingError, UnknownEditionError
from zbcrawler.editions.drupal import Drupal, Drupal7
from zbcrawler.editions.edition import Edition, Listing, ListingEntry, Served
from zbcrawler.editions.mainland import Astro, Mainland
from zbcrawler.editions.page import Page, check_own_address
from zbcrawler.editions.react import React
from zbcrawler.items import Story

__all__ = ["ADOPTED", "EDITIONS", "Edition", "Editions", "Listing", "ListingEntry", "Page"]

# A React page may carry old Drupal markup inside, and both mainland editions use the same name for the body.
EDITIONS: tuple[Edition, ...] = (React(), Mainland(), Astro(), Drupal(), Drupal7())
ADOPTED = Path(__file__).with_name("adopted")


def read_declared(folder: Path) -> tuple[Edition, ...]:
    """Return the editions that a folder's files declare, newest first; raise EditionFileError if one cannot be used."""
    if not (files := sorted(folder.glob("*.yml"), reverse=True)):
        return ()
    from zbcrawler.editions.learnt import read_edition  # noqa: PLC0415  # most archives have learnt nothing

    return tuple(map(read_edition, files))


class Editions:
    """The editions in code, and those that are data: an archive's own, and the adopted ones."""

    def __init__(self, learnt: Sequence[Edition] = ()) -> None:
        """Take an archive's learnt editions, newest first."""
        self.learnt = tuple(learnt)
        self.all: tuple[Edition, ...] = (*learnt, *read_declared(ADOPTED), *EDITIONS)

    def edition_of(self, page: Page) -> Edition:
        """Return the edition of a page; raise UnknownEditionError if none recognises the page."""
        known = self.known_of(page)
        if found := next((one for one in self.all if one.replaces(page, known)), known):
            return found
        names = ", ".join(edition.name for edition in self.all)
        raise UnknownEditionError(
            f"{page.address}: no known edition ({names}) recognises this page; it may be an error page,"
            " or the site was redesigned"
        )

    def known_of(self, page: Page) -> Edition | None:
        """Return the edition in code that recognises a page, None if none does."""
        return next((one for one in self.all if one.recognises(page)), None)

    def read_listing(self, page: Page, now: datetime, before: Listing | None = None) -> Listing:
        """Read a page of a section, fetched at ``now`` (aware); raise PageError if no edition finds a listing there.

        :param before: the page before this one, which knows an empty page behind the last
        """
        try:
            edition = self.edition_of(page)
            listing = edition.listing(page, now)
        except (UnknownEditionError, LandmarkMissingError):
            if before and before.ends_at and before.ends_at(page):
                return Listing(edition=before.edition, half=before.half)
            raise
        listing.edition, listing.half = edition.name, edition.half
        return listing

    def read_story(self, page: Page, address: StoryAddress, section: str, with_details: bool) -> Story:
        """Return the story of a page that a section listed; details are read only for optional keys.

        :raises PageError: if no edition recognises the page, or it holds no body, or says that it is another story's
        """
        edition = self.edition_of(page)
        check_own_address(page, address, edition.own_links(page))
        story = edition.story(page, address)
        details = edition.details(page) if with_details else {}
        return replace(story, section=section, **{name: found.value for name, found in details.items() if found.value})

    def served(self, name: str) -> Served | None:
        """Return when a named edition was served, None for an unknown name."""
        return next((edition.served for edition in self.all if edition.name == name), None)
