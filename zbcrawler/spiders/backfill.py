"""``scrapy crawl backfill``: fetch past stories that the archive lacks, month by month."""

import sys
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from scrapy import Request
from scrapy.exceptions import DontCloseSpider
from scrapy.settings import BaseSettings

from zbcrawler.common import arguments
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import ArgumentError, Outcome, PostError
from zbcrawler.common.spider_arguments import Argument
from zbcrawler.common.times import rough_time
from zbcrawler.discovery.by_sitemaps import SitemapSource
from zbcrawler.discovery.by_wayback import WaybackSource
from zbcrawler.discovery.candidates import Candidate, DueRules
from zbcrawler.discovery.past_stories import MissingStories, PastScope, PastSource, PastStory
from zbcrawler.signals import listing_read, part_planned, run_planned, stories_settled
from zbcrawler.spiders.base import OWED, SiteSpider


class BackfillSpider(SiteSpider):
    """Archive past stories that the archive lacks, the oldest first."""

    name = "backfill"
    finds_again = True
    ARGUMENTS = {
        # site-layouts 11: the sitemaps begin with January 2016.
        "since": Argument(
            arguments.first_day, "the first month or day, by the day in the story's address", "2023-01-31", "2016-01"
        ),
        "until": Argument(arguments.last_day, "the last month or day; without it: today", "2023-06"),
        "sections": Argument(
            arguments.story_sections,
            "paths between commas: china is realtime/china and news/china, /entertainment only itself; all: each story"
            " of the sitemaps",
            "china,/entertainment",
            "china,world,singapore",
        ),
        "limit": Argument(arguments.amount, "the most stories of a run; the next run goes on", "5000"),
        "recheck": Argument(
            arguments.edited, "edited: fetch archived stories again if the sitemap shows a later change", "edited"
        ),
        "owed": OWED,
        "source": Argument(
            arguments.past_source,
            "wayback: fetch from the Wayback Machine what the archive lacks, also stories that the site no longer has",
            "wayback",
            "sitemaps",
        ),
    }
    since: date
    until: date = date.max
    sections: tuple[str, ...]
    limit: int | None = None
    recheck = owed = False
    source: str

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        if self.since > self.until:
            raise ArgumentError(f"since={self.since} is later than until={self.until}; exchange them")
        if self.recheck and self.source != "sitemaps":
            raise ArgumentError(f"recheck=edited: source={self.source} does not report edits; leave one of them out")
        if not self.sections and self.source != "sitemaps":
            what = "is asked for each section by its path; write paths, such as china,/entertainment"
            raise ArgumentError(f"sections=all: source={self.source} {what}")
        if self.source != "sitemaps":  # a story that the site did not have yesterday may be in the Wayback Machine
            self.state_name = self.source

    def prepare(self, settings: BaseSettings) -> None:
        super().prepare(settings)
        scope = PastScope(self.since, self.until, self.sections)
        self.due = DueRules(self.crawl, self.owed)
        self.missing = MissingStories(self.crawl, scope, self.due, self.recheck)
        self.parts.append(self.missing)
        source = SitemapSource if self.source == "sitemaps" else WaybackSource
        self.past: PastSource = source(self.crawl, scope, self.take_part, settings)
        self.queue: deque[Candidate] = deque()
        self._last: dict[str, Candidate] = {}  # owed stories, requested last; by key
        self._asked = self._known = 0

    def first_requests(self) -> Iterator[Request]:
        try:
            self.due.debts = self.crawl.archive.notes.owed.all()
        except (OSError, PostError) as error:
            self.signals.problem("owed stories", str(error))
        if first := self.past.first_request():
            yield first

    def take_part(self, found: Sequence[PastStory]) -> list[StoryAddress]:
        self.signals.send(listing_read, section=self.source, page=1)
        listed = self.missing.in_scope(found)
        try:
            wanted, known = self.missing.choose(listed)
        except (OSError, PostError) as error:
            self.signals.end_requests(f"archive {self.crawl.archive.root}", str(error))
            return []
        self._known += known.total()
        planned = self.plan(wanted, len(listed))
        if planned:
            self._announce_part([story.address.day for story in listed], wanted, len(planned))
        for section, count in known.items():
            self.signals.send(stories_settled, section=section, outcome=Outcome.UNCHANGED, count=count)
        return [story.address for story in planned]

    def plan(self, wanted: list[Candidate], listed: int) -> list[Candidate]:
        """Queue a part's stories, of which ``listed`` are in the scope, and return those queued."""
        wanted = sorted(wanted, key=lambda story: self.due.owes(story.address))
        if self.limit is not None and self._asked + len(wanted) > self.limit:
            wanted = wanted[: self.limit - self._asked]
            self.past.end()
            self.signals.note("limit", f"limit={self.limit} was reached; the next run goes on")
        self._asked += len(wanted)
        # Owed stories come last: if they fail, the run may end, and later runs would never reach the others.
        for story in wanted:
            if self.due.owes(story.address):
                self._last[story.address.key_in(self._last)] = story
            else:
                self.queue.append(story)
        # An estimate: each part to come is as large as this part, and none of its stories is archived.
        about = self._asked + self._known + len(self.past.parts) * listed
        self.signals.send(run_planned, count=about if self.limit is None else min(about, self._known + self.limit))
        return wanted

    def _announce_part(self, days: list[date], wanted: list[Candidate], planned: int) -> None:
        """Say what the archive lacks of a part, and how long the run will take at its pace."""
        missing, to_come = sum(story.known is None for story in wanted), len(self.past.parts)
        what = f"{min(days)} to {max(days)}: {missing:,} of {len(days):,} stories are missing"
        if planned != missing:
            what += f", this run fetches {planned:,}"
        if delay := self.past.delay:
            what += f": about {rough_time(planned * delay)} at one request per {delay:g} s"
            if to_come:
                what += (
                    f", and up to {rough_time(to_come * len(days) * delay)} for the {to_come} {self.past.unit} to come"
                )
        self.logger.info(what)
        self.signals.send(part_planned, what=what)
        if not self.settings.getbool("PROGRESS_BAR") and self.settings["LOG_LEVEL"] == "WARNING":  # not with --quiet
            print(what, file=sys.stderr, flush=True)

    def spider_idle(self) -> None:
        """Request the next stories, or the next part of the past when the queue is empty."""
        if not self.queue:
            if self.past.parts:
                self.send_request(self.past.part_request(self.past.parts.popleft()))
                raise DontCloseSpider
            self.queue.extend(self._last.values())
            self._last.clear()
        if self.queue:
            self.logger.info("%d of %d missing stories are still to be fetched", len(self.queue), self._asked)
        self.send_batch(self.queue)

    def send_story_request(self, story: Candidate) -> None:
        self.signals.announce(story.section, story.address)
        request = self.past.story_request(story)
        self.send_request(request or self.stories.request(story.address, story.section, bool(story.known)))

    def was_requested(self, address: StoryAddress) -> bool:
        return address.key_in(self.requested) in self.requested

    def requests_must_end(self) -> None:
        self.past.end()
        self.queue.clear()
        self._last.clear()
