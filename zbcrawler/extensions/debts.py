"""Remembers in the archive what a run could not do, so that the next one does it.

A story that failed is owed: later runs ask for it, even after it has left the listing. A section
whose listing was not read to the end of its news has a gap: the next run that may read further does
not stop there at the first page of known stories.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import signals

from zbcrawler.addresses import StoryAddress
from zbcrawler.archive import Archive
from zbcrawler.outcomes import Outcome, listing_cut, listing_finished, story_settled

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from typing_extensions import Self


class Debts:
    """Writes and removes the notes; see :class:`zbcrawler.archive.Archive`."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.archive = Archive.from_settings(crawler.settings)
        self.cut: set[str] = set()
        self.finished: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        debts = cls(crawler)
        crawler.signals.connect(debts.story_settled, signal=story_settled)
        crawler.signals.connect(debts.listing_cut, signal=listing_cut)
        crawler.signals.connect(debts.listing_finished, signal=listing_finished)
        crawler.signals.connect(debts.spider_closed, signal=signals.spider_closed)
        return debts

    def story_settled(self, section: str, address: StoryAddress | str, outcome: Outcome) -> None:
        if not isinstance(address, StoryAddress):
            return
        if outcome is not Outcome.FAILED:
            self.archive.settle_debt(address)
        elif getattr(self.crawler.spider, "owes", True) and self.archive.find(address) is None:
            # What is archived is not lost.
            self.archive.owe(address, section)

    def listing_cut(self, section: str, pages: int) -> None:
        self.cut.add(section)
        self.archive.note_gap(section, pages)

    def listing_finished(self, section: str) -> None:
        self.finished.add(section)

    def spider_closed(self, reason: str) -> None:
        # Not before the stories behind the gap are archived, or owed.
        if reason == "finished":
            for section in self.finished - self.cut:
                self.archive.close_gap(section)
