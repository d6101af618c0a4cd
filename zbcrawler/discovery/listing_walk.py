"""Walk through the listings of sections, page by page, and report the gaps that remain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from scrapy.http import Response
from twisted.python.failure import Failure

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PageError, PostError
from zbcrawler.common.times import SINGAPORE, shown, start_of
from zbcrawler.discovery.crawl_context import Crawl
from zbcrawler.discovery.listed_stories import ListedStories, Section
from zbcrawler.downloading.failures import describe_failure, was_not_sent
from zbcrawler.editions import Page, read_listing
from zbcrawler.editions.edition import Listing
from zbcrawler.signals import listing_cut, listing_finished, listing_read


@dataclass
class ListingWalk:
    """Read a section while its pages show news, or until a gap of an earlier run is closed.

    :ivar pages: how many pages of a section are read at most
    :ivar newest_limits: age allowed of the newest story, by section; under ``""`` for all others
    """

    crawl: Crawl
    listed: ListedStories
    pages: int
    newest_limits: Mapping[str, timedelta | None]

    def read(self, response: Response, section: Section) -> str | None:
        """Read one page of a section; return the address of the next page if it is to be read."""
        signals = self.crawl.signals
        try:
            page = self._listing(response)
        except PageError as error:
            self._cut(section, str(error))
            return None
        finally:
            self.crawl.site.answered.set()
        entries = (self.listed.add_entry(entry, section, response.url, page.half) for entry in page.entries)
        section.add_page([seen for seen in entries if seen])
        signals.send(listing_read, section=section.name, page=section.pages)
        if section.pages == 1 and not self._check_first(section, response, len(page.entries)):
            return None
        gap = self.crawl.archive.notes.gaps.find(section.name)
        fills_gap = gap is not None and gap < self.pages
        # One page without other stories may be how the site counts; two are a circle.
        if page.next and section.repeats < 2 and (section.has_news or fills_gap):
            if section.pages < self.pages:
                return page.next
            if section.oldest_news:
                more = f"scrapy crawl realtime -a sections={section.name} -a pages={2 * self.pages} reads on"
                _report_gap(self.crawl, section, f"pages={self.pages} ended the section there; {more}")
                self._cut(section)
                return None
        _report_gap(self.crawl, section, "" if page.is_all else f"the {page.edition} edition lists no more")
        if fills_gap:
            signals.send(listing_finished, section=section.name)
        return None

    def fail(self, failure: Failure, section: Section) -> None:
        """Settle a section whose page did not answer; the stories on other pages are still fetched."""
        self._cut(section, "" if was_not_sent(failure) else describe_failure(failure))
        self.crawl.site.answered.set()

    def _listing(self, response: Response) -> Listing:
        asked = response.meta.get("redirect_urls", [response.url])[0]
        if urlsplit(asked).path.rstrip("/") != urlsplit(response.url).path.rstrip("/"):
            raise PageError(f"{asked}: redirects to {response.url}, which is another page")
        listing = read_listing(Page.of(response), self.crawl.clock.now())
        self.crawl.site.learn(response)
        return listing

    def _check_first(self, section: Section, response: Response, entries: int) -> bool:
        """Report what is wrong with the first page; return whether it has stories."""
        if not section.numbers:
            what = f"{response.url}: none of its {entries} links leads to a story"
            self.crawl.signals.problem(section.where, what)
            return False
        limit = self.newest_limits.get(section.name, self.newest_limits.get(""))
        if odd := section.odd_time(self.crawl.clock.now(), limit):
            self.crawl.signals.problem(section.where, f"{response.url}: {odd}")
        return True

    def _cut(self, section: Section, what: str = "") -> None:
        if what:
            self.crawl.signals.problem(section.where, what)
        if section.pages:  # the next run does not see what lies behind the pages that were read
            self.crawl.signals.send(listing_cut, section=section.name, pages=section.pages)


def _report_gap(crawl: Crawl, section: Section, no_more: str) -> None:
    """Report that the last page that can be read still holds news, so older stories may be missing.

    :param no_more: why the run reads no further, empty if the site lists no more
    """
    oldest = section.oldest_news
    if oldest is None:
        return
    try:
        before = _newest_before(crawl, oldest.address.day, section)
    except (OSError, PostError) as error:
        crawl.signals.problem(section.where, str(error))
        return
    last = "its last page still held news"
    if before is None:  # a new archive
        if no_more:
            crawl.signals.note(section.where, f"{last}; {no_more}, so older may be missing")
        return
    days = f"-a since={before.astimezone(SINGAPORE).date()} -a until={oldest.time.astimezone(SINGAPORE).date()}"
    what = (
        f"{last}: stories from {shown(before)} to {shown(oldest.time)} may be missing;"
        f" {no_more or 'the site lists no more'};"
        f" scrapy crawl backfill {days} -a sections={section.path} fetches them"
    )
    crawl.signals.problem(section.where, what)
    # The next run sees no gap. If this run is killed before its summary, the next run reports the gap.
    crawl.state.note_untold_gap(section.name, what)


def _newest_before(crawl: Crawl, last: date, section: Section) -> datetime | None:
    """Return when the newest story was published that the section does not list any more; None if there is none."""
    archived = crawl.archive.newest_before(last, section.path, section.numbers)
    # A story that a killed run was about to fetch counts as archived.
    paths = [story.path for story in crawl.state.planned_stories() if story.number not in section.numbers]
    planned = [address for path in paths if (address := StoryAddress.parse(path))]
    moments = [start_of(one.day) for one in planned if one.section == section.path and one.day <= last]
    return max([*moments, archived] if archived else moments, default=None)
