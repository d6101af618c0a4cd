"""Cleans: from what the page holds of a story to the blocks of its post."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import DropItem

from zbcrawler.cleaning import clean
from zbcrawler.common.errors import BodyError
from zbcrawler.common.text import one_line
from zbcrawler.signals import body_cleaned

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from typing_extensions import Self

    from zbcrawler.items import Story


class CleanBodyPipeline:
    """Sets ``body``, ``title`` and ``truncated``; counts what each rule dropped."""

    def __init__(self, crawler: Crawler) -> None:
        self.stats = crawler.stats
        self.signals = crawler.signals

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Story) -> Story:
        """:raises DropItem: if the body cannot be made into blocks"""
        try:
            result = clean(item.raw, item.origin, item.noise)
        except BodyError as error:
            raise DropItem(f"{item.address}: {error}") from error
        item.title = one_line(item.title)
        # A post that is imported may tell of a paywall that is no longer in its body.
        item.body, item.truncated, item.raw = result.lines, item.truncated or result.truncated, []
        item.noise = {}
        for rule, count in result.dropped.items():
            self.stats.inc_value(f"zbcrawler/dropped/{rule}", count)
        self.signals.send_catch_log(body_cleaned, address=item.address, removed=result.removed)
        self.stats.inc_value(f"zbcrawler/edition/{item.source}")
        return item
