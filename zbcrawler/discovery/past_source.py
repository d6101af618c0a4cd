"""What a source of the past has to do for ``backfill``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from scrapy import Request

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.discovery.candidates import Candidate


class PastScope(NamedTuple):
    """What a backfill asks for.

    :ivar since: the first day, by the stories' addresses
    :ivar until: the last day
    :ivar sections: paths
    """

    since: date
    until: date
    sections: tuple[str, ...]


class PastStory(NamedTuple):
    """A story that a source has.

    :ivar changed: the last change according to the source (aware), None if the source does not say
    """

    address: StoryAddress
    changed: datetime | None = None


class TakenPart(NamedTuple):
    """What became of a part of the past.

    :ivar listed: number of its stories in the scope
    :ivar wanted: numbers of the stories that will be requested
    """

    listed: int
    wanted: set[str]


TakePart = Callable[[str, Sequence[PastStory]], TakenPart]
"""Receives the name of a source and the stories of one of its parts."""


class PastSource(Protocol):
    """List the stories of the past, part by part and the oldest first."""

    def first_request(self) -> Request | None:
        """Return the request that a run begins with, if that is not for a part."""

    def next_request(self) -> Request | None:
        """Return the request for the next part, whose stories go to :data:`TakePart`; None if there is no more."""

    def parts_left(self) -> int:
        """Return how many parts are not requested yet."""

    def story_request(self, story: Candidate) -> Request | None:
        """Return the request for a story that is wanted; None to ask the site."""

    def end(self) -> None:
        """Forget the parts that were not requested."""
