"""The item: one typed record of a story, from the page it came from to the post it becomes."""

from dataclasses import dataclass, field
from datetime import datetime

from lxml.html import HtmlElement

from zbcrawler.cleaning import CleanedBody
from zbcrawler.cleaning.noise_rules import Rule
from zbcrawler.common.addresses import StoryAddress


@dataclass
class Story:
    """One story. The first five fields make up the post; two stories are equal if these fields are equal.

    The other fields are used only between the page and the post. All times are aware. ``PrepareStoryPipeline`` makes
    ``body`` from ``raw`` and ``noise``, or from ``cleaned``, and empties all three.
    """

    address: StoryAddress
    title: str  # one line of plain text
    published: datetime | None = None  # the site's own time, or None if the page gave none
    body: list[str] = field(default_factory=list)  # HTML of the cleaned body, one top-level block per entry
    date: datetime | None = None  # that the post shows; set by PrepareStoryPipeline
    # The elements of the story in the page, lead pictures first; which of them the edition declares to be noise.
    raw: list[HtmlElement] = field(default_factory=list, compare=False, repr=False)
    noise: dict[HtmlElement, Rule] = field(default_factory=dict, compare=False, repr=False)
    cleaned: CleanedBody | None = field(default=None, compare=False, repr=False)  # if ``raw`` was cleaned already
    places: dict[str, str] = field(default_factory=dict, compare=False)  # in the page: of title, published and body
    fetched: datetime | None = field(default=None, compare=False)  # when the page was fetched
    edition: str = field(default="", compare=False)  # name of the edition that recognised the page
    half: str = field(default="", compare=False)  # the half of the newspaper's site; empty for imported posts
    section: str = field(default="", compare=False)  # that listed the story, e.g. china
    origin: str = field(default="", compare=False)  # scheme://host[:port] that served the page
    truncated: bool = field(default=False, compare=False)  # whether the paywall cut the body
    cuts_are_marked: bool = field(default=False, compare=False)  # whether ``truncated`` is set for every cut body
    imported: bool = field(default=False, compare=False)  # from a post of another archive, not from the site
    byline: str = field(default="", compare=False)  # empty if the page names nobody but the newspaper
    keywords: tuple[str, ...] = field(default=(), compare=False)
    updated: datetime | None = field(default=None, compare=False)  # None if the page does not say
    image: str = field(default="", compare=False)  # address of the preview picture for links to the page
    optional_keys: frozenset[str] = field(default=frozenset(), compare=False)  # see archive.posts

    def __str__(self) -> str:
        # Scrapy logs items with str(); the bodies of stories would fill the log.
        return str(self.address)

    @property
    def source(self) -> str:
        """The edition, or ``import``, for counters and messages."""
        return self.edition or "import"
