"""The item: one typed record of a story, from the page it came from to the post it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lxml.html import HtmlElement

from zbcrawler.cleaning.rules import Rule
from zbcrawler.common.addresses import StoryAddress


@dataclass
class Story:
    """One story.

    The first five fields are what a post says; two stories are equal when these are. The others live only between the
    page and the post.

    :ivar title: one line of plain text
    :ivar published: the site's own time (aware), or None if the page gave none
    :ivar body: HTML of the cleaned body, one top-level block an entry; set by ``CleanBodyPipeline``
    :ivar date: the post's date (aware); set by ``DateStoryPipeline``
    :ivar raw: the page's elements of the story: lead pictures, then the body; emptied by ``CleanBodyPipeline``
    :ivar noise: elements in ``raw`` that the edition declares to be noise; emptied by ``CleanBodyPipeline``
    :ivar fetched: when the page was fetched (aware)
    :ivar edition: name of the edition that recognised the page
    :ivar section: the section that listed the story, e.g. ``china``
    :ivar origin: ``scheme://host[:port]`` that served the page
    :ivar truncated: whether the paywall cut the body; set by ``CleanBodyPipeline``
    :ivar imported: whether the story is from a post of another archive, and not from the site
    :ivar byline: empty if the page names nobody but the newspaper
    :ivar updated: when the site last changed the story (aware), None if the page does not say
    :ivar image: address of the picture that the page gives to those who link it
    :ivar optional_keys: the optional keys of the post's front matter; see ``front_matter``
    """

    address: StoryAddress
    title: str
    published: datetime | None = None
    body: list[str] = field(default_factory=list)
    date: datetime | None = None
    raw: list[HtmlElement] = field(default_factory=list, compare=False, repr=False)
    noise: dict[HtmlElement, Rule] = field(default_factory=dict, compare=False, repr=False)
    fetched: datetime | None = field(default=None, compare=False)
    edition: str = field(default="", compare=False)
    section: str = field(default="", compare=False)
    origin: str = field(default="", compare=False)
    truncated: bool = field(default=False, compare=False)
    imported: bool = field(default=False, compare=False)
    byline: str = field(default="", compare=False)
    keywords: tuple[str, ...] = field(default=(), compare=False)
    updated: datetime | None = field(default=None, compare=False)
    image: str = field(default="", compare=False)
    optional_keys: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def source(self) -> str:
        """The edition, or ``import``, for counters and messages."""
        return self.edition or "import"
