"""A story of the replica: what it says, when it was published, and how its pages are odd."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from zbcrawler.replica.markup import PUBLIC_SITE, folded

if TYPE_CHECKING:
    from datetime import datetime

    from zbcrawler.replica.content import Content
    from zbcrawler.replica.faults import Fault
    from zbcrawler.replica.pictures import Picture

TimeSource = Literal["created", "jsonld", "byline", "postdate", "pubdate"]
ALL_TIMES: frozenset[TimeSource] = frozenset(("created", "jsonld", "byline", "postdate", "pubdate"))
Promotion = Literal["normal", "empty", "absent"]


@dataclass(frozen=True)
class Traits:
    """How the pages of one story differ from the usual.

    :ivar times: where a page tells the time. ``created``: drupalSettings or the hydration data;
        ``jsonld``; ``byline`` and ``postdate``: the visible text (Drupal shows one of the two,
        React has one form for both); ``pubdate``: React's ``_data``
    :ivar month_first: whether Drupal's JSON-LD says ``05/12/2021 - 16:53``; None: by the number
    :ivar hydration: whether the React page holds the hydration data
    :ivar old_markup: the React page serves the body in Drupal's markup
    :ivar promotion: the pair of promotions under a Drupal body; None: by the number
    :ivar control_characters: raw line breaks and tabs inside the strings of the JSON-LD
    :ivar dated: whether listings show a time beside the story (Drupal only)
    """

    times: frozenset[TimeSource] = ALL_TIMES
    month_first: bool | None = None
    hydration: bool = True
    old_markup: bool = False
    promotion: Promotion | None = None
    control_characters: bool = False
    dated: bool = True


@dataclass(frozen=True)
class Card:
    """One entry of a listing.

    :ivar href: as the listing writes it
    :ivar published: aware; entries are sorted by it
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
    """One story of the replica. Change it through the newsroom, so that its pages are made anew.

    :ivar number: digits; alone identifies the story
    :ivar section: the section that lists it, e.g. ``china``
    :ivar path: on the site, e.g. ``/realtime/china/story20210610-1154260``
    :ivar title: as the site writes it, so two blanks stay two
    :ivar published: aware, Singapore time, whole minutes
    :ivar content: None if ``raw_body`` holds the body
    :ivar raw_body: inner HTML of the body, served as it is
    :ivar raw_lead: lead pictures beside a ``raw_body``
    :ivar listed: whether listings show it; a decoy is not listed and only linked elsewhere
    :ivar fault: what its address answers instead of the page
    :ivar version: counts the changes
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
    version: int = 1

    @property
    def url(self) -> str:
        """The public address, which a post shows."""
        return PUBLIC_SITE + self.path

    @property
    def lead(self) -> tuple[Picture, ...]:
        """The lead picture, or the pictures of the gallery."""
        return self.content.lead if self.content else self.raw_lead

    @property
    def number_value(self) -> int:
        """The number as a number; small differences between pages are chosen by it."""
        return int(self.number)

    @property
    def archivable(self) -> bool:
        """Whether a correct crawl ends with a post of this story."""
        return self.listed and (self.fault is None or self.fault.times is not None)

    @property
    def expected_title(self) -> str:
        """The title a post must hold: one line without zero-width characters, joiners of emoji included."""
        return " ".join(folded(self.title.replace("\u200d", "")).split())

    @property
    def expected_time(self) -> datetime | None:
        """The time a post must hold: None if no page of the story tells one."""
        return self.published if self.traits.times else None

    def expected_lines(self) -> list[str] | None:
        """The lines between ``<div>`` and ``</div>`` of the post; None if the body is not invented."""
        return self.content.post() if self.content else None

    def cards(self, section: str) -> list[Card]:
        """The entries of this story in the listing of ``section``."""
        own = [Repetition(self.section, self.path)] if self.listed else []
        return [
            Card(one.href, one.title or self.title, self.published, self.traits.dated)
            for one in (*own, *(self.repetitions if self.listed else ()))
            if one.section == section
        ]
