"""The sections that a realtime run reads, the stories that they list, and which stories the run fetches."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urljoin

from typing_extensions import Self

from zbcrawler.archive.run_state import ListingRecord, PlannedStory
from zbcrawler.common.addresses import StoryAddress, kind_of, section_path
from zbcrawler.common.errors import PostError
from zbcrawler.common.outcomes import Outcome
from zbcrawler.common.text import one_line
from zbcrawler.common.times import SINGAPORE, shown, start_of
from zbcrawler.discovery.candidates import Candidate, DueRules
from zbcrawler.discovery.crawl_context import Crawl
from zbcrawler.editions import ListingEntry

# site-layouts 1.3: one known dump has a clock that is 8 hours fast.
_FUTURE = timedelta(days=1)


class SeenStory(NamedTuple):
    """A story in a listing."""

    address: StoryAddress
    time: datetime  # as listed, or the start of the address's day; aware
    end: datetime  # the latest moment that ``time`` may stand for
    news: bool  # the archive does not have the story

    @classmethod
    def of(cls, address: StoryAddress, time: datetime | None, news: bool) -> Self:
        """Return a story in a listing; ``time`` is None if the listing has no time."""
        time = time or start_of(address.day)
        # Some listings show only the day.
        is_a_day = time.astimezone(SINGAPORE).time() == datetime.min.time()
        return cls(address, time, time + timedelta(days=1) if is_a_day else time, news)


@dataclass
class Section:
    """A section, and what of its listing has been read."""

    name: str
    rank: int  # its place among the requested sections
    pages: int = 0  # read
    numbers: set[str] = field(default_factory=set)  # of the stories on these pages
    repeats: int = 0  # pages that showed only stories of earlier pages
    has_news: bool = False  # the last page showed a story that the archive does not have
    last: list[SeenStory] = field(default_factory=list)  # the stories of the last page that showed any

    def __post_init__(self) -> None:
        self.path = section_path(self.name)
        self.where = f"section {self.name}"  # in messages

    def add_page(self, stories: list[SeenStory]) -> None:
        before = len(self.numbers)
        self.numbers.update(story.address.number for story in stories)
        self.pages += 1
        self.repeats += len(self.numbers) == before
        self.has_news = any(story.news for story in stories)
        self.last = stories or self.last

    @property
    def oldest_news(self) -> SeenStory | None:
        """The oldest story of the last page, if it is news: then the following pages may hold news, too."""
        oldest = min(self.last, key=lambda story: story.address.age_order, default=None)
        return oldest if oldest and oldest.news else None

    def odd_time(self, now: datetime, limit: timedelta | None) -> str:
        """Return what is wrong with the time of the newest story on the first page, empty if nothing is.

        :param limit: the age allowed, None for any age
        """
        newest = max(self.last, key=lambda story: story.end, default=None)
        if newest is None:
            return ""
        if limit and now - newest.end > limit:
            hours = limit.total_seconds() / 3600
            return f"its newest story is of {newest.address.day}, older than {hours:.0f} hours (NEWEST_LIMIT)"
        # By the addresses: a time such as 3小时前 depends on the clock that is in doubt.
        day = max(story.address.day for story in self.last)
        if start_of(day) - now > _FUTURE:
            return f"its newest story is of {day}, and here it is {shown(now)}; is this machine's clock right?"
        return ""


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
