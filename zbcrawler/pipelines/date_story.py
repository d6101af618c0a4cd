"""Set the time that the post shows."""

from __future__ import annotations

from zbcrawler.common.clock import Clock
from zbcrawler.common.times import start_of
from zbcrawler.items import Story
from zbcrawler.signals import CrawlerPart


class DateStoryPipeline(CrawlerPart):
    """Set ``date``: the site's time or, if the page gave none, midnight of the address's day.

    An imported story keeps its date (post layout).
    """

    def process_item(self, item: Story) -> Story:
        if item.published is None:
            self.signals.count(f"missing/time/{item.source}")
        if not (item.imported and item.date):
            # Static-site builders leave out posts with a future date.
            latest = item.fetched or Clock.from_settings(self.crawler.settings).now()
            item.date = min(item.published or start_of(item.address.day), latest)
        return item
