"""``scrapy crawl backfill``: fetches what the archive lacks of the past, month by month."""

from __future__ import annotations

from collections import Counter, deque
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from scrapy import signals
from scrapy.exceptions import DontCloseSpider

from zbcrawler.archive.state import ListingRecord
from zbcrawler.common import arguments
from zbcrawler.common.errors import ArgumentError, PostError
from zbcrawler.common.outcomes import Outcome
from zbcrawler.common.times import SINGAPORE, start_of
from zbcrawler.discovery.by_sitemaps import SitemapSource
from zbcrawler.discovery.by_wayback import WaybackSource
from zbcrawler.discovery.candidates import Candidate, DueRules
from zbcrawler.signals import asking_must_end, listing_read, run_planned, stories_settled, story_settled
from zbcrawler.spiders.base import SiteSpider

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from typing_extensions import Self

    from zbcrawler.archive.notes import OwedStory
    from zbcrawler.common.addresses import StoryAddress
    from zbcrawler.discovery.past_source import PastSource, PastStory

# A request takes as much memory as all else that is known of a story.
_REQUESTS_AT_ONCE = 100
# Whose word it is that a story was edited.
_SITEMAPS = "sitemaps"
_SOURCES = {"sitemaps": SitemapSource, "wayback": WaybackSource}
# site-layouts 1.1: the day of an address may be one beside that of the publication.
_A_DAY = timedelta(days=1)


class SitemapStory(NamedTuple):
    """A story that was found.

    :ivar rank: the place of its section among those asked for
    """

    address: StoryAddress
    rank: int
    changed: datetime | None


class BackfillSpider(SiteSpider):
    """Archives what there is of the past and the archive lacks, the oldest first.

    Arguments: ``since``, ``until`` (months or days of Singapore, by the stories' addresses), ``sections`` (paths;
    ``china`` stands for ``realtime/china`` and ``news/china``), ``limit`` (so many stories at most), ``recheck``
    (``edited``: archived stories whose sitemap says that they were changed later are fetched again), ``owed``
    (``now``: what is owed is tried whether it is due or not), ``source`` (``sitemaps``, or ``wayback``: what the
    Wayback Machine has, also of stories that the site has no more).

    One month is in memory at a time, and nothing is remembered but what the archive shows: a run that is stopped at
    any moment leaves the rest to the next.
    """

    name = "backfill"
    finds_again = True
    ARGUMENTS: ClassVar = {
        "since": arguments.first_day,
        "until": arguments.last_day,
        "sections": arguments.story_sections,
        "limit": arguments.amount,
        "recheck": arguments.edited,
        "owed": arguments.now,
        "source": arguments.past_source,
    }

    since: date = date(2016, 1, 1)  # site-layouts 11: the first of the sitemaps
    until: date = date.max
    sections: tuple[str, ...] = arguments.story_sections("china,world,singapore")
    limit: int | None = None
    recheck: bool = False
    source: str = "sitemaps"

    def __init__(self, name: str | None = None, **given: Any) -> None:
        super().__init__(name, **given)
        self.owed_now = vars(self).pop("owed", False)
        if self.since > self.until:
            raise ArgumentError(f"since={self.since} is later than until={self.until}; exchange them")
        if self.recheck and self.source != "sitemaps":
            raise ArgumentError(f"recheck=edited: source={self.source} does not tell of edits; leave one of them out")
        self._wanted: deque[Candidate] = deque()  # what is yet to be asked for
        self._owed_too: dict[str, Candidate] = {}  # and when there is no more of that, what is owed, by number
        self.listed = 0  # stories of the sections and the time that are asked for
        self._asked = self._known = 0
        self._edited: dict[str, datetime] = {}  # by number, what sitemaps say of stories that are fetched for it
        self._on_their_way: set[str] = set()
        self._debts: dict[str, OwedStory] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.go_on, signal=signals.spider_idle)
        crawler.signals.connect(spider.end_asking, signal=asking_must_end)
        crawler.signals.connect(spider.remember_edit, signal=story_settled)
        return spider

    @property
    def state_name(self) -> str:
        # That the site did not have a story yesterday says nothing of the Wayback Machine.
        return super().state_name if self.source == "sitemaps" else self.source

    def prepare(self, settings: BaseSettings) -> None:
        super().prepare(settings)
        self._ranks = {section: rank for rank, section in enumerate(self.sections)}
        self.past: PastSource = _SOURCES[self.source](self, settings)

    def first_requests(self) -> Iterator[Request]:
        try:
            self._debts = self.owed.all()
        except (OSError, PostError) as error:
            self.problem("owed stories", str(error))
        if first := self.past.first_request():
            yield first

    # -- what there is ---------------------------------------------------------------------------

    def take(self, source: str, found: Iterable[PastStory]) -> set[str]:
        """Chooses what to fetch of a part of the past.

        :param source: as the summary names it
        :returns: the numbers of the stories that will be asked for
        """
        self._send(listing_read, section=source, page=1)
        listed: dict[str, SitemapStory] = {}
        for address, changed in found:
            story = self._judge(address, changed)
            if story and (address.number not in listed or story.rank < listed[address.number].rank):
                listed[address.number] = story
        self.listed += len(listed)
        try:
            wanted, known = self._choose(listed.values())
        except (OSError, PostError) as error:
            self.end_with(f"archive {self.archive.root}", str(error))
            return set()
        self._known += sum(known.values())
        planned = self.plan(wanted, len(listed))
        for section, count in known.items():
            self.settle_known(section, count)
        return {story.address.number for story in planned}

    def settle_known(self, section: str, count: int) -> None:
        """Tells the run of so many stories that the archive has."""
        self._send(stories_settled, section=section, outcome=Outcome.UNCHANGED, count=count)

    def _judge(self, address: StoryAddress, changed: datetime | None) -> SitemapStory | None:
        """Return a story of the sections and the time that are asked for; None for others."""
        rank = self._ranks.get(address.section)
        if rank is None or not self.since <= address.day <= self.until:
            return None
        return SitemapStory(address, rank, changed)

    def _is_of_the_future(self, story: SitemapStory) -> bool:
        # site-layouts 11: a few entries are. A later run fetches them.
        time = max(start_of(story.address.day) - _A_DAY, story.changed or datetime.min.replace(tzinfo=SINGAPORE))
        return time > self.clock.now()

    def _choose(self, listed: Iterable[SitemapStory]) -> tuple[list[Candidate], Counter[str]]:
        """Return what to fetch, the oldest first, and how many of each section the archive has; the rest is settled.

        :raises OSError: if the archive or its notes cannot be read
        :raises PostError: if a post or a note cannot be read
        """
        due = DueRules(self.archive, self.state, self._debts, self.clock.now(), self.owed_now, recheck=None, growth=0)
        known: Counter[str] = Counter()
        wanted = []
        for story in listed:
            address = story.address
            if self._is_of_the_future(story):
                self.settle(address.section, address.url, Outcome.SKIPPED, "dated in the future")
                continue
            post = self.archive.find(address)
            candidate = Candidate(address.section, story.rank, address, start_of(address.day), post)
            if post and self.recheck and story.changed and self._is_edited(candidate, story.changed):
                wanted.append(candidate)
                continue
            fate = due.fate(candidate)
            if fate is None:
                wanted.append(candidate)
            elif fate[0] is Outcome.UNCHANGED:
                known[address.section] += 1
            elif fate[0] is Outcome.GONE:
                self.settle_noted(address.section, address, fate[1])
            else:
                self.settle(address.section, address, *fate)
        return sorted(wanted, key=lambda story: (story.address.day, int(story.address.number))), known

    def _is_edited(self, story: Candidate, changed: datetime) -> bool:
        """Whether the sitemap tells of a change that is not in the archive, and was not looked at yet."""
        last = self.state.listing_record(story.address.number, _SITEMAPS)
        if last and last.time and changed <= last.time:
            return False
        self._edited[story.address.number] = changed
        archived = self.archive.read(story.known)
        return changed - max(archived.date, archived.updated or archived.date) >= timedelta(minutes=1)

    # -- stories ---------------------------------------------------------------------------------

    def plan(self, wanted: list[Candidate], listed: int) -> list[Candidate]:
        """Take note of what is to be asked for of a part, and gives it.

        What is owed comes last: as many failures in a row as end a run would else keep all later runs from the rest.

        :param listed: how many stories the part has
        """
        wanted = sorted(wanted, key=lambda story: story.address.number in self._debts)
        if self.limit is not None and self._asked + len(wanted) > self.limit:
            wanted = wanted[: self.limit - self._asked]
            self.past.end()
            self.note("limit", f"limit={self.limit} was reached; the next run goes on")
        self._asked += len(wanted)
        owed = {story.address.number: story for story in wanted if story.address.number in self._debts}
        self._owed_too |= owed
        self._wanted.extend(story for story in wanted if story.address.number not in owed)
        # What the parts to come hold is not known; as much as this one, if the archive has none of it.
        about = self._asked + self._known + self.past.parts_left() * listed
        self._send(run_planned, count=about if self.limit is None else min(about, self._known + self.limit))
        return wanted

    def go_on(self) -> None:
        """Asks for the next stories, or for the next part of the past when there are no more."""
        if not self._wanted and (part := self.past.next_request()):
            self.crawler.engine.crawl(part)
            raise DontCloseSpider
        if not self._wanted:
            self._wanted.extend(self._owed_too.values())
            self._owed_too.clear()
        if not self._wanted:
            return
        batch = [self._wanted.popleft() for _ in range(min(_REQUESTS_AT_ONCE, len(self._wanted)))]
        self._on_their_way = {story.address.number for story in batch}
        for story in batch:
            self.ask_for(story)
        raise DontCloseSpider

    def ask_for(self, story: Candidate) -> None:
        """Asks for one story."""
        self.announce(story.address, story.section)
        self.crawler.engine.crawl(self.past.story_request(story))

    def was_asked_for(self, number: str) -> bool:
        return number in self._on_their_way

    def remember_edit(self, address: StoryAddress | str, outcome: Outcome) -> None:
        """Note that an edit was looked at, so that the next run does not do it again."""
        changed = self._edited.pop(getattr(address, "number", ""), None)
        if changed and outcome is not Outcome.LEFT:
            self.state.add_listing_record(address.number, ListingRecord(_SITEMAPS, "", changed), self.clock.now())

    def end_asking(self) -> None:
        """Forgets what was yet to be asked for; the next run finds it."""
        self.past.end()
        self._wanted.clear()
        self._owed_too.clear()
