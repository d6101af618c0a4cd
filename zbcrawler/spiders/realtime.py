"""``scrapy crawl realtime``: follows the realtime sections and fetches what is new."""

from __future__ import annotations

import sys
from collections import deque
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urljoin, urlsplit

from scrapy import Request, signals
from scrapy.exceptions import DontCloseSpider

from zbcrawler.archive.state import ListingRecord, PlannedStory
from zbcrawler.common import arguments, options
from zbcrawler.common.addresses import StoryAddress, kind_of
from zbcrawler.common.errors import PageError, PostError
from zbcrawler.common.outcomes import Outcome
from zbcrawler.common.text import one_line
from zbcrawler.common.times import SINGAPORE, shown, start_of
from zbcrawler.discovery.candidates import Candidate, DueRules
from zbcrawler.discovery.sections import Section, SeenStory
from zbcrawler.downloading.retry_after import NotAskedError
from zbcrawler.editions import Listing, ListingEntry, Page, read_listing
from zbcrawler.signals import listing_cut, listing_finished, listing_read, story_settled
from zbcrawler.spiders.base import SiteSpider, describe_failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure
    from typing_extensions import Self

# A request takes as much memory as all else that is known of a story.
_REQUESTS_AT_ONCE = 100
# After these a listing is not to be taken at its word again.


class RealtimeSpider(SiteSpider):
    """Archives what the realtime sections list.

    Arguments: ``sections`` (paths under ``/realtime/``), ``pages`` (most listing pages per
    section), ``since`` (a Singapore day; older stories are skipped), ``recheck`` (archived stories
    younger than this are fetched again, the older the less often), ``owed`` (``now``: what is owed
    is tried whether it is due or not).
    """

    journals = True

    name = "realtime"
    ARGUMENTS: ClassVar = {
        "sections": arguments.sections,
        "pages": arguments.count,
        "since": arguments.day,
        "recheck": arguments.duration,
        "owed": arguments.now,
    }

    sections: tuple[str, ...] = ("china", "world", "singapore")
    pages: int = 10
    since: date | None = None
    recheck: timedelta | None = None
    owed_now: bool = False

    def __init__(self, name: str | None = None, **given: Any) -> None:
        super().__init__(name, **given)
        self.owed_now = vars(self).pop("owed", False)
        self._listed: dict[str, Candidate] = {}  # by the story's number
        self._has_chosen = False
        self._wanted: deque[Candidate] = deque()  # what is yet to be asked for

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.ask_for_stories, signal=signals.spider_idle)
        crawler.signals.connect(spider.remember_listings, signal=story_settled)
        return spider

    def prepare(self, settings: BaseSettings) -> None:
        super().prepare(settings)
        self.newest_limits = options.section_durations(settings, "NEWEST_LIMIT")
        self.recheck_growth = options.number(settings, "RECHECK_GROWTH")

    # -- listings --------------------------------------------------------------------------------

    def first_requests(self) -> Iterator[Request]:
        self._tell_untold()
        for rank, name in enumerate(self.sections):
            yield self._listing_request(f"{self.site}/realtime/{name}", Section(name, rank))

    def _listing_request(self, address: str, section: Section) -> Request:
        return Request(
            address,
            callback=self.parse_listing,
            errback=self.listing_failed,
            cb_kwargs={"section": section},
            # The site may send the run to another of its hosts, which is learnt from a listing.
            meta={"allow_offsite": True},
        )

    def parse_listing(self, response: Response, section: Section) -> Iterator[Request]:
        """Read one page of a section, and asks for the next while they hold news."""
        try:
            page = self._read(response)
        except PageError as error:
            self._cut(section, str(error))
            return
        finally:
            self.site_answered()
        section.add_page(
            [seen for entry in page.entries if (seen := self._judge(entry, section, response.url, page.half))]
        )
        self._send(listing_read, section=section.name, page=section.pages)
        if section.pages == 1 and not section.numbers:
            what = f"{response.url}: none of its {len(page.entries)} links leads to a story"
            self.problem(f"section {section.name}", what)
            return
        if section.pages == 1 and (odd := section.odd_time(self.clock.now(), self._newest_limit(section))):
            self.problem(f"section {section.name}", f"{response.url}: {odd}")
        gap = self.archive.notes.gaps.find(section.name)
        fills_gap = gap is not None and gap < self.pages
        # One page that shows nothing else may be how the site counts; two are a circle.
        if page.next and section.repeats < 2 and (section.has_news or fills_gap):
            if section.pages < self.pages:
                yield self._listing_request(page.next, section)
                return
            if section.oldest_news:
                more = f"scrapy crawl realtime -a sections={section.name} -a pages={2 * self.pages} reads on"
                self._may_miss(section, f"pages={self.pages} ended the section there; {more}")
                self._send(listing_cut, section=section.name, pages=section.pages)
                return
        if section.oldest_news:
            self._may_miss(section, "" if page.is_all else f"the {page.edition} edition lists no more")
        if fills_gap:
            self._send(listing_finished, section=section.name)

    def _newest_limit(self, section: Section) -> timedelta | None:
        return self.newest_limits.get(section.name, self.newest_limits.get(""))

    def _may_miss(self, section: Section, why_no_more: str) -> None:
        """Tells that the last page that can be read still holds news, so that more may lie behind it."""
        where, oldest = f"section {section.name}", section.oldest_news
        try:
            before = self._newest_before(oldest.address.day, section)
        except (OSError, PostError) as error:
            self.problem(where, str(error))
            return
        last = "its last page still held news"
        if before is None:  # an archive begins somewhere
            if why_no_more:
                self.note(where, f"{last}; {why_no_more}, so older may be missing")
            return
        days = f"-a since={before.astimezone(SINGAPORE).date()} -a until={oldest.time.astimezone(SINGAPORE).date()}"
        what = f"{last}: stories from {shown(before)} to {shown(oldest.time)} may be missing"
        what = f"{what}; {why_no_more or 'the site lists no more'}"
        what = f"{what}; scrapy crawl backfill {days} -a sections=realtime/{section.name} fetches them"
        self.problem(where, what)
        # The next run sees no gap. If this one is killed before it has told of it, the next one does.
        self.state.note_untold_gap(section.name, what)

    def _newest_before(self, last: date, section: Section) -> datetime | None:
        """When the newest story was published that the section does not list any more; None if there is none.

        :raises OSError: if the archive or the journal cannot be read
        :raises PostError: if a post cannot be read
        """
        of_section = f"realtime/{section.name}"
        archived = self.archive.newest_before(last, of_section, section.numbers)
        planned = [
            StoryAddress.parse(story.path)
            for story in self.state.planned_stories()
            if story.number not in section.numbers
        ]
        # What a killed run was about to fetch is as good as there.
        days = [address.day for address in planned if address and address.section == of_section and address.day <= last]
        return max([start_of(day) for day in days] + [archived] * (archived is not None), default=None)

    def _tell_untold(self) -> None:
        for name in self.sections:
            if what := self.state.untold_gap(name):
                self.problem(f"section {name}", what)

    def closed(self, reason: str) -> None:
        """Forgets what the summary is about to tell."""
        for name in self.sections:
            self.state.note_untold_gap(name, "")

    def _read(self, response: Response) -> Listing:
        asked = response.meta.get("redirect_urls", [response.url])[0]
        if urlsplit(asked).path.rstrip("/") != urlsplit(response.url).path.rstrip("/"):
            raise PageError(f"{asked}: redirects to {response.url}, which is another page")
        listing = read_listing(Page.of(response), self.clock.now())
        self.learn_site(response)
        return listing

    def _cut(self, section: Section, what: str = "") -> None:
        if what:
            self.problem(f"section {section.name}", what)
        if section.pages:  # what lies behind pages that were read is out of the next run's sight
            self._send(listing_cut, section=section.name, pages=section.pages)

    def listing_failed(self, failure: Failure) -> None:
        """A listing page did not answer; what other pages listed is still fetched."""
        self._cut(
            failure.request.cb_kwargs["section"], "" if failure.check(NotAskedError) else describe_failure(failure)
        )
        self.site_answered()

    # -- entries ---------------------------------------------------------------------------------

    def _judge(self, entry: ListingEntry, section: Section, page: str, half: str) -> SeenStory | None:
        """Take in one entry; None if it is no story, or none that counts here."""
        link = _joined(page, entry.link)
        address = StoryAddress.parse(link, self.own_hosts)
        if address is None:
            self.settle(section.name, link, Outcome.SKIPPED, kind_of(link, self.own_hosts) or "other page")
            return None
        if self.since and address.day < self.since:
            # By its link: what is owed of it stays owed.
            self.settle(section.name, link, Outcome.SKIPPED, f"older than {self.since}")
            return SeenStory.of(address, entry.time, news=False)
        try:
            known = self.archive.find(address)
            # What is planned, gone or owed is no news, but is asked for when it is due.
            is_noted = self.state.is_planned(address.number) or self.archive.notes.absent.has(address)
            news = known is None and not is_noted and not self.owed.has(address)
            seen = SeenStory.of(address, entry.time, news)
        except OSError as error:
            self.settle(section.name, address, Outcome.FAILED, f"{address}: the archive cannot be read: {error}")
            return SeenStory.of(address, entry.time, news=False)
        story = self._listed.get(address.number)
        if story is None or section.rank < story.rank:
            said = story.said if story else ()
            story = Candidate(section.name, section.rank, address, seen.end, known, half, said)
            self._listed[address.number] = story
        if story.address != address:
            self.crawler.stats.inc_value("zbcrawler/other_addresses")
        listing = sys.intern(f"{half}/{section.name}")
        story.add_record(ListingRecord(listing, one_line(entry.title), entry.time if entry.exact else None))
        return seen

    # -- stories ---------------------------------------------------------------------------------

    def ask_for_stories(self) -> None:
        """Asks for what the listings showed, once all have been read, and for what is owed.

        So the address of a story that several sections list does not depend on which page came
        first, and the oldest can be asked for first: a run that is cut short leaves its gap at the
        new end, where the next run looks first.
        """
        if not self._has_chosen:
            self._has_chosen = True
            self._plan()
        if not self._wanted:
            return
        for _ in range(min(_REQUESTS_AT_ONCE, len(self._wanted))):
            story = self._wanted.popleft()
            self.crawler.engine.crawl(self.story_request(story.address, story.section, story.known))
        raise DontCloseSpider

    def _plan(self) -> None:
        try:
            wanted = self._choose()
            self.state.plan(
                PlannedStory(story.address.number, self.name, story.address.path, story.section, bool(story.known))
                for story in wanted
            )
        except OSError as error:
            # What cannot be noted is not begun; the listings will show it again.
            self.end_with(f"archive {self.archive.root}", str(error))
            return
        for story in wanted:
            self.announce(story.address, story.section)
        self._wanted.extend(wanted)

    def _choose(self) -> list[Candidate]:
        """Return what to fetch, the oldest first; the rest of what is known of is settled.

        :raises OSError: if the archive or its notes cannot be read
        """
        try:
            debts = self.owed.all()
        except PostError as error:
            self.problem("owed stories", str(error))
            debts = {}
        due = DueRules(
            self.archive, self.state, debts, self.clock.now(), self.owed_now, self.recheck, self.recheck_growth
        )
        for planned in self.state.planned_stories():
            self._add_planned(planned)
        for debt in debts.values():
            self._add(debt.address, debt.section)
        if self.recheck:
            self._add_archived(self.recheck)
        wanted = [story for story in list(self._listed.values()) if self._is_due(story, due)]
        self.rechecked = {story.address.number for story in wanted if story.rechecked}
        wanted.sort(key=lambda story: int(story.address.number))
        wanted.sort(key=lambda story: story.address.day)
        # What failed before may fail again, and must not stand in the way of what is new.
        wanted.sort(key=lambda story: story.address.number in debts)
        return wanted

    def _add(self, address: StoryAddress, section: str) -> Candidate:
        """Return a story that the listings may not show any more."""
        published = start_of(address.day) + timedelta(days=1)
        story = Candidate(section, len(self.sections), address, published, self.archive.find(address))
        return self._listed.setdefault(address.number, story)

    def _add_planned(self, planned: PlannedStory) -> None:
        address = StoryAddress.parse(planned.path)
        if address is None or (not planned.known and self.archive.find(address)):
            self.state.done(planned.number)  # it came to that, but not to noting it
        else:
            self._add(address, planned.section).planned = True

    def _add_archived(self, age: timedelta) -> None:
        """The archived stories of the sections that are young enough to be looked at again."""
        sections = {f"realtime/{name}": name for name in self.sections}
        for path, address in self.archive.posts_since((self.clock.now() - age).date() - timedelta(days=1)):
            if address.section in sections and address.number not in self._listed:
                try:
                    published = self.archive.read(path).published
                except PostError as error:
                    self.settle(sections[address.section], address, Outcome.FAILED, str(error))
                    continue
                self._add(address, sections[address.section]).published = published or start_of(address.day)

    def _is_due(self, story: Candidate, due: DueRules) -> bool:
        try:
            fate = due.fate(story)
        except (OSError, PostError) as error:
            self.settle(story.section, story.address, Outcome.FAILED, f"the archive cannot be read: {error}")
            return False
        if fate is None:
            return True
        outcome, reason = fate
        if outcome is Outcome.GONE:
            self.settle_noted(story.section, story.address, reason)
        elif story.said or outcome is Outcome.OWED:  # what no listing shows and is not due is nobody's news
            self.settle(story.section, story.address, outcome, reason)
        return False

    def remember_listings(self, address: StoryAddress | str, outcome: Outcome) -> None:
        """Note what the listings say of a story, once the archive has what they say."""
        story = self._listed.get(getattr(address, "number", ""))
        if story is None or outcome.is_open:
            return
        del self._listed[story.address.number]  # it is done with
        for said in story.said:
            self.state.add_listing_record(story.address.number, said, self.clock.now())


def _joined(page: str, link: str) -> str:
    try:
        return urljoin(page, link.strip())
    except ValueError:  # such as http://[
        return link
