"""The item: one typed record of a story, from the page it came from to the post it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from lxml.html import HtmlElement

    from zbcrawler.cleaning.rules import Rule
    from zbcrawler.common.addresses import StoryAddress


@dataclass
class Story:
    """One story.

    The first five fields are what a post says; two stories are equal when these are. The others
    live only on the way from the page to the post.

    :ivar address: where the story lies on the site
    :ivar title: one line of plain text
    :ivar published: the site's own time (aware), or None if the page gave none
    :ivar body: HTML of the cleaned body, one top-level block an entry; set by ``CleanBody``
    :ivar date: the time the post is dated with (aware); set by ``DateStory``
    :ivar raw: what the page holds of the story: lead pictures, then the body, uncleaned;
        emptied by ``CleanBody``
    :ivar noise: elements in ``raw`` that the edition declares to be noise; emptied by ``CleanBody``
    :ivar fetched: when its page was got (aware)
    :ivar edition: name of the site's edition that the page was recognised as
    :ivar section: the section that listed it, e.g. ``china``
    :ivar origin: ``scheme://host[:port]`` that served the page
    :ivar truncated: whether the body was seen to be cut by the paywall; set by ``CleanBody``
    :ivar imported: whether it was read from a post of somebody's archive, and not from the site
    :ivar byline: who wrote it, empty if the page names nobody but the newspaper
    :ivar keywords: the page's own
    :ivar updated: when the site last changed it (aware), None if the page does not tell
    :ivar image: address of the picture that the page gives to those who link it
    :ivar optional_keys: which optional keys of the front matter its post has; see ``front_matter``
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
        """What counters and messages call where it is from: the edition, or ``import``."""
        return self.edition or "import"
