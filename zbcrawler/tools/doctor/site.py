"""Ask the site, as a run would, for one listing and one story of each section, and judge the answers."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

from zbcrawler.common import arguments
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.times import rough_time
from zbcrawler.discovery.listings import ListingWalk, Section
from zbcrawler.downloading.failures import describe_error
from zbcrawler.downloading.middlewares import time_of
from zbcrawler.spiders.base import SiteSpider
from zbcrawler.tools.doctor import Check
from zbcrawler.tools.probing import PageFindings, PageReader

SECOND, SITEMAP = "second page", "sitemap.xml"  # what only a report of the site's pages asks for
_TRIES = 2  # stories of a section, because some listed stories answer 404 for a while (site-layouts 4.2)
_LINK = re.compile(r"/[\w/-]{0,80}story20\d{6}-\d{1,18}", re.ASCII)
_UNREADABLE = "the next run tries to learn the new pages (docs/explanation/learning.md); scrapy probe shows one"
_NETWORK = "does a browser on this machine show the site? Check the network, a firewall and SITE_URL"


@dataclass
class Visit:
    """What was found in a section."""

    section: Section
    listing: PageFindings
    stories: list[StoryAddress] = field(default_factory=list)  # that are listed
    story: PageFindings | None = None  # None: none was asked for


class DoctorSpider(SiteSpider):
    """Read some pages; archive nothing. ``scrapy crawl`` does not list this spider."""

    name = "doctor"
    owes = False
    ARGUMENTS: ClassVar = {"sections": arguments.sections, "live": bool}
    sections: tuple[str, ...] = ("china", "world", "singapore")
    live = False  # also read the second page of a listing, and sitemap.xml
    reader: PageReader

    async def start(self) -> AsyncIterator[Request]:
        """Send all requests one after the other, and leave none to the scheduler."""
        self.visits: list[Visit] = []
        self.answers: list[Response] = []  # as they were sent, redirects and robots.txt included
        self.robots: dict[str, RobotParser] = {}  # by host
        self.ahead: timedelta | None = None  # how far the site's clock is ahead of this machine's
        self.others: dict[str, PageFindings] = {}  # further pages
        self.ended = ("", "")  # where and why a run would send no more requests
        self.reader = PageReader(self.crawler, self.own_hosts)
        self.crawl.check_pause()
        for name in self.sections:
            if not self.ended[0] and (self.answers or not self.visits):
                await self._visit(Section(name, len(self.visits)))
        listing = next((visit.listing.listing for visit in self.visits if visit.stories), None)
        if self.live and listing:
            self.others = {SECOND: await self.read(listing.next)} if listing.next else {}
            self.others[SITEMAP] = await self.read(f"{self.site}/sitemap.xml")
        nothing: tuple[Request, ...] = ()
        for request in nothing:
            yield request

    async def _visit(self, section: Section) -> None:
        listing = await self.read(f"{self.site}/{section.path}")
        self.visits.append(visit := Visit(section, listing))
        if not listing.page:
            return
        if listing.listing and listing.edition:
            walk, half = ListingWalk(self.crawl), listing.edition.half
            seen = [walk.add_entry(one, section, listing.page.address, half) for one in listing.listing.entries]
            section.add_page([story for story in seen if story])
            visit.stories = [story.address for story in seen if story]
        # On a listing that nobody can read, any link to a story will do.
        links = map(StoryAddress.parse, _LINK.findall(listing.page.text)) if not visit.stories else ()
        stories = visit.stories or [address for address in links if address]
        # The newest may not be served yet.
        for story in stories[len(stories) // 2 :][:_TRIES]:
            visit.story = await self.read(self.site + story.path)
            if visit.story.page:
                break

    async def read(self, address: str) -> PageFindings:
        """Fetch and read a page; the findings say why this was not possible."""
        request = Request(address)
        if self.ended[0] or not self.crawler.engine:
            return PageFindings(problem=f"{address}: not asked for")
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:  # as an errback would get it
            return PageFindings(problem=describe_error(error, request))
        found = self.reader.read(response)
        if not found.problem:
            self.crawl.site.learn(response)
        return found

    def response_downloaded(self, response: Response) -> None:
        self.answers.append(response)
        if there := time_of(response):
            self.ahead = there - self.crawl.clock.now()

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        self.robots[urlsplit(request.url).netloc] = robotparser

    def requests_must_end(self, where: str, what: str) -> None:
        self.ended = self.ended if self.ended[0] else (where, what)

    def pages(self) -> dict[str, PageFindings]:
        """Return all that was read, by name."""
        found = {visit.section.name: visit.listing for visit in self.visits}
        found |= {f"{visit.section.name} story": visit.story for visit in self.visits if visit.story}
        return found | self.others

    # -- judging
    def checks(self) -> Iterator[Check]:
        """Yield a line for each thing that was asked."""
        where, what = self.ended
        if not self.answers:
            what = what or self.visits[0].listing.problem
            yield Check("network", what, _NETWORK if where != "site" else "runs wait, too")
            return
        moved = "" if self.site == arguments.site_url(self.settings) else f", and redirects to {self.site}"
        yield Check("network", f"{arguments.site_url(self.settings)} answers{moved}")
        yield self._check_robots()
        yield self._check_clock()
        if where not in ("", "robots.txt", "clock"):
            yield Check(where, what, "runs wait, too")
        limits = arguments.section_durations(self.settings, "NEWEST_LIMIT")
        for visit in self.visits if where != "clock" else ():
            name = visit.section.name
            odd = visit.section.describe_odd_time(self.crawl.clock.now(), limits.get(name, limits.get("")))
            yield _check_listing(visit, odd)
            if visit.story:
                yield _check_story(f"{name} story", visit.story)

    def allows(self, path: str) -> bool:
        """Whether robots.txt of the site allows an address."""
        parser = self.robots.get(urlsplit(self.site).netloc)
        agent = self.settings["ROBOTSTXT_USER_AGENT"] or self.settings["USER_AGENT"]
        return parser is None or parser.allowed(self.site + path, agent)

    def _check_robots(self) -> Check:
        if not self.settings.getbool("ROBOTSTXT_OBEY"):
            return Check("robots.txt", "is not asked for, because ROBOTSTXT_OBEY is off")
        if self.ended[0] == "robots.txt":
            return Check("robots.txt", self.ended[1], "runs fetch nothing while robots.txt cannot be read; try later")
        listed = [visit.stories[0].path for visit in self.visits if visit.stories]
        paths = [f"/{visit.section.path}" for visit in self.visits] + (listed or ["/realtime/china/story20260131-1"])
        forbidden = [path for path in paths if not self.allows(path)]
        what = f"forbids {', '.join(forbidden)}" if forbidden else "allows the listings and the stories"
        return Check("robots.txt", what, "runs obey; leave the sections out, or ask the newspaper" if forbidden else "")

    def _check_clock(self) -> Check:
        if self.ended[0] == "clock":
            return Check("clock", self.ended[1].partition(";")[0], "set this machine's clock right; runs write nothing")
        if self.crawl.clock.moment or self.ahead is None:
            why = "CLOCK is set" if self.crawl.clock.moment else "the site sends no Date"
            return Check("clock", f"is not compared with the site's, because {why}")
        return Check("clock", f"differs from the site's by {rough_time(abs(self.ahead.total_seconds()))}")


def _check_listing(visit: Visit, odd: str) -> Check:
    name, found = visit.section.name, visit.listing
    if found.problem or not (found.listing and found.edition):
        return Check(name, found.problem, _remedy(found))
    what = f"{found.edition.name} edition, {len(visit.stories)} stories"
    if not visit.stories:
        return Check(name, f"{what} among {len(found.listing.entries)} links", _UNREADABLE)
    return Check(
        name, f"{what}; {odd}" if odd else what, "a stale cache, a quiet section, or this clock" if odd else ""
    )


def _check_story(name: str, found: PageFindings) -> Check:
    story, page = found.story, found.page
    if found.problem or not (story and page and found.edition):
        return Check(name, found.problem, _remedy(found))
    fields = {"time": story.published, **{name: value.value for name, value in found.details.items()}}
    there = ", ".join(("title", *(name for name, value in fields.items() if value)))
    missing = ", ".join(name for name, value in fields.items() if not value)
    size = f"{len(story.body)} blocks" + (", cut by the paywall" if story.truncated else "")
    what = f"{found.edition.name} edition; {there}, text ({size})" + (f"; without {missing}" if missing else "")
    if not page.is_whole:
        return Check(name, f"{what}; the page broke off", "runs ask for such a story again")
    return Check(name, what, "" if story.published else f"a story needs its time; {_UNREADABLE}")


def _remedy(found: PageFindings) -> str:
    if found.is_unreadable:
        return _UNREADABLE
    is_missing = found.problem.endswith("answered 404")
    return "is the section's name right?" if is_missing else "runs try again; if this lasts, scrapy probe says more"
