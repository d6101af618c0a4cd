"""Checks: a story without a headline or a text is not archived, and does not pass unnoticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import DropItem

from zbcrawler.archive.versions import is_empty

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from typing_extensions import Self

    from zbcrawler.items import Story


class CheckStoryPipeline:
    """Drops stories that lack what every story has; counts what is missing by field and edition."""

    def __init__(self, crawler: Crawler) -> None:
        self.stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Story) -> Story:
        """:raises DropItem: naming the address and the missing field"""
        if missing := missing_field(item):
            self.stats.inc_value(f"zbcrawler/missing/{missing}/{item.source}")
            raise DropItem(
                f"{item.address}: the {item.source} page has no {missing}; open it, and if it has one there,"
                f" the site was changed"
            )
        return item


def missing_field(story: Story) -> str | None:
    """Return what a cleaned story lacks of what every story has: ``title``, or ``body``; None if nothing."""
    if not story.title:
        return "title"
    if is_empty(story):
        return "body"
    return None
