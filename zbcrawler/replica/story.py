"""A story of the replica: what it says, when it was published, and how its pages are odd."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from zbcrawler.replica.builds import MAINLAND
from zbcrawler.replica.content import Text
from zbcrawler.replica.markup import PUBLIC_SITE, folded
from zbcrawler.replica.paywall import Paywall
from zbcrawler.replica.pieces import first_third

if TYPE_CHECKING:
    from datetime import datetime

    from zbcrawler.replica.builds import Build
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
        React has one form for both); ``pubdate``: React's ``_data``. Builds that lack a place
        tell the time in another, so that no build keeps back what another one tells
    :ivar month_first: whether the JSON-LD of Drupal and of the mainland build says
        ``05/12/2021 - 16:53``; None: by the number
    :ivar hydration: whether the React page holds the hydration data
    :ivar old_markup: the React page serves the body in Drupal's markup
    :ivar promotion: the pair of promotions under a Drupal body; None: by the number
    :ivar control_characters: raw line breaks and tabs inside the strings of the JSON-LD
    :ivar dated: whether listings show a time beside the story (not React's)
    :ivar rerendered: whether Drupal 7 pages come from Next.js; None: by the number
    :ivar two_headlines: whether the mainland's builds show another headline; None: by the number
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
    :ivar mainland_title: the headline in the mainland's builds, None if it is the same
    :ivar locked: whether its pages show but the beginning, then the paywall
    :ivar version: counts the changes
    :ivar changed: when its text was last changed (aware), None if it never was; only sitemaps tell it
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
    def visible(self) -> Content | None:
        """What its pages show of the content: of a locked story the first third; None if ``raw_body`` is the body."""
        if self.raw_body is not None:
            return None
        if self.content is None or not self.locked:
            return self.content
        blocks = self.content.blocks
        return replace(self.content, blocks=(*blocks[: max(1, len(blocks) // 3)], Paywall()))

    @property
    def opening(self) -> str:
        """The first three paragraphs, joined without breaks, as descriptions have them."""
        blocks = self.visible.blocks if self.visible else ()
        return "".join([one.text for one in blocks if isinstance(one, Text)][:3])

    def raw_html(self, build: Build) -> str:
        """Return the same of ``raw_body``."""
        body = self.raw_body or ""
        return f"{first_third(body)}\n{Paywall().page(build)}" if self.locked and body else body

    def title_in(self, edition: str) -> str:
        """The headline that an edition shows, as the site writes it (site-layouts 4.2, ``displayHeadlineZBCom``)."""
        return self.mainland_title if self.mainland_title and edition in MAINLAND else self.title

    def expected_title_in(self, edition: str) -> str:
        """Return the title a post must hold that is made of a page of an edition.

        One line without zero-width characters, joiners of emoji included.
        """
        return " ".join(folded(self.title_in(edition).replace("\u200d", "")).split())

    @property
    def expected_title(self) -> str:
        """The same of the Singapore editions."""
        return self.expected_title_in("react")

    @property
    def expected_time(self) -> datetime | None:
        """The time a post must hold, in every edition: None if no page of the story tells one."""
        return self.published if self.traits.times else None

    def expected_lines(self, edition: Build = "react") -> list[str] | None:
        """Return the lines between ``<div>`` and ``</div>`` of a post that is made of the page as it is now.

        :param edition: whose page; the mainland's editions have some pictures elsewhere
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
