"""Decides which stories a run fetches: what is new, what may have changed, what is owed and due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zbcrawler.archive.versions import same_time
from zbcrawler.common.outcomes import Outcome
from zbcrawler.discovery.spacing import recheck_is_due, retry_is_due

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from pathlib import Path

    from zbcrawler.archive.notes import OwedStory
    from zbcrawler.archive.state import ListingRecord, RunState
    from zbcrawler.archive.store import Archive
    from zbcrawler.common.addresses import StoryAddress


@dataclass(slots=True)
class Candidate:
    """A story that a run may fetch.

    :ivar section: name of the first section, in the order given, that lists it
    :ivar rank: that section's place
    :ivar published: as listed, or as near as is known; aware
    :ivar known: its post, None if the archive has none
    :ivar half: the half of the site whose listing showed it, empty if none did
    :ivar said: what listings say of it
    :ivar planned: whether an earlier run was about to fetch it
    :ivar rechecked: whether it is fetched though nothing tells that it has changed
    """

    section: str
    rank: int
    address: StoryAddress
    published: datetime
    known: Path | None
    half: str = ""
    said: tuple[ListingRecord, ...] = ()  # there may be many candidates, and a dict is large
    planned: bool = False
    rechecked: bool = False

    def add_record(self, said: ListingRecord) -> None:
        """Take in what a listing says. A card may link its picture first, without a word."""
        before = [one for one in self.said if one.listing == said.listing]
        if not any(one.title for one in before):
            self.said = (*(one for one in self.said if one not in before), said)


@dataclass(frozen=True)
class DueRules:
    """The rules.

    :ivar debts: what is owed, by number
    :ivar owed_now: whether all that is owed is due
    :ivar recheck: archived stories younger than this may be fetched again; None: none
    :ivar growth: by how much of its age a story must have aged between two rechecks
    """

    archive: Archive
    state: RunState
    debts: dict[str, OwedStory]
    now: datetime
    owed_now: bool
    recheck: timedelta | None
    growth: float

    def fate(self, story: Candidate) -> tuple[Outcome, str] | None:
        """Return what becomes of a story that is not fetched, and why; None if it is to be fetched.

        :raises OSError: if the archive cannot be read
        :raises PostError: if a note of the archive cannot be read
        """
        number = story.address.number
        retry_is_over = retry_is_due(self.state.retry(number).due, self.now)
        if number in self.debts:
            return None if self.owed_now or story.planned or retry_is_over else (Outcome.OWED, "")
        if story.planned:
            return None
        if story.known and not self._is_said_to_differ(story, story.known):
            if not self._is_due_for_recheck(story):
                return Outcome.UNCHANGED, ""
            story.rechecked = True
        absence = self.archive.notes.absent.find(story.address)
        # It may be back, but not soon.
        if absence is None or retry_is_over:
            return None
        return Outcome.GONE, absence

    def _is_due_for_recheck(self, story: Candidate) -> bool:
        if self.recheck is None or self.now - story.published > self.recheck:
            return False
        fetched = self.state.page_record(story.address.number)
        due = recheck_is_due(story.published, fetched.time if fetched else None, self.now, self.growth)
        return due and retry_is_due(self.state.retry(story.address.number).due, self.now)

    def _is_said_to_differ(self, story: Candidate, known: Path) -> bool:
        return any(self._differs(story, known, said) for said in story.said)

    def _differs(self, story: Candidate, known: Path, said: ListingRecord) -> bool:
        last = self.state.listing_record(story.address.number, said.listing)
        if last is not None:
            retimed = said.time and last.time and not same_time(said.time, last.time)
            return bool(said.title and said.title != last.title) or bool(retimed)
        if not said.title or said.title == self.archive.title(known):
            return False
        # The other half of the site may have a headline of its own for good.
        return story.half == self.archive.notes.halves.find(story.address)
