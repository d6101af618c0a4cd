"""Dates: the time that the post shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zbcrawler.common.clock import Clock
from zbcrawler.common.times import start_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from typing_extensions import Self

    from zbcrawler.items import Story


class DateStoryPipeline:
    """Sets ``date``: the site's time or, where the page gave none, midnight of the address's day.

    A story that was imported keeps the date it had (post layout).
    """

    def __init__(self, crawler: Crawler) -> None:
        self.clock = Clock.from_settings(crawler.settings)
        self.stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Story) -> Story:
        if item.published is None:
            self.stats.inc_value(f"zbcrawler/missing/time/{item.source}")
        if not (item.imported and item.date):
            # Static-site builders leave out what is dated in the future.
            item.date = min(item.published or start_of(item.address.day), item.fetched or self.clock.now())
        return item
