"""What a run remembers of the site's answers: stories that are absent, and its wish to be left alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.outcomes import Outcome
from zbcrawler.common.times import shown
from zbcrawler.discovery.crawl import Crawl

ANSWERED = "answered"
"""How the reason of an absence begins if the site has no page; other reasons say where the site leads."""


def settle_absent(crawl: Crawl, section: str, address: StoryAddress, reason: str) -> None:
    """Settle a story for which the site has no page, or leads elsewhere.

    The story is owed: some listed stories answer so for a while, and are there later (site-layouts 4.2). After a day
    the story is noted as absent, and no longer owed.
    """
    notes = crawl.archive.notes
    try:
        debt = notes.owed.find(address)
        if not notes.absent.has(address) and not (debt and debt.is_gone(crawl.clock.now())):
            reason = reason if reason.startswith(ANSWERED) else f"leads elsewhere: {reason}"
            crawl.signals.settle(section, address, Outcome.OWED, reason)
            return
        notes.absent.add(address, reason)
    except (OSError, PostError) as error:
        what = f"{address} {reason}, which could not be noted: {error}"
        crawl.signals.settle(section, address, Outcome.FAILED, what)
        return
    crawl.signals.settle(section, address, outcome_of_absence(reason), reason)


def outcome_of_absence(reason: str) -> Outcome:
    """Return the outcome of a story that the archive notes as absent."""
    return Outcome.GONE if reason.startswith(ANSWERED) else Outcome.SKIPPED


@dataclass
class SitePause:
    """Remember until when the site wants to be left alone, also for the runs that begin before that time."""

    crawl: Crawl

    def check(self) -> None:
        """End the asking if an earlier run was asked to wait, and the wait is not over."""
        state, signals = self.crawl.state, self.crawl.signals
        try:
            until = state.wait_until
        except OSError as error:
            signals.end_asking("state of the runs", str(error))
            return
        if state.was_broken:
            what = f"{state.path}: could not be read and was begun anew; that costs requests, and no story"
            signals.note("state of the runs", what)
        # A time further away is another clock's.
        if until and timedelta() < until - self.crawl.clock.now() <= timedelta(days=1):
            signals.end_asking("site", f"{self.crawl.site.url}: asked to be left alone until {shown(until)}")
        else:
            state.wait_until = None

    def begin(self, address: str, until: datetime) -> None:
        """End the asking; receives ``site_asked_to_wait``."""
        self.crawl.state.wait_until = until
        what = f"{address}: the site asks to be left alone until {shown(until)} (Retry-After)"
        self.crawl.signals.end_asking("site", what)
