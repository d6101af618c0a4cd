"""``scrapy crawl realtime``: follow the realtime sections and fetch new stories."""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from scrapy import Request
from scrapy.settings import BaseSettings

from zbcrawler.archive.run_state import UNREPORTED_GAP, PlannedStory
from zbcrawler.common import arguments
from zbcrawler.common.addresses import SECTIONS
from zbcrawler.common.spider_arguments import Argument
from zbcrawler.discovery.candidates import Candidate, DueRules, RealtimeChoice
from zbcrawler.discovery.listings import ListingWalk, Section
from zbcrawler.discovery.unreadable import UNREAD_STORIES
from zbcrawler.signals import must_write_nothing
from zbcrawler.spiders.base import OWED, SiteSpider


class RealtimeSpider(SiteSpider):
    """Archive the stories that the realtime sections list."""

    name = "realtime"
    journals = True
    ARGUMENTS = {
        "sections": Argument(
            arguments.sections,
            "paths under /realtime/, between commas; a section that answers 404 fails the run",
            "china,finance",
            "china,world,singapore",
        ),
        "pages": Argument(
            arguments.count,
            "the most listing pages of a section; a section ends earlier, at the first page without news",
            "3",
            "10",
        ),
        "since": Argument(arguments.day, "a day in Singapore; older stories are skipped", "2026-01-31"),
        "recheck": Argument(
            arguments.recheck,
            "up to which age archived stories are fetched again, older ones less often, to find edits that no listing"
            " shows: hours or days, at most 28d; off: never",
            "36h",
            "7d",
        ),
        "owed": OWED,
    }
    sections: tuple[str, ...]
    pages: int
    since: date | None = None
    recheck: timedelta | None
    owed = False

    def prepare(self, settings: BaseSettings) -> None:
        super().prepare(settings)
        limits = arguments.section_durations(settings, "NEWEST_LIMIT")
        self.walk = ListingWalk(self.crawl, self.since, self.pages, limits)
        self.parts.append(self.walk)
        growth = settings.getfloat("RECHECK_GROWTH")
        due = DueRules(self.crawl, self.owed)
        self.choice = RealtimeChoice(self.crawl, self.walk.candidates, due, self.sections, self.recheck, growth)
        self.queue: deque[Candidate] | None = None  # None: the listings are being read

    def first_requests(self) -> Iterator[Request]:
        for name in self.sections:
            if what := self.state.fact(f"{UNREPORTED_GAP} {name}"):
                self.signals.problem(f"section {name}", what, once=True)
        for rank, name in enumerate(self.sections):
            section = Section(name, rank)
            yield self.walk.request(f"{self.site}/{section.path}", section)

    def spider_idle(self) -> None:
        """Request the listed and the owed stories, once all listings have been read.

        So the address of a story in several sections does not depend on the order of the pages.
        """
        if self.queue is None:
            self.queue = deque()  # a plan that fails is not made again
            if len(self.walk.unknown) == len(self.sections):
                what = f"the site has no such section; zbcrawler knows {', '.join(SECTIONS)}"
                self.signals.send(must_write_nothing, what=f"sections={','.join(self.sections)}: {what}")
                return
            for name, why in self.walk.unknown.items():
                self.signals.problem(f"section {name}", why)
            self.queue.extend(self._plan(self.choice.choose))
        self.send_batch(self.queue)
        if self.choice.held:
            self.queue.extend(self._plan(self.choice.release))
            self.send_batch(self.queue)
        self.learn()

    def _plan(self, choose: Callable[[], list[Candidate]]) -> list[Candidate]:
        try:
            wanted = choose()
            self.rechecked |= {story.address.key_in(()) for story in wanted if story.rechecked}
            self.state.plan(
                PlannedStory(story.address.key_in(()), self.name, story.address.path, story.section, bool(story.known))
                for story in wanted
            )
        except OSError as error:
            # A story that is not in the journal is not requested; the listings will show it again.
            self.signals.end_requests(f"archive {self.crawl.archive.root}", str(error))
            return []
        for story in wanted:
            self.signals.announce(story.section, story.address)
        return wanted

    def closed(self, reason: str) -> None:
        """Report unread stories until one is read; forget the gaps that the summary is about to report."""
        if what := self.state.fact(UNREAD_STORIES):
            if self.unreadable.pages > self.unreadable.stories:
                self.state.note_fact(UNREAD_STORIES, "")
            else:
                self.signals.problem("learning", what)
        for name in self.sections:
            self.state.note_fact(f"{UNREPORTED_GAP} {name}", "")
