"""Decide which stories a run fetches, and when: new stories, changed stories, owed stories that are due."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from zbcrawler.archive.notes import OwedStory
from zbcrawler.archive.run_state import ListingRecord, PlannedStory
from zbcrawler.archive.story_versions import same_time
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.outcomes import Outcome
from zbcrawler.discovery.crawl_context import Crawl, outcome_of_absence
from zbcrawler.discovery.due_times import retry_is_due
from zbcrawler.discovery.rechecks import Rechecks


@dataclass(slots=True)
class Candidate:
    """A story that a run may fetch."""

    section: str  # name of the first section, in the order given, that lists the story
    address: StoryAddress
    known: Path | None  # the post, None if there is none
    rank: int = 0  # the place of that section, if listings are compared
    half: str = ""  # the half of the site whose listing showed the story
    records: tuple[ListingRecord, ...] = ()  # a tuple, because a dict takes more memory
    planned: bool = False  # an earlier run was about to fetch the story
    rechecked: bool = False  # is fetched although no listing shows a change
    last_look: bool = False  # no later run looks for an edit, so this one believes no cache
    changed: bool = False  # a listing shows a change that the archive may lack
    repeats: int = 0  # how often earlier runs fetched the page in vain because of that change
    waits: bool = False  # this run does not fetch the page because of that change

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
    rechecks: set[str] = field(default_factory=set)  # keys of archived stories that are due to be fetched again
    debts: dict[str, OwedStory] = field(default_factory=dict)  # by the key of the address

    def owes(self, address: StoryAddress) -> bool:
        return address.key_in(self.debts) in self.debts

    def outcome_without_fetch(self, story: Candidate) -> tuple[Outcome, str] | None:
        """Return the outcome of a story that is not fetched, and the reason; None if the story is to be fetched.

        :raises OSError: if the archive cannot be read
        :raises PostError: if a note of the archive cannot be read
        """
        address, known = story.address, story.known
        retry_is_over = self._retry_is_over(address)
        story.changed = known is not None and any(self._differs(story, known, record) for record in story.records)
        if story.changed:
            story.repeats = self.crawl.state.retry(repeat_of(address)).tries
        if self.owes(address):
            return None if self.owed_now or story.planned or retry_is_over else (Outcome.OWED, "")
        if story.planned:
            # If an edit was to be fetched, the listing still shows it.
            story.rechecked = known is not None and not story.changed
            return None
        if known and not (story.changed and self._retry_is_over(repeat_of(address))):
            story.waits = address.key_in(self.rechecks) not in self.rechecks
            if story.waits:
                return Outcome.UNCHANGED, ""
            story.rechecked = True
        absence = self.crawl.archive.notes.absent.find(story.address)
        # An absent story is tried again, but not at once.
        return None if absence is None or retry_is_over else (outcome_of_absence(absence), absence)

    def _retry_is_over(self, address: StoryAddress) -> bool:
        return retry_is_due(self.crawl.state.retry(address).due, self.crawl.clock.now())

    def _differs(self, story: Candidate, known: Path, record: ListingRecord) -> bool:
        last = self.crawl.state.listing_record(story.address, record.listing)
        if last is not None:
            retimed = record.time and last.time and not same_time(record.time, last.time)
            return bool(record.title and record.title != last.title) or bool(retimed)
        if not record.title or record.title == self.crawl.archive.title(known):
            return False
        # The other half of the site may always have a different headline.
        return story.half == self.crawl.archive.notes.halves.find(story.address)


def repeat_of(address: StoryAddress) -> StoryAddress:
    """Return what the run state's retries know a story by whose listing shows a change that its page did not show."""
    return replace(address, number=f"{address.number} listed")


@dataclass
class RealtimeChoice:
    """Choose what a realtime run fetches: listed stories, planned and owed stories, archived stories to recheck."""

    crawl: Crawl
    candidates: dict[str, Candidate]
    sections: tuple[str, ...]
    due: DueRules
    rechecks: Rechecks | None = None

    def choose(self) -> list[Candidate]:
        """Return what to fetch: news, owed stories, rechecks, each the oldest first; settle the other known stories.

        :raises OSError: if the archive or its notes cannot be read
        """
        self.due.debts = self.crawl.archive.notes.owed.all()
        for planned in self.crawl.state.planned_stories():
            self._add_planned(planned)
        for debt in self.due.debts.values():
            self._add(debt.address, debt.section)
        listed = {key: story.section for key, story in self.candidates.items()}
        for address, section, is_last in self.rechecks.choose(listed) if self.rechecks else ():
            if address.key_in(listed) in listed or self.crawl.archive.find(address):
                self._add(address, section).last_look = is_last
                self.due.rechecks.add(address.key_in(()))
        wanted = [story for story in list(self.candidates.values()) if self._is_due(story)]
        # New stories come before owed ones, which may fail again. A run that ends early leaves out rechecks first.
        return sorted(wanted, key=lambda one: (one.rechecked, self.due.owes(one.address), one.address.age_order))

    def _add(self, address: StoryAddress, section: str) -> Candidate:
        """Add a story that the listings may no longer show; return its candidate."""
        story = Candidate(section, address, self.crawl.archive.find(address), len(self.sections))
        return self.candidates.setdefault(address.key_in(self.candidates), story)

    def _add_planned(self, planned: PlannedStory) -> None:
        address = StoryAddress.parse(planned.path)
        if address is None or planned.key != address.key_in((planned.key,)):
            self.crawl.state.remove_planned(planned)  # the file was damaged
        elif not planned.known and self.crawl.archive.find(address):
            self.crawl.state.remove_planned(planned)  # a run was killed after it wrote the post
        else:
            self._add(address, planned.section).planned = True

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
