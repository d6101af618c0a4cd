"""The stories that a realtime run knows of, and which of them it fetches."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urljoin

from zbcrawler.archive.state import ListingRecord, PlannedStory
from zbcrawler.common.addresses import StoryAddress, kind_of, section_path
from zbcrawler.common.errors import PostError
from zbcrawler.common.outcomes import Outcome
from zbcrawler.common.text import one_line
from zbcrawler.common.times import start_of
from zbcrawler.discovery.candidates import Candidate, DueRules
from zbcrawler.discovery.crawl import Crawl
from zbcrawler.discovery.sections import Section, SeenStory
from zbcrawler.editions import ListingEntry


@dataclass
class ListedStories:
    """The stories that listings show, by number, and what the listings say about them."""

    crawl: Crawl
    since: date | None
    candidates: dict[str, Candidate] = field(default_factory=dict)

    def add_entry(self, entry: ListingEntry, section: Section, page: str, half: str) -> SeenStory | None:
        """Add an entry of a listing page; return None if it is no story.

        :param page: address of the listing page
        :param half: the half of the site that shows the page
        """
        archive, signals, hosts = self.crawl.archive, self.crawl.signals, self.crawl.site.hosts
        link = _joined(page, entry.link)
        address = StoryAddress.parse(link, hosts)
        if address is None:
            signals.settle(section.name, link, Outcome.SKIPPED, kind_of(link, hosts) or "other page")
            return None
        if self.since and address.day < self.since:
            # By its link: if the story is owed, it stays owed.
            signals.settle(section.name, link, Outcome.SKIPPED, f"older than {self.since}")
            return SeenStory.of(address, entry.time, news=False)
        try:
            known = archive.find(address)
            # A planned, absent or owed story is no news, but is fetched when it is due.
            is_noted = self.crawl.state.is_planned(address.number) or archive.notes.absent.has(address)
            news = known is None and not is_noted and not archive.notes.owed.has(address)
        except OSError as error:
            what = f"{address}: the archive cannot be read: {error}"
            signals.settle(section.name, address, Outcome.FAILED, what)
            return SeenStory.of(address, entry.time, news=False)
        seen = SeenStory.of(address, entry.time, news)
        story = self.candidates.get(address.number)
        if story is None or section.rank < story.rank:
            records = story.records if story else ()
            story = Candidate(section.name, section.rank, address, seen.end, known, half, records)
            self.candidates[address.number] = story
        if story.address != address:
            signals.count("other_addresses")
        listing = sys.intern(f"{half}/{section.name}")
        story.add_record(ListingRecord(listing, one_line(entry.title), entry.time if entry.exact else None))
        return seen

    def remember(self, address: StoryAddress | str, outcome: Outcome) -> None:
        """Note what the listings say about a story once the archive has it; receives ``story_settled``."""
        # A listing is not trusted again after an outcome that is open.
        if not isinstance(address, StoryAddress) or outcome.is_open:
            return
        if story := self.candidates.pop(address.number, None):
            for record in story.records:
                self.crawl.state.add_listing_record(address.number, record, self.crawl.clock.now())


@dataclass
class RealtimeChoice:
    """Choose what a realtime run fetches: listed stories, planned and owed stories, archived stories to recheck."""

    crawl: Crawl
    listed: ListedStories
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
        wanted = [story for story in list(self.listed.candidates.values()) if self._is_due(story)]
        # A story that failed before may fail again, and must not hold up new stories.
        return sorted(wanted, key=lambda story: (story.address.number in self.due.debts, story.address.age_order))

    def _add(self, address: StoryAddress, section: str) -> Candidate:
        """Return a story that the listings may not show any more."""
        published = start_of(address.day) + timedelta(days=1)
        story = Candidate(section, len(self.sections), address, published, self.crawl.archive.find(address))
        return self.listed.candidates.setdefault(address.number, story)

    def _add_planned(self, planned: PlannedStory) -> None:
        address = StoryAddress.parse(planned.path)
        if address is None or (not planned.known and self.crawl.archive.find(address)):
            self.crawl.state.done(planned.number)  # the killed run wrote the post, and could not note that
        else:
            self._add(address, planned.section).planned = True

    def _add_archived(self, age: timedelta) -> None:
        sections = {section_path(name): name for name in self.sections}
        first = (self.crawl.clock.now() - age).date() - timedelta(days=1)
        for path, address in self.crawl.archive.posts_since(first):
            section = sections.get(address.section)
            if section and address.number not in self.listed.candidates:
                try:
                    published = self.crawl.archive.read(path).published
                except PostError as error:
                    self.crawl.signals.settle(section, address, Outcome.FAILED, str(error))
                    continue
                self._add(address, section).published = published or start_of(address.day)

    def _is_due(self, story: Candidate) -> bool:
        signals = self.crawl.signals
        try:
            fate = self.due.fate(story)
        except (OSError, PostError) as error:
            signals.settle(story.section, story.address, Outcome.FAILED, f"the archive cannot be read: {error}")
            return False
        if fate is None:
            return True
        if story.records or fate[0] is not Outcome.UNCHANGED:  # an archived story that is not listed is of no interest
            signals.settle(story.section, story.address, *fate)
        return False


def _joined(page: str, link: str) -> str:
    try:
        return urljoin(page, link.strip())
    except ValueError:  # such as http://[
        return link
