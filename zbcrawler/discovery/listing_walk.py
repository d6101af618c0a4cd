"""Walk through the listings of sections, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from scrapy.http import Response
from twisted.python.failure import Failure

from zbcrawler.common.errors import PageError
from zbcrawler.discovery.crawl import Crawl
from zbcrawler.discovery.gaps import report_gap
from zbcrawler.discovery.listed import ListedStories
from zbcrawler.discovery.sections import Section
from zbcrawler.downloading.failures import describe_failure, was_not_sent
from zbcrawler.editions import Listing, Page, read_listing
from zbcrawler.signals import listing_cut, listing_finished, listing_read


class ListingWalk:
    """Read a section while its pages show news, or until a gap of an earlier run is closed."""

    def __init__(
        self, crawl: Crawl, listed: ListedStories, pages: int, newest_limits: Mapping[str, timedelta | None]
    ) -> None:
        """Read nothing yet.

        :param pages: how many pages of a section are read at most
        :param newest_limits: age allowed of the newest story, by section; under ``""`` for all others
        """
        self._crawl = crawl
        self._listed = listed
        self._pages = pages
        self._newest_limits = newest_limits

    def read(self, response: Response, section: Section) -> str | None:
        """Read one page of a section; return the address of the next page if it is to be read."""
        crawl = self._crawl
        try:
            page = self._listing(response)
        except PageError as error:
            self._cut(section, str(error))
            return None
        finally:
            crawl.site.note_answer()
        entries = (self._listed.add_entry(entry, section, response.url, page.half) for entry in page.entries)
        section.add_page([seen for seen in entries if seen])
        crawl.signals.send(listing_read, section=section.name, page=section.pages)
        if section.pages == 1 and not self._check_first(section, response, len(page.entries)):
            return None
        gap = crawl.archive.notes.gaps.find(section.name)
        fills_gap = gap is not None and gap < self._pages
        # One page without other stories may be how the site counts; two are a circle.
        if page.next and section.repeats < 2 and (section.has_news or fills_gap):
            if section.pages < self._pages:
                return page.next
            if section.oldest_news:
                more = f"scrapy crawl realtime -a sections={section.name} -a pages={2 * self._pages} reads on"
                report_gap(crawl, section, f"pages={self._pages} ended the section there; {more}")
                self._cut(section)
                return None
        report_gap(crawl, section, "" if page.is_all else f"the {page.edition} edition lists no more")
        if fills_gap:
            crawl.signals.send(listing_finished, section=section.name)
        return None

    def fail(self, failure: Failure, section: Section) -> None:
        """Settle a section whose page did not answer; the stories on other pages are still fetched."""
        self._cut(section, "" if was_not_sent(failure) else describe_failure(failure))
        self._crawl.site.note_answer()

    def _listing(self, response: Response) -> Listing:
        asked = response.meta.get("redirect_urls", [response.url])[0]
        if urlsplit(asked).path.rstrip("/") != urlsplit(response.url).path.rstrip("/"):
            raise PageError(f"{asked}: redirects to {response.url}, which is another page")
        listing = read_listing(Page.of(response), self._crawl.clock.now())
        self._crawl.site.learn(response)
        return listing

    def _check_first(self, section: Section, response: Response, entries: int) -> bool:
        """Report what is wrong with the first page; return whether it has stories."""
        problem = self._crawl.signals.problem
        if not section.numbers:
            problem(section.where, f"{response.url}: none of its {entries} links leads to a story")
            return False
        limit = self._newest_limits.get(section.name, self._newest_limits.get(""))
        if odd := section.odd_time(self._crawl.clock.now(), limit):
            problem(section.where, f"{response.url}: {odd}")
        return True

    def _cut(self, section: Section, what: str = "") -> None:
        if what:
            self._crawl.signals.problem(section.where, what)
        if section.pages:  # the next run does not see what lies behind the pages that were read
            self._crawl.signals.send(listing_cut, section=section.name, pages=section.pages)
