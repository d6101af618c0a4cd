"""``scrapy crawl backfill``: fetches what the archive lacks of the past, month by month."""

from __future__ import annotations

from collections import Counter, deque
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.exceptions import DontCloseSpider
from scrapy.spidermiddlewares.httperror import HttpError

from zbcrawler import arguments
from zbcrawler.addresses import STORY_HOSTS, StoryAddress
from zbcrawler.downloadermiddlewares.patience import NotAskedError
from zbcrawler.exceptions import ArgumentError, PageError, PostError
from zbcrawler.outcomes import Outcome, asking_must_end, listing_read, run_planned, stories_settled, story_settled
from zbcrawler.sitemaps import month_of, read_sitemap
from zbcrawler.spiders.due import Candidate, Due
from zbcrawler.spiders.site import SiteSpider, why
from zbcrawler.state import Said
from zbcrawler.times import SINGAPORE, start_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure
    from typing_extensions import Self

    from zbcrawler.owed import Debt
    from zbcrawler.sitemaps import Entry

# A request takes as much memory as all else that is known of a story.
_REQUESTS_AT_ONCE = 100
_SITEMAPS = "sitemaps"
_NOT_THERE = 404
# site-layouts 1.1: the day of an address may be one beside that of the publication.
_A_DAY = timedelta(days=1)


class Listed(NamedTuple):
    """A story of a sitemap.

    :ivar rank: the place of its section among those asked for
    """

    address: StoryAddress
    rank: int
    changed: datetime | None


class BackfillSpider(SiteSpider):
    """Archives what the site's sitemaps list and the archive lacks, the oldest first.

    Arguments: ``since``, ``until`` (months or days of Singapore, by the stories' addresses), ``sections`` (paths;
    ``china`` stands for ``realtime/china`` and ``news/china``), ``limit`` (so many stories at most), ``recheck``
    (``edited``: archived stories whose sitemap says that they were changed later are fetched again), ``owed``
    (``now``: what is owed is tried whether it is due or not).

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
    }

    since: date = date(2016, 1, 1)  # site-layouts 11: the first of the sitemaps
    until: date = date.max
    sections: tuple[str, ...] = arguments.story_sections("china,world,singapore")
    limit: int | None = None
    recheck: bool = False

    def __init__(self, name: str | None = None, **given: Any) -> None:
        super().__init__(name, **given)
        self.owed_now = vars(self).pop("owed", False)
        if self.since > self.until:
            raise ArgumentError(f"since={self.since} is later than until={self.until}; exchange them")
        self._parts: deque[str] = deque()  # paths of the sitemaps that are yet to be read
        self._wanted: deque[Candidate] = deque()  # what is yet to be asked for
        self._asked = self._known = 0
        self._edited: dict[str, datetime] = {}  # by number, what sitemaps say of stories that are fetched for it
        self._on_their_way: set[str] = set()
        self._debts: dict[str, Debt] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.go_on, signal=signals.spider_idle)
        crawler.signals.connect(spider.end_asking, signal=asking_must_end)
        crawler.signals.connect(spider.remember_edit, signal=story_settled)
        return spider

    def prepare(self, settings: BaseSettings) -> None:
        super().prepare(settings)
        self._ranks = {section: rank for rank, section in enumerate(self.sections)}

    # -- sitemaps --------------------------------------------------------------------------------

    def first_requests(self) -> Iterator[Request]:
        try:
            self._debts = self.owed.all()
        except (OSError, PostError) as error:
            self.problem("owed stories", str(error))
        yield self._sitemap_request("/sitemap.xml", self.parse_index)

    def _sitemap_request(self, path: str, callback: Any) -> Request:
        return Request(
            self.site + path,
            callback=callback,
            errback=self.sitemap_failed,
            # The site may send the run to another of its hosts, which is learnt from the index.
            meta={"allow_offsite": True},
        )

    def parse_index(self, response: Response) -> None:
        """Reads the index, and chooses the sitemaps that stories of the time may stand in."""
        try:
            sitemap = read_sitemap(response)
        except PageError as error:
            self.problem(_SITEMAPS, str(error))
            return
        finally:
            self.site_answered()
        self.learn_site(response)
        if not sitemap.is_index:
            self._take(response, sitemap.entries, sitemap.damage)
            return
        if sitemap.damage:
            self.problem(_SITEMAPS, f"{response.url}: broken, sitemaps may be missing: {sitemap.damage}")
        paths = dict.fromkeys(path for entry in sitemap.entries if (path := self._path_of(entry, response.url)))
        self._parts.extend(sorted(filter(self._may_hold, paths), key=lambda path: month_of(path) or date.min))
        if not self._parts:
            what = f"{response.url}: none of its {len(sitemap.entries)} sitemaps is of a month from {self.since}"
            self.problem(_SITEMAPS, f"{what} to {self.until}")

    def _path_of(self, entry: Entry, index: str) -> str | None:
        try:
            parts = urlsplit(entry.link)
        except ValueError:
            parts = None
        if parts is None or parts.netloc.lower() not in STORY_HOSTS | self.own_hosts:
            self.problem(_SITEMAPS, f"{index}: names a sitemap that is not on the site: {entry.link[:200]}")
            return None
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _may_hold(self, path: str) -> bool:
        month = month_of(path)
        if month is None:  # the older form counts its parts
            return True
        after = (month + timedelta(days=31)).replace(day=1)
        return month - _A_DAY <= self.until and self.since <= after

    def parse_sitemap(self, response: Response) -> None:
        """Reads one part."""
        try:
            sitemap = read_sitemap(response)
            if sitemap.is_index:
                raise PageError(f"{response.url}: a sitemap of sitemaps, in the index of sitemaps")
        except PageError as error:
            self.problem(_SITEMAPS, str(error))
            return
        self._take(response, sitemap.entries, sitemap.damage)

    def sitemap_failed(self, failure: Failure) -> None:
        """The index or a part did not answer."""
        self.site_answered()
        if failure.check(NotAskedError):
            return
        if failure.check(HttpError) and failure.value.response.status == _NOT_THERE and self._asked_path(failure):
            self.note(_SITEMAPS, f"{why(failure)}; none of its stories is found")
        else:
            self.problem(_SITEMAPS, why(failure))

    def _asked_path(self, failure: Failure) -> bool:
        return failure.request.callback != self.parse_index

    # -- entries ---------------------------------------------------------------------------------

    def _take(self, response: Response, entries: Iterable[Entry], damage: str) -> None:
        """Chooses what to fetch of a sitemap's stories."""
        self._send(listing_read, section=_SITEMAPS, page=1)
        if damage:
            self.problem(_SITEMAPS, f"{response.url}: broken, stories may be missing: {damage}")
        addresses = [(entry, StoryAddress.parse(entry.link, self.own_hosts)) for entry in entries]
        if month_of(response.url) and not any(address for _, address in addresses):
            what = f"{response.url}: none of its {len(addresses)} links leads to a story"
            self.problem(_SITEMAPS, what)
            return
        listed: dict[str, Listed] = {}
        for entry, address in addresses:
            story = self._judge(entry, address) if address else None
            if story and (story.address.number not in listed or story.rank < listed[story.address.number].rank):
                listed[story.address.number] = story
        try:
            wanted, known = self._choose(listed.values())
        except (OSError, PostError) as error:
            self._send(asking_must_end, where=f"archive {self.archive.root}", what=str(error))
            return
        self._known += sum(known.values())
        self._plan(wanted, len(listed))
        for section, count in known.items():
            self._send(stories_settled, section=section, outcome=Outcome.UNCHANGED, count=count)

    def _judge(self, entry: Entry, address: StoryAddress) -> Listed | None:
        """A story of the sections and the time that are asked for; None for others."""
        rank = self._ranks.get(address.section)
        if rank is None or not self.since <= address.day <= self.until:
            return None
        return Listed(address, rank, entry.changed)

    def _is_of_the_future(self, story: Listed) -> bool:
        # site-layouts 11: a few entries are. A later run fetches them.
        time = max(start_of(story.address.day) - _A_DAY, story.changed or datetime.min.replace(tzinfo=SINGAPORE))
        return time > self.clock.now()

    def _choose(self, listed: Iterable[Listed]) -> tuple[list[Candidate], Counter[str]]:
        """What to fetch, the oldest first, and how many of each section the archive has; the rest is settled.

        :raises OSError: if the archive or its notes cannot be read
        :raises PostError: if a post or a note cannot be read
        """
        due = Due(self.archive, self.state, self._debts, self.clock.now(), self.owed_now, recheck=None, growth=0)
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
        last = self.state.said(story.address.number, _SITEMAPS)
        if last and last.time and changed <= last.time:
            return False
        self._edited[story.address.number] = changed
        archived = self.archive.read(story.known)
        return changed - max(archived.date, archived.updated or archived.date) >= timedelta(minutes=1)

    # -- stories ---------------------------------------------------------------------------------

    def _plan(self, wanted: list[Candidate], listed: int) -> None:
        if self.limit is not None and self._asked + len(wanted) > self.limit:
            wanted = wanted[: self.limit - self._asked]
            self._parts.clear()
            self.note("limit", f"limit={self.limit} was reached; the next run goes on")
        self._asked += len(wanted)
        self._wanted.extend(wanted)
        # What the parts to come hold is not known; as much as this one, if the archive has none of it.
        about = self._asked + self._known + len(self._parts) * listed
        self._send(run_planned, count=about if self.limit is None else min(about, self._known + self.limit))

    def go_on(self) -> None:
        """Asks for the next stories, or for the next sitemap when there are no more."""
        if self._wanted:
            batch = [self._wanted.popleft() for _ in range(min(_REQUESTS_AT_ONCE, len(self._wanted)))]
            self._on_their_way = {story.address.number for story in batch}
            for story in batch:
                self.announce(story.address, story.section)
                self.crawler.engine.crawl(self.story_request(story.address, story.section, story.known))
        elif self._parts:
            self.crawler.engine.crawl(self._sitemap_request(self._parts.popleft(), self.parse_sitemap))
        else:
            return
        raise DontCloseSpider

    def was_asked_for(self, number: str) -> bool:
        return number in self._on_their_way

    def remember_edit(self, address: StoryAddress | str, outcome: Outcome) -> None:
        """Notes that an edit was looked at, so that the next run does not do it again."""
        changed = self._edited.pop(getattr(address, "number", ""), None)
        if changed and outcome is not Outcome.LEFT:
            self.state.note_said(address.number, Said(_SITEMAPS, "", changed), self.clock.now())

    def end_asking(self) -> None:
        """Forgets what was yet to be asked for; the next run finds it."""
        self._parts.clear()
        self._wanted.clear()
