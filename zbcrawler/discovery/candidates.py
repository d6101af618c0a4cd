"""Decide which stories a run fetches: new, changed and owed stories, and archived ones that may have been edited."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from zbcrawler.archive.notes import OwedStory
from zbcrawler.archive.run_state import ListingRecord, PageRecord
from zbcrawler.archive.story_versions import same_time
from zbcrawler.common.addresses import StoryAddress, section_path
from zbcrawler.common.errors import Outcome, PostError
from zbcrawler.common.times import SINGAPORE
from zbcrawler.discovery.crawl_context import Crawl, outcome_of_absence
from zbcrawler.discovery.due_times import look_due, published_at, retry_is_due

# The most rechecks of a run, five minutes at the site's pace. More are due only if the run state was lost, or no run
# was made for days; they are spread over the next runs. A run of each quarter of an hour has some 40 to 70.
_MOST_RECHECKS = 300


@dataclass(slots=True)
class Candidate:
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
        """Add a record, or replace one without a title: a card's picture may be linked first."""
        same = [old for old in self.records if old.listing == record.listing]
        if not any(old.title for old in same):
            self.records = (*(old for old in self.records if old not in same), record)


@dataclass
class DueRules:
    crawl: Crawl
    owed_now: bool  # all owed stories are due
    rechecks: set[str] = field(default_factory=set)  # keys of archived stories that are due to be fetched again
    debts: dict[str, OwedStory] = field(default_factory=dict)  # by the key of the address

    def owes(self, address: StoryAddress) -> bool:
        return address.key_in(self.debts) in self.debts

    def outcome_without_fetch(self, story: Candidate) -> tuple[Outcome, str] | None:
        """Return the outcome without a fetch, and its reason; None: fetch the story; raise OSError or PostError."""
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
    """Return what the retries know a story by whose listing shows a change that its page did not show."""
    return replace(address, number=f"{address.number} listed")


@dataclass
class RealtimeChoice:
    crawl: Crawl
    candidates: dict[str, Candidate]
    due: DueRules
    sections: tuple[str, ...]
    window: timedelta | None  # archived stories of this age or younger may have been edited; None: do not look
    growth: float  # see look_due
    # While stories fail because of the site, owed ones that are not due: each run tries one, and all if it succeeds.
    held: list[Candidate] = field(default_factory=list)

    def choose(self) -> list[Candidate]:
        """Return what to fetch: news, owed stories, rechecks, the oldest first; settle others; raise OSError."""
        self.due.debts = self.crawl.archive.notes.owed.all()
        for planned in self.crawl.state.planned_stories():
            address = StoryAddress.parse(planned.path)
            if address is None or planned.key != address.key_in((planned.key,)):
                self.crawl.state.remove_planned(planned)  # the file was damaged
            elif not planned.known and self.crawl.archive.find(address):
                self.crawl.state.remove_planned(planned)  # a run was killed after it wrote the post
            else:
                self._add(address, planned.section).planned = True
        for debt in self.due.debts.values():
            self._add(debt.address, debt.section)
        if self.window is not None:
            self._add_rechecks(self.window)
        wanted = [story for story in list(self.candidates.values()) if self._is_due(story)]
        self._tried = list(filter(self._has_failed, wanted))
        if self.held and not self._tried:
            now, state = self.crawl.clock.now(), self.crawl.state
            self.held.sort(key=lambda story: state.retry(story.address).due or now)
            self._tried.append(self.held.pop(0))
            wanted += self._tried
        # New stories come before owed ones, which may fail again. A run that ends early leaves out rechecks first.
        return sorted(wanted, key=lambda one: (one.rechecked, self.due.owes(one.address), one.address.age_order))

    def release(self) -> list[Candidate]:
        """Return the stories held if another one has not failed in this run; settle them as owed otherwise."""
        held, self.held = self.held, []
        self.due.debts = self.crawl.archive.notes.owed.all()
        if not all(map(self._has_failed, self._tried)):
            return held
        for story in held:
            self.crawl.signals.settle(story.section, story.address, Outcome.OWED)
        return []

    def _add(self, address: StoryAddress, section: str) -> Candidate:
        story = Candidate(section, address, self.crawl.archive.find(address))
        return self.candidates.setdefault(address.key_in(self.candidates), story)

    def _section_of(self, address: StoryAddress) -> str | None:
        story = self.candidates.get(address.key_in(self.candidates))
        names = {section_path(name): name for name in self.sections}
        return story.section if story else names.get(address.section)

    def _add_rechecks(self, window: timedelta) -> None:
        """Add archived stories of the run's sections that may have been edited, those that are due longest."""
        state, now = self.crawl.state, self.crawl.clock.now()
        due: list[tuple[datetime, str, StoryAddress, str, bool]] = []
        for key, page in {**state.page_records(), **self._unknown_pages(window, now)}.items():
            since = page.published and look_due(page.published, page.time, now, window, self.growth)
            address = StoryAddress.parse(urlsplit(page.url).path) if since else None  # whichever host answered
            if not (page.published and since and address and retry_is_due(state.retry(address).due, now)):
                continue
            if section := self._section_of(address):
                due.append((since, key, address, section, now >= page.published + window))
        for _, _, address, section, is_last in sorted(due)[: _MOST_RECHECKS if self.growth else None]:
            if address.key_in(self.candidates) in self.candidates or self.crawl.archive.find(address):
                self._add(address, section).last_look = is_last
                self.due.rechecks.add(address.key_in(()))

    def _unknown_pages(self, window: timedelta, now: datetime) -> dict[str, PageRecord]:
        """Return records of posts that the run state lacks (imported, of another clone), and note them for later."""
        state, archive = self.crawl.state, self.crawl.archive
        found, known = {}, state.page_records()
        first, last = ((now - age).astimezone(SINGAPORE).date() for age in (window, timedelta()))
        for path in archive.posts_between(first - timedelta(days=1), last + timedelta(days=1)):
            page = known.get(path.stem) or known.get(path.stem[len("2026-01-31-") :])  # see StoryAddress.key_in
            if (page and page.published) or (address := archive.address_in(path)) is None:
                continue
            key = address.key_in(known)
            page = known.get(key)
            if page and page.published:
                continue
            try:
                story = archive.read(path)
            except PostError as error:
                if (section := self._section_of(address)) and address.key_in(self.candidates) not in self.candidates:
                    self.crawl.signals.settle(section, address, Outcome.FAILED, str(error))
                continue
            published = published_at(story.published, address.day, now)
            page = page or PageRecord(address.url, "", "", published)
            found[key] = page._replace(published=min(published, page.time))
            state.add_page_record(address, found[key])
        return found

    def _has_failed(self, story: Candidate) -> bool:
        debt = self.due.debts.get(story.address.key_in(self.due.debts))
        return debt is not None and debt.has_failed

    def _is_due(self, story: Candidate) -> bool:
        signals = self.crawl.signals
        try:
            settled = self.due.outcome_without_fetch(story)
        except (OSError, PostError) as error:
            signals.settle(story.section, story.address, Outcome.FAILED, f"the archive cannot be read: {error}")
            return False
        if settled is None:
            return True
        if self._has_failed(story) and self.crawl.state.outage_since:
            self.held.append(story)
        elif story.records or settled[0] is not Outcome.UNCHANGED:  # other stories are not counted
            signals.settle(story.section, story.address, *settled)
        return False
