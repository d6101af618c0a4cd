"""Settle stories for which the site has no page."""

from __future__ import annotations

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.outcomes import Outcome
from zbcrawler.discovery.crawl import Crawl
from zbcrawler.signals import RunSignals

ANSWERED = "answered"
"""How the reason of an absence begins if the site has no page; other reasons say where the site leads."""


def settle_absent(crawl: Crawl, section: str, address: StoryAddress, reason: str) -> None:
    """Settle a story for which the site has no page, or leads elsewhere.

    The story is owed: some listed stories answer so for a while, and are there later (site-layouts 4.2). After a day
    the story is noted as absent, and no longer owed.
    """
    try:
        debt = crawl.owed.find(address)
        if not crawl.archive.notes.absent.has(address) and not (debt and debt.is_gone(crawl.clock.now())):
            reason = reason if reason.startswith(ANSWERED) else f"leads elsewhere: {reason}"
            crawl.signals.settle(section, address, Outcome.OWED, reason)
            return
        crawl.archive.notes.absent.add(address, reason)
    except (OSError, PostError) as error:
        what = f"{address} {reason}, which could not be noted: {error}"
        crawl.signals.settle(section, address, Outcome.FAILED, what)
        return
    settle_noted(crawl.signals, section, address, reason)


def settle_noted(signals: RunSignals, section: str, address: StoryAddress, reason: str) -> None:
    """Settle a story that the archive notes as absent."""
    outcome = Outcome.GONE if reason.startswith(ANSWERED) else Outcome.SKIPPED
    signals.settle(section, address, outcome, reason)
