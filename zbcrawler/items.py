"""The item: one typed record of a story, from the page it came from to the post it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lxml.html import HtmlElement

from zbcrawler.cleaning.noise_rules import Rule
from zbcrawler.common.addresses import StoryAddress


@dataclass
class Story:
    """One story. The first five fields are what a post says; two stories are equal when these are.

    The other fields live only between the page and the post. All times are aware. ``CleanBodyPipeline`` makes ``body``
    of ``raw`` and ``noise``, and empties these.
    """

    address: StoryAddress
    title: str  # one line of plain text
    published: datetime | None = None  # the site's own time, or None if the page gave none
    body: list[str] = field(default_factory=list)  # HTML of the cleaned body, one top-level block an entry
    date: datetime | None = None  # the post's; set by DateStoryPipeline
    # The page's elements of the story, lead pictures first, and those of them that the edition declares to be noise.
    raw: list[HtmlElement] = field(default_factory=list, compare=False, repr=False)
    noise: dict[HtmlElement, Rule] = field(default_factory=dict, compare=False, repr=False)
    fetched: datetime | None = field(default=None, compare=False)  # when the page was fetched
    edition: str = field(default="", compare=False)  # name of the edition that recognised the page
    section: str = field(default="", compare=False)  # that listed the story, e.g. china
    origin: str = field(default="", compare=False)  # scheme://host[:port] that served the page
    truncated: bool = field(default=False, compare=False)  # whether the paywall cut the body
    imported: bool = field(default=False, compare=False)  # from a post of another archive, and not from the site
    byline: str = field(default="", compare=False)  # empty if the page names nobody but the newspaper
    keywords: tuple[str, ...] = field(default=(), compare=False)
    updated: datetime | None = field(default=None, compare=False)  # None if the page does not say
    image: str = field(default="", compare=False)  # address of the picture that the page gives to those who link it
    optional_keys: frozenset[str] = field(default=frozenset(), compare=False)  # see archive.front_matter

    def __str__(self) -> str:
        # Scrapy logs items with str(); the bodies of stories would fill the log.
        return str(self.address)

    @property
    def source(self) -> str:
        """The edition, or ``import``, for counters and messages."""
        return self.edition or "import"
