"""Writes: a new story, or the new version of one, into the archive."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

from scrapy.exceptions import DropItem

from zbcrawler import posts
from zbcrawler.archive import Archive
from zbcrawler.arguments import archive_dir
from zbcrawler.exceptions import PostError
from zbcrawler.exporters import PostExporter
from zbcrawler.outcomes import Outcome, story_settled

if TYPE_CHECKING:
    from pathlib import Path

    from scrapy.crawler import Crawler
    from typing_extensions import Self

    from zbcrawler.items import Story

logger = logging.getLogger(__name__)


class WritePost:
    """Writes posts, and tells the run what became of each story."""

    def __init__(self, crawler: Crawler) -> None:
        self.archive = Archive(archive_dir(crawler.settings))
        self.signals = crawler.signals

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Story) -> Story:
        """:raises DropItem: if the archive cannot take the story; nothing is lost by that"""
        path = self.archive.find(item.address)
        try:
            outcome = self._write_new(item) if path is None else self._write_version(item, path)
        except (OSError, PostError) as error:
            raise DropItem(f"{item.address}: {error}") from error
        self.signals.send_catch_log(
            story_settled, section=item.section, address=item.address, outcome=outcome, reason=""
        )
        if outcome is not Outcome.UNCHANGED:
            logger.info("%s: %s %s", outcome.value, item.address, item.title)
        return item

    def _write_new(self, item: Story) -> Outcome:
        self.archive.write(self.archive.path_of(item.address), _bytes(item))
        self.archive.forget_absence(item.address)
        return Outcome.NEW

    def _write_version(self, item: Story, path: Path) -> Outcome:
        old = self.archive.read(path)
        if old.address.number != item.address.number:
            raise PostError(f"{path}: from: {old.address} is another story's; restore the file or move it away")
        # The address first archived stays; a time that a page does not give is no new time.
        item.address = old.address
        if item.published in (None, old.published):
            item.published, item.date = old.published, old.date
        if posts.same_news(item, old):
            return Outcome.UNCHANGED
        if item.truncated and len(posts.words(item)) < len(posts.words(old)):
            return Outcome.UNCHANGED
        if posts.is_cut_of(item, old):
            raise DropItem(
                f"{item.address}: the site's text is now only the beginning of the archived one, or less than half"
                f" of it; {path} was left as it is"
            )
        return Outcome.CHANGED if self.archive.write(path, _bytes(item)) else Outcome.UNCHANGED


def _bytes(story: Story) -> bytes:
    file = io.BytesIO()
    PostExporter(file).export_item(story)
    return file.getvalue()
