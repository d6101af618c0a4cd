"""Ask the site, as a run would, for one listing and one story of each section, and judge the answers."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

from zbcrawler.common import arguments
from zbcrawler.common.addresses import StoryAddress, section_path
from zbcrawler.common.times import rough_time
from zbcrawler.discovery.listings import ListingWalk, Section
from zbcrawler.downloading.failures import describe_error
from zbcrawler.downloading.middlewares import time_of
from zbcrawler.spiders.base import SiteSpider
from zbcrawler.spiders.realtime import RealtimeSpider
from zbcrawler.tools.doctor import Check
from zbcrawler.tools.probing import PageFindings, PageReader

_TRIES = 2  # stories of a section, because some listed stories answer 404 for a while (site-layouts 4.2)
_LINK = re.compile(r"/[\w/-]{0,80}story20\d{6}-\d{1,18}", re.ASCII)
_MOST_SEARCHED = 500_000  # characters; a page of nothing but slashes takes a second
_UNREADABLE = (
    "runs try to learn the new pages, three times a day at most; scrapy learn tries now (see docs/explanation)"
)
_REMEDIES = {" 404": "is the section's name right?", "robots.txt": "runs obey", "": "runs try again"}
_ENDED = {"robots.txt": "runs fetch nothing while robots.txt cannot be read; try later"}
_ENDED |= {"clock": "set this machine's clock right; runs write nothing"}
_NETWORK = "does a browser on this machine show the site? Check the network, a firewall and SITE_URL"


class DoctorSpider(SiteSpider):
    """Read some pages; archive nothing. ``scrapy crawl`` does not list this spider."""

    name = "doctor"
    owes = False
    ARGUMENTS: ClassVar = {"sections": RealtimeSpider.ARGUMENTS["sections"]}

    async def start(self) -> AsyncIterator[Request]:
        """Send all requests one after the other, and leave none to the scheduler."""
        self.pages: dict[str, PageFindings] = {}  # by the names of the lines about them
        self.listings: dict[str, Section] = {}
        self.answers: list[Response] = []  # as they were sent, redirects and robots.txt included
        self.rules = ""  # the text of robots.txt
        self.ahead: timedelta | None = None  # how far the site's clock is ahead of this machine's
        self.ended = ("", "")  # where and why a run would send no more requests
        self.reader = PageReader(self.crawler, self.own_hosts)
        self.crawl.check_pause()
        for name in self.sections:
            if not self.ended[0] and (self.answers or not self.pages):
                await self._read_section(name)
        return
        yield  # as Scrapy wants an asynchronous generator

    async def _read_section(self, name: str) -> None:
        found, section = await self._read(name, f"{self.site}/{section_path(name)}"), Section(name, 0)
        if found.listing and found.page and found.edition:
            walk, half = ListingWalk(self.crawl), found.edition.half
            entries = [walk.add_entry(one, section, found.page.address, half) for one in found.listing.entries]
            section.add_page([story for story in entries if story])
        self.listings[name] = section
        # On a listing that nobody can read, any link to a story will do.
        links = map(StoryAddress.parse, _LINK.findall(found.page.text[:_MOST_SEARCHED] if found.page else ""))
        stories = [story.address for story in section.last] or [link for link in links if link]
        # The newest may not be served yet.
        for address in stories[len(stories) // 2 :][:_TRIES]:
            if (await self._read(f"{name} story", self.site + address.path)).page:
                break

    async def _read(self, name: str, address: str) -> PageFindings:
        """Fetch and read a page; the findings say why this was not possible."""
        request, found = Request(address), PageFindings(problem=f"{address}: not asked for")
        self.pages[name] = found
        if self.ended[0] or not self.crawler.engine:
            return found
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:  # whatever an errback would get
            found.problem = describe_error(error, request)
            return found
        is_moved = urlsplit(response.url).path != urlsplit(address).path
        if is_moved and not StoryAddress.parse(response.url, self.own_hosts):
            found.problem = f"{address}: redirects to {response.url}, which is another page"
            return found
        found = self.pages[name] = self.reader.read(response)
        if not found.problem:
            self.crawl.site.learn(response)
        return found

    def response_downloaded(self, response: Response) -> None:
        self.answers.append(response)
        if there := time_of(response):
            self.ahead = there - self.crawl.clock.now()

    def response_received(self, response: Response) -> None:
        if urlsplit(response.url).path == "/robots.txt":
            self.rules += response.body.decode("utf-8", "replace") + "\n"

    def requests_must_end(self, where: str, what: str) -> None:
        self.ended = self.ended if self.ended[0] else (where, what)

    def checks(self) -> Iterator[Check]:
        """Yield a line for each thing that was asked."""
        (where, what), site = self.ended, arguments.site_url(self.settings)
        if not self.answers:
            what = what or next(iter(self.pages.values())).problem
            yield Check("network", what, _NETWORK if where in ("", "robots.txt") else "runs wait, too")
            return
        yield Check("network", f"{site} answers" + (f", and redirects to {self.site}" if self.site != site else ""))
        if where != "robots.txt":
            obeys = self.settings.getbool("ROBOTSTXT_OBEY")
            yield Check("robots.txt", "is obeyed" if obeys else "is not asked for, because ROBOTSTXT_OBEY is off")
        if where != "clock" and self.ahead is not None and not self.crawl.clock.moment:
            yield Check("clock", f"differs from the site's by {rough_time(abs(self.ahead.total_seconds()))}")
        if where:
            yield Check(where, what.partition(";")[0], _ENDED.get(where, "runs wait, too"))
        yield from (self._check_page(*page) for page in self.pages.items() if where != "clock")

    def _check_page(self, name: str, found: PageFindings) -> Check:
        if found.problem or not (found.edition and found.page):
            remedy = next(what for words, what in _REMEDIES.items() if words in found.problem)
            return Check(name, found.problem, _UNREADABLE if found.is_unreadable else remedy)
        what = f"{found.edition.name} edition"
        if story := found.story:
            there = ["title", *(["time"] if story.published else [])]
            there += [name for name, detail in found.details.items() if detail.value]
            cut = ", cut by the paywall" * story.truncated + ", broken off" * (not found.page.is_whole)
            what += f"; {', '.join(there)}, text ({len(story.body)} blocks{cut})"
            return Check(name, what, "" if story.published and found.page.is_whole else "scrapy probe shows the page")
        section, limits = self.listings[name], arguments.section_durations(self.settings, "NEWEST_LIMIT")
        what += f", {len(section.numbers)} stories"
        if odd := section.describe_odd_time(self.crawl.clock.now(), limits.get(name, limits.get(""))):
            return Check(name, f"{what}; {odd}", "a stale cache, a quiet section, or a wrong clock")
        return Check(name, what, "" if section.numbers else _UNREADABLE)
