"""What an edition is: one form of the site's pages, with the code that recognises and reads them.

Most of an edition is declared: the landmarks of its pages, and where each field of a story is found.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, NamedTuple

from lxml.html import HtmlElement

from zbcrawler.cleaning.rules import Rule
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import LandmarkMissingError
from zbcrawler.editions.listings import Listing
from zbcrawler.editions.page import Page
from zbcrawler.editions.pictures import elements_above, take_from_store
from zbcrawler.editions.selectors import all_of, text_of
from zbcrawler.editions.sources import FieldValue, Source, find
from zbcrawler.editions.values import without_site_name
from zbcrawler.items import Story


class Served(NamedTuple):
    """When an edition was served, as far as that is known (site-layouts 0).

    :ivar first: beginning of an ISO date: ``2020-07``
    :ivar last: the same, empty if the edition is still served
    """

    first: str
    last: str = ""

    def ended_before(self, day: date) -> bool:
        """Whether the edition was replaced before that day, so that no story of that day was served in it."""
        return bool(self.last) and day.isoformat()[: len(self.last)] > self.last

    def __str__(self) -> str:
        return f"{self.first} to {self.last or 'now'}"


@dataclass
class Reading:
    """What a story page holds.

    :ivar edition: name of the edition that read it
    :ivar title: one line, empty if the page has none
    :ivar published: the site's own time (aware), None if the page gives none
    :ivar raw: lead pictures, then the container of the body; uncleaned
    :ivar noise: elements in ``raw`` that the edition declares to be noise, besides those of the rules
    :ivar places: for ``title``, ``published`` and ``body``, where each was found
    """

    edition: str
    title: str
    published: datetime | None
    raw: list[HtmlElement]
    noise: dict[HtmlElement, Rule] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def as_story(
        self,
        address: StoryAddress,
        section: str = "",
        origin: str = "",
        details: Mapping[str, FieldValue] | None = None,
    ) -> Story:
        """Return the item that the pipelines turn into a post.

        :param details: values of further fields of the story; empty ones are left out
        """
        further: dict[str, Any] = {name: found.value for name, found in (details or {}).items() if found.value}
        return Story(
            address,
            self.title,
            self.published,
            raw=self.raw,
            noise=self.noise,
            edition=self.edition,
            section=section,
            origin=origin,
            **further,
        )


class Edition(ABC):
    """One form of the site's pages.

    :cvar letter: its letter in the notes on the site's layouts
    :cvar half: its half of the site, ``singapore`` or ``mainland``: each has headlines and
        picture hosts of its own
    :cvar LANDMARKS: a page with any of these is of this edition
    :cvar ENTRIES: the entries of a listing, or the links in them, as selectors, best first
    :cvar TITLE: where a story's headline is found, best first; the same for the fields that follow
    :cvar PUBLISHED: where its time is found
    :cvar BODY: the container of its text, as selectors
    :cvar LEAD: the story's pictures above its text, as a selector
    :cvar STORE: what stands for the picture store's address on its pages, if that is not the public address
    :cvar NOISE: noise in its bodies that the rules do not know: selectors, each with its rule
    :cvar CAPTIONS: captions in its bodies that are no ``figcaption`` and that the cleaner does not know
    :cvar DETAILS: where further fields of the story are found, by name: ``byline`` (empty if it is just the
        newspaper), ``keywords``, ``updated``, ``image`` (for those who link the story, empty for the site's default)
    """

    name: ClassVar[str]
    letter: ClassVar[str]
    served: ClassVar[Served]
    half: ClassVar[str] = "singapore"

    LANDMARKS: ClassVar[tuple[Source, ...]]
    ENTRIES: ClassVar[tuple[str, ...]]
    TITLE: ClassVar[tuple[Source, ...]]
    PUBLISHED: ClassVar[tuple[Source, ...]]
    BODY: ClassVar[tuple[str, ...]]
    LEAD: ClassVar[str] = ""
    STORE: ClassVar[re.Pattern[str] | None] = None
    NOISE: ClassVar[dict[str, Rule]] = {}
    CAPTIONS: ClassVar[tuple[str, ...]] = ()
    DETAILS: ClassVar[dict[str, tuple[Source, ...]]] = {}

    def recognises(self, page: Page) -> bool:
        """Whether a page is of this edition, judged from the page alone."""
        return any(landmark.read(page) for landmark in self.LANDMARKS)

    @abstractmethod
    def listing(self, page: Page, now: datetime) -> Listing:
        """Read a page of a section.

        :param now: when it was fetched (aware), for times such as ``3小时前``
        :raises LandmarkMissingError: if the page holds no listing
        """

    def entries(self, page: Page) -> list[HtmlElement]:
        """Return what the first successful selector of ``ENTRIES`` finds.

        :raises LandmarkMissingError: if none of them finds anything
        """
        for css in self.ENTRIES:
            if found := page.all(css):
                return found
        raise LandmarkMissingError(self.name, " or ".join(self.ENTRIES), page.address)

    def story(self, page: Page) -> Reading:
        """Read a story page.

        :raises LandmarkMissingError: if the page holds no body
        """
        title, published, body = find(page, self.TITLE), find(page, self.PUBLISHED), self.body(page)
        places = {"title": title.where, "published": published.where, "body": body.where}
        noise = {found: rule for css, rule in self.NOISE.items() for root in body.value for found in all_of(root, css)}
        for caption in [found for css in self.CAPTIONS for root in body.value for found in all_of(root, css)]:
            caption.tag = "figcaption"
        return Reading(self.name, without_site_name(title.value or ""), published.value, body.value, noise, places)

    def details(self, page: Page) -> dict[str, FieldValue]:
        """Read the optional fields of a story, by name."""
        return {name: find(page, sources) for name, sources in self.DETAILS.items()}

    def body(self, page: Page) -> FieldValue:
        """Return what becomes the post's body: a list of elements, the lead pictures first.

        :raises LandmarkMissingError: if the page has no body
        """
        css, box = self.container(page)
        if self.STORE:
            take_from_store(box.iter("img"), self.STORE)
        return FieldValue([*self.lead_pictures(page, box), box], css)

    def lead_pictures(self, page: Page, body: HtmlElement) -> list[HtmlElement]:
        """Return the story's pictures that stand outside its body."""
        return elements_above(body, page, self.LEAD) if self.LEAD else []

    def container(self, page: Page) -> tuple[str, HtmlElement]:
        """Return the element that holds a story's text, and the selector that found it.

        :raises LandmarkMissingError: if there is none
        """
        for css in self.BODY:
            if boxes := page.all(css):
                # An empty one may stand before it.
                return css, next((box for box in boxes if text_of(box)), boxes[0]) if len(boxes) > 1 else boxes[0]
        raise LandmarkMissingError(self.name, " or ".join(self.BODY), page.address)
