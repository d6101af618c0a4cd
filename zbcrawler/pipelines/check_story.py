"""Check a story: without a headline or a text it fails, and is not archived."""

from __future__ import annotations

from scrapy.exceptions import DropItem

from zbcrawler.archive.story_versions import missing_field
from zbcrawler.items import Story
from zbcrawler.signals import CrawlerPart


class CheckStoryPipeline(CrawlerPart):
    """Drop stories without a title or a body; count missing fields by field and edition."""

    def process_item(self, item: Story) -> Story:
        """Pass on a complete story; raise DropItem with the address and the missing field otherwise."""
        if missing := missing_field(item):
            self.signals.count(f"missing/{missing}/{item.source}")
            what = f"the {item.source} page has no {missing}; if a browser shows one, the site has changed"
            raise DropItem(f"{item.address}: {what}")
        return item
