"""Clean the raw elements of a story into the blocks of its post."""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from zbcrawler.cleaning import clean
from zbcrawler.common.errors import BodyError, PageTooSlowError
from zbcrawler.common.text import one_line
from zbcrawler.common.time_budget import TimeBudget, page_seconds
from zbcrawler.items import Story
from zbcrawler.signals import CrawlerPart, body_cleaned


class CleanBodyPipeline(CrawlerPart):
    """Set ``body``, ``title`` and ``truncated``; count what each rule dropped."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.page_seconds = page_seconds(crawler.settings)

    def process_item(self, item: Story) -> Story:
        """Clean a story; raise DropItem if the body cannot be made into blocks."""
        try:
            with TimeBudget(self.page_seconds, item.address):
                result = clean(item.raw, item.origin, item.noise)
        except PageTooSlowError as error:
            raise DropItem(str(error)) from error
        except BodyError as error:
            raise DropItem(f"{item.address}: {error}") from error
        item.title = one_line(item.title)
        # An imported post may be marked as truncated although its body no longer shows the paywall.
        item.body, item.truncated = result.lines, item.truncated or result.truncated
        item.raw, item.noise = [], {}
        for rule, count in result.dropped.items():
            self.signals.count(f"dropped/{rule}", count)
        self.signals.send(body_cleaned, address=item.address, removed=result.removed)
        self.signals.count(f"edition/{item.source}")
        return item
