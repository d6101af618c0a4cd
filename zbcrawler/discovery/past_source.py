"""What a source of the past has to do for ``backfill``."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from scrapy import Request

    from zbcrawler.common.addresses import StoryAddress
    from zbcrawler.discovery.candidates import Candidate


class PastStory(NamedTuple):
    """A story that a source has.

    :ivar changed: when the source says it was changed last (aware), None if it does not say
    """

    address: StoryAddress
    changed: datetime | None = None


class PastSource(Protocol):
    """Lists the stories of the past, part by part and the oldest first, and asks for single ones."""

    def first_request(self) -> Request | None:
        """Return what a run begins with, if that is not a part."""

    def next_request(self) -> Request | None:
        """Asks for the next part, whose stories are given to ``take`` of the spider; None if there is no more.

        ``take`` gives the numbers of those that it will ask for.
        """

    def parts_left(self) -> int:
        """How many parts are yet to be asked for."""

    def story_request(self, story: Candidate) -> Request:
        """Asks for a story that ``take`` named."""

    def end(self) -> None:
        """Forgets the parts that were not asked for."""
