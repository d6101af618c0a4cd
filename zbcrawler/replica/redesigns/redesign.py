"""What a redesign of the site is: a page for stories, a page for listings, or only one of the two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.pictures import STORE
from zbcrawler.replica.story import ReplicaStory


@dataclass(frozen=True)
class Redesign:
    """A build of the site that no code of this project knows.

    :ivar story: returns the page of a story; None if story pages stay as they are
    :ivar listing: returns the page of a section, given its last part and the query; None if listings stay
    :ivar kept: the address of the picture store in posts made from its pages
    :ivar split: whether its pages cannot tell a line break inside a paragraph from the end of the paragraph
    """

    name: str
    story: Callable[[Newsroom, ReplicaStory], str] | None = None
    listing: Callable[[Newsroom, str, str], str] | None = None
    kept: str = STORE
    split: bool = False

    def expected_lines(self, story: ReplicaStory) -> list[str] | None:
        """Return the lines of a post made from the story's present page, or None if its body is not invented."""
        lines = story.expected_lines()
        if lines is None or not self.story:
            return lines
        lines = [line.replace(f'<img src="{STORE}/', f'<img src="{self.kept}/') for line in lines]
        if not self.split:
            return lines
        return [
            part
            for line in lines
            for part in (line.replace("<br>", "</p>\n<p>").split("\n") if line.startswith("<p>") else [line])
        ]
