"""What the parts of a crawl share, and the outcome of stories whose page was not fetched or read."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from scrapy.http import Response
from scrapy.settings import BaseSettings

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.disk import EDITIONS
from zbcrawler.archive.posts import front_matter_keys
from zbcrawler.archive.run_state import RunState
from zbcrawler.common import arguments
from zbcrawler.common.addresses import STORY_HOSTS, StoryAddress
from zbcrawler.common.errors import Outcome, PostError
from zbcrawler.common.markup import TimeBudget
from zbcrawler.common.times import Clock, shown
from zbcrawler.editions import Editions, read_declared
from zbcrawler.signals import RunSignals

ANSWERED = "answered"  # the first word of the reason if the site has no page; others say where the address leads


@dataclass
class SiteOrigin:
    """The host of the site that a run stays on: the host of ``SITE_URL``, or the host to which it redirects."""

    url: str  # ``scheme://host[:port]``
    hosts: frozenset[str]  # stand for the site besides its public ones
    # Set after the first answer, good or bad; the other first requests wait for this event.
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def learn(self, response: Response) -> None:
        """Stay on the host of a page that was read successfully, but never give up HTTPS."""
        asked = response.meta.get("redirect_urls", [response.url])[0]
        parts = urlsplit(response.url)
        is_on_site = parts.netloc.lower() in STORY_HOSTS | self.hosts
        if is_on_site and urlsplit(asked).path == parts.path and not self.url.startswith(f"{parts.scheme}s:"):
            self.url = f"{parts.scheme}://{parts.netloc}"


class Crawl:
    def __init__(self, settings: BaseSettings, signals: RunSignals, spider: str, state_name: str) -> None:
        """Read the settings; raise ArgumentError if one is not allowed."""
        self.signals = signals
        self.site = SiteOrigin(arguments.site_url(settings), arguments.site_hosts(settings))
        self.archive = Archive.from_settings(settings)
        self.state = RunState.of(self.archive, spider, state_name)
        self.give_up_after = settings.getint("GIVE_UP_AFTER")
        arguments.site_url(settings, "PICTURE_SITE")
        self.wants_details = bool(front_matter_keys(settings))  # posts get optional keys in their front matter
        self.clock = Clock.from_settings(settings)
        self.page_seconds = settings.getfloat("PAGE_SECONDS")
        self.editions = Editions(read_declared(self.archive.root / EDITIONS))
        self.failed_in_a_row = 0  # stories; 0 again when a page was read
        self.unread_in_a_row = 0  # of these, the last ones that failed because their pages could not be read

    def time_budget(self, address: str) -> TimeBudget:
        return TimeBudget(self.page_seconds, address)

    def fail(self, section: str, address: StoryAddress, reason: str, is_unread: bool = False) -> None:
        """Settle a story whose page was not fetched or read; end the requests after ``GIVE_UP_AFTER`` in a row."""
        self.signals.settle(section, address, Outcome.FAILED, reason)
        self.failed_in_a_row += 1
        self.unread_in_a_row = self.unread_in_a_row + 1 if is_unread else 0
        if self.failed_in_a_row == self.give_up_after:
            what = f"{self.failed_in_a_row} stories in a row failed (GIVE_UP_AFTER), the last: {reason}"
            self.signals.end_requests("site", what, by_pages=self.unread_in_a_row >= self.give_up_after)

    def settle_absent(self, section: str, address: StoryAddress, reason: str) -> None:
        """Settle a story without a page at its address: as owed for a day, as some come later (site-layouts 4.2)."""
        notes = self.archive.notes
        try:
            debt = notes.owed.find(address)
            if notes.absent.has(address) or (debt and debt.is_gone(self.clock.now())):
                notes.absent.add(address, reason)
                outcome = outcome_of_absence(reason)
            else:
                outcome = Outcome.OWED
                reason = reason if reason.startswith(ANSWERED) else f"leads elsewhere: {reason}"
        except (OSError, PostError) as error:
            outcome, reason = Outcome.FAILED, f"{address} {reason}, which could not be noted: {error}"
        self.signals.settle(section, address, outcome, reason)

    def check_pause(self) -> None:
        try:
            until = self.state.wait_until
        except OSError as error:
            self.signals.end_requests("state of the runs", str(error))
            return
        # No wait is longer; such a time comes from a wrong clock.
        if until and timedelta() < until - self.clock.now() <= timedelta(days=1):
            self.signals.end_requests("site", f"{self.site.url}: asked to be left alone until {shown(until)}")
        else:
            self.state.wait_until = None

    def must_write_nothing(self) -> None:
        self.archive.dry_run = self.state.file.dry_run = True

    def site_asked_to_wait(self, address: str, until: datetime) -> None:
        self.state.wait_until = until
        what = f"{address}: the site asks to be left alone until {shown(until)} (Retry-After)"
        self.signals.end_requests("site", what)


def outcome_of_absence(reason: str) -> Outcome:
    return Outcome.GONE if reason.startswith(ANSWERED) else Outcome.SKIPPED
