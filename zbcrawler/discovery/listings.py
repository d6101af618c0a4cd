"""Read the sections of a realtime run page by page, collect the listed stories, and report gaps."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from zbcrawler.archive.place import command_line
from zbcrawler.archive.run_state import UNREPORTED_GAP, ListingRecord
from zbcrawler.common.addresses import SECTIONS, StoryAddress, kind_of, section_path
from zbcrawler.common.errors import Outcome, PageError, PostError
from zbcrawler.common.text import one_line
from zbcrawler.common.times import SINGAPORE, shown, start_of
from zbcrawler.discovery.candidates import Candidate, repeat_of
from zbcrawler.discovery.crawl_context import Crawl
from zbcrawler.discovery.due_times import REPEATS, before_retry
from zbcrawler.downloading.failures import describe_failure, request_of, status_of, was_not_sent
from zbcrawler.editions import Listing, ListingEntry, Page
from zbcrawler.signals import listing_cut, listing_finished, listing_read, page_unreadable

# site-layouts 1.3: in one known dump the site's clock is 8 hours fast.
_FUTURE = timedelta(days=1)


class SeenStory(NamedTuple):
    address: StoryAddress
    time: datetime  # as listed, or the start of the address's day; aware
    end: datetime  # the latest moment that ``time`` may stand for
    news: bool  # whether the archive lacks the story

    @classmethod
    def of(cls, address: StoryAddress, time: datetime | None, news: bool) -> "SeenStory":
        time = time or start_of(address.day)
        # Some listings show only the day.
        is_a_day = time.astimezone(SINGAPORE).time() == datetime.min.time()
        end = time + timedelta(days=1) if is_a_day else time
        # On an old copy of a page, ``3小时前`` and ``11:07`` count from now; only the address says how old it is.
        return cls(address, time, min(end, start_of(address.day) + timedelta(days=2)), news)


@dataclass
class Section:
    """A section, and the state of reading its listing."""

    name: str
    rank: int  # its place among the requested sections
    pages: int = 0  # read
    listing: Listing | None = None  # the last page
    numbers: set[str] = field(default_factory=set)  # of the stories on these pages
    repeats: int = 0  # number of pages with only stories of earlier pages
    loops: bool = False  # the last page showed nothing but stories of earlier pages
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
        self.loops = bool(stories) and len(self.numbers) == before
        self.has_news = any(story.news for story in stories)
        self.last = stories or self.last

    @property
    def oldest_news(self) -> SeenStory | None:
        """The oldest story of the last page if it is news, because then the next pages may hold news, too."""
        oldest = min(self.last, key=lambda story: story.address.age_order, default=None)
        return oldest if oldest and oldest.news else None

    def describe_odd_time(self, now: datetime, limit: timedelta | None) -> str:
        """Describe what is wrong with the first page's newest time; ``limit`` is the allowed age, if any."""
        # Use the addresses, because a time such as 3小时前 is computed with this machine's clock.
        ahead = [story for story in self.last if start_of(story.address.day) - now > _FUTURE]
        if 2 * len(ahead) > len(self.last):
            day = max(story.address.day for story in ahead)
            return f"its newest story is of {day}, but the time here is {shown(now)}; is this machine's clock right?"
        # A few stories with a wrong day or time say nothing about the clock, and must not hide that all others are old.
        dated = [story for story in self.last if max(start_of(story.address.day), story.end) - now <= _FUTURE]
        newest = max(dated, key=lambda story: story.end, default=None)
        if limit and newest and now - newest.end > limit:
            hours = limit.total_seconds() / 3600
            return f"its newest story is of {newest.address.day}, older than {hours:.0f} hours (NEWEST_LIMIT)"
        return ""


@dataclass
class ListingWalk:
    """Read a section while its pages show news, or until a gap of an earlier run is closed."""

    crawl: Crawl
    since: date | None = None
    pages: int = 1  # of a section that are read at most
    newest_limits: Mapping[str, timedelta | None] = field(default_factory=dict)  # see arguments.section_durations
    candidates: dict[str, Candidate] = field(default_factory=dict)  # listed stories, by the key of the address
    unknown: dict[str, str] = field(default_factory=dict)  # sections that neither the site nor the project knows: why

    def add_entry(self, entry: ListingEntry, section: Section, page: str, half: str) -> SeenStory | None:
        """Add an entry of a page; return None if the entry is no story. ``half``: of the site, that sent the page."""
        archive, signals, hosts = self.crawl.archive, self.crawl.signals, self.crawl.site.hosts
        link = entry.link
        with suppress(ValueError):  # such as http://[
            link = urljoin(page, link.strip())
        address = StoryAddress.parse(link, hosts)
        if address is None:
            signals.settle(section.name, link, Outcome.SKIPPED, kind_of(link, hosts) or "other page")
            return None
        if self.since and address.day < self.since:
            # Settle the link, not the address, so that an owed story stays owed.
            signals.settle(section.name, link, Outcome.SKIPPED, f"older than {self.since}")
            return SeenStory.of(address, entry.time, news=False)
        try:
            known = archive.find(address)
            # Planned, absent and owed stories are no news; they are fetched when they are due.
            is_noted = self.crawl.state.is_planned(address) or archive.notes.absent.has(address)
            news = known is None and not is_noted and not archive.notes.owed.has(address)
        except OSError as error:
            signals.settle(section.name, address, Outcome.FAILED, f"{address}: the archive cannot be read: {error}")
            return SeenStory.of(address, entry.time, news=False)
        seen = SeenStory.of(address, entry.time, news)
        key = address.key_in(self.candidates)
        story = self.candidates.get(key)
        if story is None or section.rank < story.rank:
            records = story.records if story else ()
            story = Candidate(section.name, address, known, section.rank, half, records)
            self.candidates[key] = story
        if story.address != address:
            signals.count("other_addresses")
        listing = sys.intern(f"{half}/{section.name}")
        story.add_record(ListingRecord(listing, one_line(entry.title), entry.time if entry.exact else None))
        return seen

    def story_settled(self, address: StoryAddress | str, outcome: Outcome) -> None:
        """Note what the listings say about a story once the archive has it."""
        # While the outcome is open, the next run must compare the listing again.
        if not isinstance(address, StoryAddress) or outcome.is_open:
            return
        story = self.candidates.pop(address.key_in(self.candidates), None)
        if story and not self._asks_again(story, outcome):
            for record in story.records:
                self.crawl.state.add_listing_record(story.address, record, self.crawl.clock.now())

    def _asks_again(self, story: Candidate, outcome: Outcome) -> bool:
        """Return whether later runs fetch the story again: its page, perhaps of a cache, lacked what listings show."""
        if not story.changed or story.waits:
            return story.changed
        repeat = repeat_of(story.address)
        if outcome is Outcome.UNCHANGED and story.repeats < REPEATS:
            due = self.crawl.clock.now() + before_retry(story.repeats)
            self.crawl.state.note_retry(repeat, story.repeats + 1, due)
            return True
        self.crawl.state.forget_retry(repeat)
        return False

    def request(self, address: str, section: Section) -> Request:
        return Request(address, self.read, errback=self.fail, cb_kwargs={"section": section})

    def read(self, response: Response, section: Section) -> Iterator[Request]:
        """Read one page of a section, and request the next while pages show news."""
        if following := self._read(response, section):
            yield self.request(following, section)

    def _read(self, response: Response, section: Section) -> str | None:
        signals = self.crawl.signals
        try:
            asked = response.meta.get("redirect_urls", [response.url])[0]
            if urlsplit(asked).path.rstrip("/") != urlsplit(response.url).path.rstrip("/"):
                raise PageError(f"{asked}: redirects to {response.url}, which is another page")
            with self.crawl.time_budget(response.url):
                page = self.crawl.editions.read_listing(Page.of(response), self.crawl.clock.now(), section.listing)
            self.crawl.site.learn(response)
        except PageError as error:
            if error.is_unreadable:
                signals.send(page_unreadable, response=response, section=section.name)
            self._cut(section, str(error))
            return None
        finally:
            self.crawl.site.answered.set()
        section.listing = page
        entries = (self.add_entry(entry, section, response.url, page.half) for entry in page.entries)
        section.add_page([seen for seen in entries if seen])
        signals.send(listing_read, section=section.name, page=section.pages)
        signals.count(f"listings/{page.edition}")
        if section.pages == 1 and not self._check_first(section, response, len(page.entries)):
            return None
        gap = self.crawl.archive.notes.gaps.find(section.name)
        fills_gap = gap is not None and gap[1] < self.pages
        # One page that only repeats stories may be the site's way of counting; two are a loop.
        if page.next and section.repeats < 2 and (section.has_news or fills_gap):
            if section.pages < self.pages:
                return page.next
            if section.oldest_news:
                words = f"crawl realtime -a sections={section.name} -a pages={2 * self.pages}"
                more = command_line(words, self.crawl.archive.root)
                _report_gap(self.crawl, section, f"pages={self.pages} ended the section", more)
                self._cut(section)
                return None
        no_more = "" if page.is_all else f"the {page.edition} edition lists no more"
        # The site, or a cache that ignores what follows the question mark, has no further page.
        _report_gap(self.crawl, section, "its pages repeat each other" if section.loops else no_more)
        if fills_gap:
            _end_gap(self.crawl, section, no_more)
        return None

    def fail(self, failure: Failure) -> None:
        """Settle a section whose page did not answer; the stories on other pages are still fetched."""
        section = request_of(failure).cb_kwargs["section"]
        what = "" if was_not_sent(failure) else describe_failure(failure)
        if status_of(failure) == 404 and not section.pages and section.name not in SECTIONS:
            self.unknown[section.name] = what
        elif status_of(failure) == 404 and section.listing and section.listing.ends_at:
            _report_gap(self.crawl, section, "")  # a learnt edition has counted beyond the last page
            _end_gap(self.crawl, section, "")
        else:
            self._cut(section, what)
        self.crawl.site.answered.set()

    def _check_first(self, section: Section, response: Response, entries: int) -> bool:
        """Report what is wrong with the first page; return whether it has stories."""
        if not section.numbers:
            self.crawl.signals.send(page_unreadable, response=response, section=section.name)
            self.crawl.signals.problem(section.where, f"{response.url}: none of its {entries} links leads to a story")
            return False
        limit = self.newest_limits.get(section.name, self.newest_limits.get(""))
        if odd := section.describe_odd_time(self.crawl.clock.now(), limit):
            self.crawl.signals.problem(section.where, f"{response.url}: {odd}")
        return True

    def _cut(self, section: Section, what: str = "") -> None:
        if what:
            self.crawl.signals.problem(section.where, what)
        if section.pages:  # the next run may stop before the unread pages
            self.crawl.signals.send(listing_cut, section=section.name, pages=section.pages)


def _end_gap(crawl: Crawl, section: Section, no_more: str) -> None:
    """Close a section's gap, unless nobody knows whether the site lists more behind that page (``no_more``)."""
    gap = crawl.archive.notes.gaps.find(section.name)
    if gap and gap[1] and no_more:
        crawl.signals.note(section.where, f"the gap behind page {gap[1]} stays: {no_more}")
    elif gap:
        crawl.signals.send(listing_finished, section=section.name)


def _report_gap(crawl: Crawl, section: Section, no_more: str, more: str = "") -> None:
    """Report that the last page still holds news.

    :param no_more: why the run stops (empty: the site lists no more)
    :param more: the command that reads on, if the site lists more
    """
    oldest = section.oldest_news
    if oldest is None:
        return
    try:
        # The newest story that the section no longer lists; one that a killed run was about to fetch counts, too.
        archived = crawl.archive.newest_before(oldest.address.day, section.path, section.numbers)
        planned = [address for story in crawl.state.planned_stories() if (address := StoryAddress.parse(story.path))]
        older = [one for one in planned if one.section == section.path and one.day <= oldest.address.day]
        moments = [start_of(one.day) for one in older if one.number not in section.numbers]
        before = max([*moments, archived] if archived else moments, default=None)
    except (OSError, PostError) as error:
        crawl.signals.problem(section.where, str(error))
        return
    last = "its last page still held news"
    if before is None:  # a new archive
        if more:
            what = f"{no_more} while {last}, so older stories may be missing; to read on: {more}"
            crawl.signals.note(section.where, what)
        elif no_more:
            crawl.signals.note(section.where, f"{last}; {no_more}, so older may be missing")
        return
    days = f"-a since={before.astimezone(SINGAPORE).date()} -a until={oldest.time.astimezone(SINGAPORE).date()}"
    fill = command_line(f"crawl backfill {days} -a sections={section.path}", crawl.archive.root)
    what = (
        f"{last}: stories from {shown(before)} to {shown(oldest.time)} may be missing;"
        f" {no_more or 'the site lists no more'}; {f'{more} reads on; ' if more else ''}{fill} fetches them"
    )
    crawl.signals.problem(section.where, what, once=True)
    # The next run cannot find this gap. If this run is killed before its summary, the next run reports it.
    crawl.state.note_fact(f"{UNREPORTED_GAP} {section.name}", what)
