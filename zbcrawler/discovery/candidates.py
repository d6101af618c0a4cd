"""Decide which stories a run fetches, and when: new stories, changed stories, owed stories that are due."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from zbcrawler.archive.owed_notes import OwedStory
from zbcrawler.archive.run_state import ListingRecord, PlannedStory
from zbcrawler.archive.story_versions import same_time
from zbcrawler.common.addresses import StoryAddress, section_path
from zbcrawler.common.errors import PostError
from zbcrawler.common.outcomes import Outcome
from zbcrawler.common.times import start_of
from zbcrawler.discovery.crawl_context import Crawl, outcome_of_absence
from zbcrawler.discovery.due_times import recheck_is_due, retry_is_due


@dataclass(slots=True)
class Candidate:
    """A story that a run may fetch."""

    section: str  # name of the first section, in the order given, that lists the story
    rank: int  # that section's place
    address: StoryAddress
    published: datetime  # as listed, or as near as is known; aware
    known: Path | None  # the post, None if there is none
    half: str = ""  # the half of the site whose listing showed the story
    records: tuple[ListingRecord, ...] = ()  # a tuple, because a dict takes more memory
    planned: bool = False  # an earlier run was about to fetch the story
    rechecked: bool = False  # is fetched although no listing shows a change

    def add_record(self, record: ListingRecord) -> None:
        """Add a record of a listing. It replaces a record without a title: a card's picture may be linked first."""
        same = [old for old in self.records if old.listing == record.listing]
        if not any(old.title for old in same):
            self.records = (*(old for old in self.records if old not in same), record)


@dataclass
class DueRules:
    """Decide whether a story is due."""

    crawl: Crawl
    owed_now: bool  # all owed stories are due
    recheck: timedelta | None = None  # archived stories younger than this may be fetched again
    growth: float = 0  # a recheck is due when the age has grown by this share since the last fetch
    debts: dict[str, OwedStory] = field(default_factory=dict)  # by the key of the address

    def owes(self, address: StoryAddress) -> bool:
        return address.key_in(self.debts) in self.debts

    def outcome_without_fetch(self, story: Candidate) -> tuple[Outcome, str] | None:
        """Return the outcome of a story that is not fetched, and the reason; None if the story is to be fetched.

        :raises OSError: if the archive cannot be read
        :raises PostError: if a note of the archive cannot be read
        """
        retry_is_over = self._retry_is_over(story)
        if self.owes(story.address):
            return None if self.owed_now or story.planned or retry_is_over else (Outcome.OWED, "")
        if story.planned:
            return None
        if story.known and not any(self._differs(story, story.known, record) for record in story.records):
            if not self._is_due_for_recheck(story):
                return Outcome.UNCHANGED, ""
            story.rechecked = True
        absence = self.crawl.archive.notes.absent.find(story.address)
        # An absent story is tried again, but not at once.
        return None if absence is None or retry_is_over else (outcome_of_absence(absence), absence)

    def _retry_is_over(self, story: Candidate) -> bool:
        return retry_is_due(self.crawl.state.retry(story.address).due, self.crawl.clock.now())

    def _is_due_for_recheck(self, story: Candidate) -> bool:
        now, page = self.crawl.clock.now(), self.crawl.state.page_record(story.address)
        if self.recheck is None or now - story.published > self.recheck:
            return False
        due = recheck_is_due(story.published, page.time if page else None, now, self.growth)
        return due and self._retry_is_over(story)

    def _differs(self, story: Candidate, known: Path, record: ListingRecord) -> bool:
        last = self.crawl.state.listing_record(story.address, record.listing)
        if last is not None:
            retimed = record.time and last.time and not same_time(record.time, last.time)
            return bool(record.title and record.title != last.title) or bool(retimed)
        if not record.title or record.title == self.crawl.archive.title(known):
            return False
        # The other half of the site may always have a different headline.
        return story.half == self.crawl.archive.notes.halves.find(story.address)


@dataclass
class RealtimeChoice:
    """Choose what a realtime run fetches: listed stories, planned and owed stories, archived stories to recheck."""

    crawl: Crawl
    candidates: dict[str, Candidate]
    sections: tuple[str, ...]
    due: DueRules

    def choose(self) -> list[Candidate]:
        """Return what to fetch, the oldest first; settle the other known stories.

        :raises OSError: if the archive or its notes cannot be read
        """
        try:
            self.due.debts = self.crawl.archive.notes.owed.all()
        except PostError as error:
            self.crawl.signals.problem("owed stories", str(error))
        for planned in self.crawl.state.planned_stories():
            self._add_planned(planned)
        for debt in self.due.debts.values():
            self._add(debt.address, debt.section)
        if self.due.recheck:
            self._add_archived(self.due.recheck)
        wanted = [story for story in list(self.candidates.values()) if self._is_due(story)]
        # New stories come before owed ones, which may fail again.
        return sorted(wanted, key=lambda story: (self.due.owes(story.address), story.address.age_order))

    def _add(self, address: StoryAddress, section: str) -> Candidate:
        """Add a story that the listings may no longer show; return its candidate."""
        published = start_of(address.day) + timedelta(days=1)
        story = Candidate(section, len(self.sections), address, published, self.crawl.archive.find(address))
        return self.candidates.setdefault(address.key_in(self.candidates), story)

    def _add_planned(self, planned: PlannedStory) -> None:
        address = StoryAddress.parse(planned.path)
        if address is None or (not planned.known and self.crawl.archive.find(address)):
            self.crawl.state.remove_planned(planned)  # a run was killed after it wrote the post
        else:
            self._add(address, planned.section).planned = True

    def _add_archived(self, age: timedelta) -> None:
        sections = {section_path(name): name for name in self.sections}
        first = (self.crawl.clock.now() - age).date() - timedelta(days=1)
        for path, address in self.crawl.archive.posts_since(first):
            section = sections.get(address.section)
            if section and address.key_in(self.candidates) not in self.candidates:
                try:
                    published = self.crawl.archive.read(path).published
                except PostError as error:
                    self.crawl.signals.settle(section, address, Outcome.FAILED, str(error))
                    continue
                self._add(address, section).published = published or start_of(address.day)

    def _is_due(self, story: Candidate) -> bool:
        signals = self.crawl.signals
        try:
            settled = self.due.outcome_without_fetch(story)
        except (OSError, PostError) as error:
            signals.settle(story.section, story.address, Outcome.FAILED, f"the archive cannot be read: {error}")
            return False
        if settled is None:
            return True
        if story.records or settled[0] is not Outcome.UNCHANGED:  # other stories are not counted
            signals.settle(story.section, story.address, *settled)
        return False
