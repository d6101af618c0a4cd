"""The stories that a realtime run knows of, and which of them it fetches."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, timedelta
from urllib.parse import urljoin

from zbcrawler.archive.notes import OwedStory
from zbcrawler.archive.state import ListingRecord, PlannedStory
from zbcrawler.common.addresses import StoryAddress, kind_of, section_path
from zbcrawler.common.errors import PostError
from zbcrawler.common.outcomes import Outcome
from zbcrawler.common.text import one_line
from zbcrawler.common.times import start_of
from zbcrawler.discovery.absence import settle_noted
from zbcrawler.discovery.candidates import Candidate, DueRules
from zbcrawler.discovery.crawl import Crawl
from zbcrawler.discovery.sections import Section, SeenStory
from zbcrawler.editions import ListingEntry


class ListedStories:
    """The stories that listings show, by number, and what the listings say about them."""

    def __init__(self, crawl: Crawl, since: date | None) -> None:
        self._crawl = crawl
        self._since = since
        self.candidates: dict[str, Candidate] = {}

    def add_entry(self, entry: ListingEntry, section: Section, page: str, half: str) -> SeenStory | None:
        """Add an entry of a listing page; return None if it is no story.

        :param page: address of the listing page
        :param half: the half of the site that shows the page
        """
        crawl, link = self._crawl, _joined(page, entry.link)
        address = StoryAddress.parse(link, crawl.site.hosts)
        if address is None:
            kind = kind_of(link, crawl.site.hosts) or "other page"
            crawl.signals.settle(section.name, link, Outcome.SKIPPED, kind)
            return None
        if self._since and address.day < self._since:
            # By its link: if the story is owed, it stays owed.
            crawl.signals.settle(section.name, link, Outcome.SKIPPED, f"older than {self._since}")
            return SeenStory.of(address, entry.time, news=False)
        try:
            known = crawl.archive.find(address)
            # A planned, absent or owed story is no news, but is fetched when it is due.
            is_noted = crawl.state.is_planned(address.number) or crawl.archive.notes.absent.has(address)
            news = known is None and not is_noted and not crawl.owed.has(address)
            seen = SeenStory.of(address, entry.time, news)
        except OSError as error:
            what = f"{address}: the archive cannot be read: {error}"
            crawl.signals.settle(section.name, address, Outcome.FAILED, what)
            return SeenStory.of(address, entry.time, news=False)
        story = self.candidates.get(address.number)
        if story is None or section.rank < story.rank:
            records = story.records if story else ()
            story = Candidate(section.name, section.rank, address, seen.end, known, half, records)
            self.candidates[address.number] = story
        if story.address != address:
            crawl.signals.count("other_addresses")
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
                self._crawl.state.add_listing_record(address.number, record, self._crawl.clock.now())


class RealtimeChoice:
    """Choose what a realtime run fetches: listed stories, planned and owed stories, archived stories to recheck."""

    def __init__(
        self,
        crawl: Crawl,
        listed: ListedStories,
        sections: Sequence[str],
        owed_now: bool,
        recheck: timedelta | None,
        growth: float,
    ) -> None:
        """Choose nothing yet; see :class:`DueRules` for the parameters."""
        self._crawl = crawl
        self._stories = listed.candidates
        self._sections = {section_path(name): name for name in sections}
        self._owed_now = owed_now
        self._recheck = recheck
        self._growth = growth

    def choose(self) -> list[Candidate]:
        """Return what to fetch, the oldest first; settle the other known stories.

        :raises OSError: if the archive or its notes cannot be read
        """
        debts: dict[str, OwedStory] = {}
        try:
            debts = self._crawl.owed.all()
        except PostError as error:
            self._crawl.signals.problem("owed stories", str(error))
        due = DueRules(self._crawl, debts, self._owed_now, self._recheck, self._growth)
        for planned in self._crawl.state.planned_stories():
            self._add_planned(planned)
        for debt in debts.values():
            self._add(debt.address, debt.section)
        if self._recheck:
            self._add_archived(self._recheck)
        wanted = [story for story in list(self._stories.values()) if self._is_due(story, due)]
        # A story that failed before may fail again, and must not hold up new stories.
        return sorted(wanted, key=lambda story: (story.address.number in debts, story.address.age_order))

    def _add(self, address: StoryAddress, section: str) -> Candidate:
        """Return a story that the listings may not show any more."""
        published = start_of(address.day) + timedelta(days=1)
        story = Candidate(section, len(self._sections), address, published, self._crawl.archive.find(address))
        return self._stories.setdefault(address.number, story)

    def _add_planned(self, planned: PlannedStory) -> None:
        address = StoryAddress.parse(planned.path)
        if address is None or (not planned.known and self._crawl.archive.find(address)):
            self._crawl.state.done(planned.number)  # the killed run wrote the post, and could not note that
        else:
            self._add(address, planned.section).planned = True

    def _add_archived(self, age: timedelta) -> None:
        first = (self._crawl.clock.now() - age).date() - timedelta(days=1)
        for path, address in self._crawl.archive.posts_since(first):
            if address.section in self._sections and address.number not in self._stories:
                section = self._sections[address.section]
                try:
                    published = self._crawl.archive.read(path).published
                except PostError as error:
                    self._crawl.signals.settle(section, address, Outcome.FAILED, str(error))
                    continue
                self._add(address, section).published = published or start_of(address.day)

    def _is_due(self, story: Candidate, due: DueRules) -> bool:
        signals = self._crawl.signals
        try:
            fate = due.fate(story)
        except (OSError, PostError) as error:
            what = f"the archive cannot be read: {error}"
            signals.settle(story.section, story.address, Outcome.FAILED, what)
            return False
        if fate is None:
            return True
        outcome, reason = fate
        if outcome is Outcome.GONE:
            settle_noted(signals, story.section, story.address, reason)
        elif story.records or outcome is Outcome.OWED:  # a story that is not listed and not due is of no interest
            signals.settle(story.section, story.address, outcome, reason)
        return False


def _joined(page: str, link: str) -> str:
    try:
        return urljoin(page, link.strip())
    except ValueError:  # such as http://[
        return link
