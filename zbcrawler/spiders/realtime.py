"""``scrapy crawl realtime``: follows the realtime sections and fetches what is new."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urljoin, urlsplit

from scrapy import Request, signals
from scrapy.exceptions import DontCloseSpider

from zbcrawler import arguments
from zbcrawler.addresses import StoryAddress, kind_of
from zbcrawler.cleaning.text import one_line
from zbcrawler.editions import Listed, Listing, Page, read_listing
from zbcrawler.exceptions import PageError, PostError
from zbcrawler.outcomes import Outcome, listing_cut, listing_finished, listing_read
from zbcrawler.spiders.site import SiteSpider, why
from zbcrawler.times import start_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure
    from typing_extensions import Self


@dataclass
class _Section:
    """A section, and how many of its pages have been read."""

    name: str
    rank: int
    pages: int = 0
    numbers: set[str] = field(default_factory=set)
    repeats: int = 0  # pages that showed nothing that earlier pages had not


@dataclass(frozen=True)
class _Candidate:
    """A story as the first section that lists it, in the order given, shows it.

    :ivar site: the half of the site whose listing it was
    """

    section: _Section
    address: StoryAddress
    entry: Listed
    known: Path | None
    site: str = ""


class RealtimeSpider(SiteSpider):
    """Archives what the realtime sections list.

    Arguments: ``sections`` (paths under ``/realtime/``), ``pages`` (most listing pages per
    section), ``since`` (a Singapore day; older stories are skipped), ``recheck`` (known stories
    younger than this are fetched again).
    """

    name = "realtime"
    ARGUMENTS: ClassVar = {
        "sections": arguments.sections,
        "pages": arguments.count,
        "since": arguments.day,
        "recheck": arguments.duration,
    }

    sections: tuple[str, ...] = ("china", "world", "singapore")
    pages: int = 10
    since: date | None = None
    recheck: timedelta | None = None

    def __init__(self, name: str | None = None, **given: Any) -> None:
        super().__init__(name, **given)
        self._listed: dict[str, _Candidate] = {}  # by the story's number
        self._owed_were_added = False

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.ask_for_stories, signal=signals.spider_idle)
        return spider

    # -- listings --------------------------------------------------------------------------------

    def first_requests(self) -> Iterator[Request]:
        for rank, name in enumerate(self.sections):
            yield self._listing_request(f"{self.site}/realtime/{name}", _Section(name, rank))

    def _listing_request(self, address: str, section: _Section) -> Request:
        return Request(
            address,
            callback=self.parse_listing,
            errback=self.listing_failed,
            cb_kwargs={"section": section},
            # The site may send the run to another of its hosts, which is learnt from a listing.
            meta={"allow_offsite": True},
        )

    def parse_listing(self, response: Response, section: _Section) -> Iterator[Request]:
        """Reads one page of a section, and asks for the next while they hold news."""
        try:
            page = self._read(response)
        except PageError as error:
            self._cut(section, str(error))
            return
        finally:
            self.site_answered()
        section.pages += 1
        self._send(listing_read, section=section.name, page=section.pages)
        before = len(section.numbers)
        news = [self._judge(entry, section, response.url, page.site) for entry in page.entries]
        if section.pages == 1 and not section.numbers:
            what = f"{response.url}: none of its {len(page.entries)} links leads to a story"
            self.problem(f"section {section.name}", what)
            return
        section.repeats += len(section.numbers) == before
        gap = self.archive.gap(section.name)
        fills_gap = gap is not None and gap < self.pages
        # One page that shows nothing else may be how the site counts; two are a circle.
        if page.next and section.repeats < 2 and (any(news) or fills_gap):
            if section.pages < self.pages:
                yield self._listing_request(page.next, section)
                return
            if any(news):
                what = f"page {section.pages} still held news; pages={self.pages} ended the section there"
                self.note(f"section {section.name}", what)
                self._send(listing_cut, section=section.name, pages=section.pages)
                return
        if not page.next and not page.is_all and any(news) and False not in news:
            what = (
                f"all {len(news)} entries are news; the {page.edition} edition lists no more, so older may be missing"
            )
            self.note(f"section {section.name}", what)
        if fills_gap:
            self._send(listing_finished, section=section.name)

    def _read(self, response: Response) -> Listing:
        asked = response.meta.get("redirect_urls", [response.url])[0]
        if urlsplit(asked).path.rstrip("/") != urlsplit(response.url).path.rstrip("/"):
            raise PageError(f"{asked}: redirects to {response.url}, which is another page")
        listing = read_listing(Page.of(response), self.clock.now())
        self.learn_site(response)
        return listing

    def _cut(self, section: _Section, what: str) -> None:
        self.problem(f"section {section.name}", what)
        if section.pages:  # what lies behind pages that were read is out of the next run's sight
            self._send(listing_cut, section=section.name, pages=section.pages)

    def listing_failed(self, failure: Failure) -> None:
        """A listing page did not answer; what other pages listed is still fetched."""
        self._cut(failure.request.cb_kwargs["section"], why(failure))
        self.site_answered()

    def ask_for_stories(self) -> None:
        """Asks for what the listings showed, once all have been read.

        So the address of a story that several sections list does not depend on which page came
        first, and the oldest can be asked for first: a run that is cut short leaves its gap at the
        new end, where the next run looks first.
        """
        listed, self._listed = self._with_owed(self._listed), {}
        wanted = [story for story in listed.values() if self._is_wanted(story)]
        for story in sorted(wanted, key=lambda story: (story.address.day, int(story.address.number))):
            self.crawler.engine.crawl(self.story_request(story.address, story.section.name))
        if wanted:
            raise DontCloseSpider

    def _with_owed(self, listed: dict[str, _Candidate]) -> dict[str, _Candidate]:
        if self._owed_were_added:
            return listed
        self._owed_were_added = True
        try:
            for address, name in self.archive.owed():
                if address.number not in listed:
                    entry, section = Listed(address.path, ""), _Section(name, len(self.sections))
                    listed[address.number] = _Candidate(section, address, entry, self.archive.find(address))
        except (OSError, PostError) as error:
            self.problem("owed stories", str(error))
        return listed

    def _is_wanted(self, story: _Candidate) -> bool:
        try:
            if story.known is None or self._may_have_changed(story, story.known):
                return True
        except (OSError, PostError) as error:
            self.settle(story.section.name, story.address, Outcome.FAILED, f"the archived post cannot be read: {error}")
        else:
            self.settle(story.section.name, story.address, Outcome.UNCHANGED)
        return False

    # -- entries ---------------------------------------------------------------------------------

    def _judge(self, entry: Listed, section: _Section, page: str, site: str) -> bool | None:
        """Decides about one entry.

        :returns: whether it is news to the archive, which is a reason to read the next page; None if it is no story
        """
        link = _joined(page, entry.link)
        address = StoryAddress.parse(link, self.own_hosts)
        if address is None:
            self.settle(section.name, link, Outcome.SKIPPED, kind_of(link, self.own_hosts) or "other page")
            return None
        section.numbers.add(address.number)
        if self.since and address.day < self.since:
            self.settle(section.name, address, Outcome.SKIPPED, f"older than {self.since}")
            return False
        try:
            known = self.archive.find(address)
            # A story that was gone is no news, but is asked for again: it may be back.
            news = known is None and not self.archive.is_absent(address)
        except OSError as error:
            self.settle(section.name, address, Outcome.FAILED, f"{address}: the archive cannot be read: {error}")
            return False
        seen = self._listed.get(address.number)
        # A card may link its picture first, without a word.
        if seen is None or (section.rank, not entry.title) < (seen.section.rank, not seen.entry.title):
            self._listed[address.number] = _Candidate(section, address, entry, known, site)
        if seen is not None and seen.address != address:
            self.crawler.stats.inc_value("zbcrawler/other_addresses")
        return news

    def _may_have_changed(self, story: _Candidate, known: Path) -> bool:
        published = story.entry.time or start_of(story.address.day) + timedelta(days=1)
        if self.recheck and self.clock.now() - published <= self.recheck:
            return True
        title = one_line(story.entry.title)
        if not title or title == self.archive.title(known):
            return False
        # The other half of the site may have a headline of its own for good.
        return story.site in ("", self.archive.site_of(story.address))


def _joined(page: str, link: str) -> str:
    try:
        return urljoin(page, link.strip())
    except ValueError:  # such as http://[
        return link
