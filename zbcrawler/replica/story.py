"""A story of the replica: its content, its time, and the oddities of its pages."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from zbcrawler.replica.content import Content, Text
from zbcrawler.replica.editions import MAINLAND, EditionName
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.markup import PUBLIC_SITE, folded
from zbcrawler.replica.paywall import Paywall
from zbcrawler.replica.pictures import Picture
from zbcrawler.replica.pieces import first_third

TimeSource = Literal["created", "jsonld", "byline", "postdate", "pubdate"]
ALL_TIMES: frozenset[TimeSource] = frozenset(("created", "jsonld", "byline", "postdate", "pubdate"))
Promotion = Literal["normal", "empty", "absent"]


@dataclass(frozen=True)
class Traits:
    """The oddities of one story's pages.

    :ivar times: the places of the time in a page. ``created``: drupalSettings or the hydration data;
        ``jsonld``; ``byline`` and ``postdate``: the visible text (Drupal shows one of the two,
        React has one form for both); ``pubdate``: React's ``_data``. An edition that lacks a place
        has the time in another, so that all editions hold the same facts
    :ivar month_first: whether the JSON-LD of Drupal and of the mainland edition says
        ``05/12/2021 - 16:53``; None lets the number decide
    :ivar hydration: whether the React page holds the hydration data
    :ivar old_markup: the React page serves the body in Drupal's markup
    :ivar promotion: the pair of promotions under a Drupal body; None lets the number decide
    :ivar control_characters: raw line breaks and tabs inside the strings of the JSON-LD
    :ivar dated: whether listings show the story's time (React's never do)
    :ivar rerendered: whether Next.js rendered the Drupal 7 pages; None lets the number decide
    :ivar two_headlines: whether the mainland's editions show another headline; None lets the number decide
    """

    times: frozenset[TimeSource] = ALL_TIMES
    month_first: bool | None = None
    hydration: bool = True
    old_markup: bool = False
    promotion: Promotion | None = None
    control_characters: bool = False
    dated: bool = True
    rerendered: bool | None = None
    two_headlines: bool | None = None


@dataclass(frozen=True)
class Card:
    """One entry of a listing.

    :ivar href: as the listing writes it
    :ivar published: aware; listings are sorted by it
    """

    href: str
    title: str
    published: datetime
    dated: bool = True


@dataclass(frozen=True)
class Repetition:
    """A further entry for a story: in another section, with a ``ref=``, or under another title.

    :ivar title: None for the story's own
    """

    section: str
    href: str
    title: str | None = None


@dataclass(eq=False)
class ReplicaStory:
    """One story of the replica. Change it through the newsroom, which discards its old pages.

    :ivar number: digits; identifies the story
    :ivar section: the section that lists it, e.g. ``china``
    :ivar path: on the site, e.g. ``/realtime/china/story20210610-1154260``
    :ivar title: as the site writes it, with repeated blanks
    :ivar published: aware, Singapore time, whole minutes
    :ivar content: None if ``raw_body`` holds the body
    :ivar raw_body: inner HTML of the body, served unchanged
    :ivar raw_lead: lead pictures beside a ``raw_body``
    :ivar listed: whether listings show it; a decoy is only linked elsewhere
    :ivar fault: the answer of its address instead of the page
    :ivar mainland_title: the headline in the mainland's editions, None if it is the same
    :ivar locked: whether its pages show only the beginning and then the paywall
    :ivar version: number of changes
    :ivar changed: time of the last change of its text (aware), or None; only sitemaps hold it
    """

    number: str
    section: str
    path: str
    title: str
    published: datetime
    content: Content | None = None
    raw_body: str | None = None
    raw_lead: tuple[Picture, ...] = ()
    traits: Traits = field(default_factory=Traits)
    listed: bool = True
    fault: Fault | None = None
    repetitions: tuple[Repetition, ...] = ()
    mainland_title: str | None = None
    locked: bool = False
    version: int = 1
    changed: datetime | None = None

    @property
    def url(self) -> str:
        """Return the public address, which a post shows."""
        return PUBLIC_SITE + self.path

    @property
    def lead(self) -> tuple[Picture, ...]:
        """Return the lead picture, or the pictures of the gallery."""
        return self.content.lead if self.content else self.raw_lead

    @property
    def number_value(self) -> int:
        """Return the number as an integer. It decides small differences between pages."""
        return int(self.number)

    @property
    def archivable(self) -> bool:
        """Return whether a correct crawl archives this story."""
        return self.listed and (self.fault is None or self.fault.times is not None)

    @property
    def visible(self) -> Content | None:
        """Return the content that its pages show (of a locked story the first third), or None if it is raw."""
        if self.raw_body is not None:
            return None
        if self.content is None or not self.locked:
            return self.content
        blocks = self.content.blocks
        return replace(self.content, blocks=(*blocks[: max(1, len(blocks) // 3)], Paywall()))

    @property
    def cut(self) -> bool:
        """Return whether the paywall cuts the text on its pages."""
        blocks = self.visible.blocks if self.visible else ()
        return self.locked or any(isinstance(block, Paywall) for block in blocks)

    @property
    def opening(self) -> str:
        """Return the first three paragraphs, joined without breaks, as in descriptions."""
        blocks = self.visible.blocks if self.visible else ()
        return "".join([one.text for one in blocks if isinstance(one, Text)][:3])

    def raw_html(self, edition: EditionName) -> str:
        """Return the part of ``raw_body`` that its pages show."""
        body = self.raw_body or ""
        return f"{first_third(body)}\n{Paywall().page(edition)}" if self.locked and body else body

    def title_in(self, edition: str) -> str:
        """Return the headline of an edition, as the site writes it (site-layouts 4.2, ``displayHeadlineZBCom``)."""
        return self.mainland_title if self.mainland_title and edition in MAINLAND else self.title

    def expected_title_in(self, edition: str) -> str:
        """Return the title of a post made from a page of an edition.

        It is one line without zero-width characters, not even those that join emoji.
        """
        return " ".join(folded(self.title_in(edition).replace("\u200d", "")).split())

    @property
    def expected_title(self) -> str:
        """Return the title of a post made from a page of the Singapore half."""
        return self.expected_title_in("react")

    @property
    def expected_time(self) -> datetime | None:
        """Return the time of the story's post in every edition, or None if no page of the story holds a time."""
        return self.published if self.traits.times else None

    def expected_lines(self, edition: EditionName = "react") -> list[str] | None:
        """Return the lines between ``<div>`` and ``</div>`` of a post made from the present page.

        :param edition: the page's edition; the addresses of some pictures differ in the mainland's editions
        :returns: None if the body is not invented
        """
        return self.visible.post(edition) if self.visible else None

    def cards(self, section: str, edition: str) -> list[Card]:
        """Return the entries of this story in an edition's listing of ``section``."""
        own = [Repetition(self.section, self.path)] if self.listed else []
        title = self.title_in(edition)
        return [
            Card(one.href, one.title or title, self.published, self.traits.dated)
            for one in (*own, *(self.repetitions if self.listed else ()))
            if one.section == section
        ]
