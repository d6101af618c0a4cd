"""Writes: a new story, or the new version of one, into the archive."""

from __future__ import annotations

import errno
import io
import logging
from typing import TYPE_CHECKING

from scrapy.exceptions import DropItem

from zbcrawler.archive import front_matter, versions
from zbcrawler.archive.front_matter import front_matter_keys
from zbcrawler.archive.store import Archive
from zbcrawler.common.errors import NotTakenError, PostError
from zbcrawler.common.outcomes import Outcome
from zbcrawler.editions import half_of
from zbcrawler.exporters import PostExporter
from zbcrawler.signals import asking_must_end, story_settled

if TYPE_CHECKING:
    from pathlib import Path

    from scrapy.crawler import Crawler
    from typing_extensions import Self

    from zbcrawler.items import Story

logger = logging.getLogger(__name__)

# Of an error that the next story would meet as well: the disk is full, gone, broken or read-only.
_FOR_ALL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENXIO, errno.ESTALE})

OTHER_VERSION = "another version is archived"
"""Why an imported version was left out."""


class WritePostPipeline:
    """Writes posts, and tells the run what became of each story."""

    def __init__(self, crawler: Crawler) -> None:
        self.archive = Archive.from_settings(crawler.settings)
        self.optional_keys = front_matter_keys(crawler.settings)
        self.signals = crawler.signals
        self.stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Story) -> Story:
        """:raises DropItem: if the archive cannot take the story; nothing is lost by that"""
        item.optional_keys |= self.optional_keys
        try:
            path = self.archive.find(item.address)
            outcome = self._write_new(item) if path is None else self._write_version(item, path)
        except (OSError, PostError) as error:
            if getattr(error, "errno", None) in _FOR_ALL:
                where = f"archive {self.archive.root}"
                self.signals.send_catch_log(asking_must_end, where=where, what=f"cannot be written: {error}")
                raise NotTakenError(str(item.address)) from error
            raise DropItem(f"{item.address}: {error}") from error
        reason = OTHER_VERSION if outcome is Outcome.SKIPPED else ""
        self.signals.send_catch_log(
            story_settled, section=item.section, address=item.address, outcome=outcome, reason=reason
        )
        if outcome.is_written:
            logger.info("%s: %s %s", outcome.value, item.address, item.title)
            if item.truncated:
                self.stats.inc_value(f"zbcrawler/truncated/{item.source}")
        return item

    def _write_new(self, item: Story) -> Outcome:
        if half := half_of(item.edition):
            self.archive.notes.halves.add(item.address, half)
        self.archive.write(self.archive.path_of(item.address), _bytes(item))
        self.archive.notes.absent.remove(item.address)
        return Outcome.NEW

    def _write_version(self, item: Story, path: Path) -> Outcome:
        old = self.archive.read(path)
        self.archive.notes.absent.remove(item.address)
        if old.address.number != item.address.number:
            raise PostError(f"{path}: from: {old.address} is another story's; restore the file or move it away")
        # The address first archived stays; a time that a page does not give, or gives less exactly, is no new time.
        item.address = old.address
        if item.published is None or versions.same_time(item.published, old.published):
            item.published, item.date = old.published, old.date
        front_matter.complete(item, old)
        if item.imported:
            return self._write_imported(item, old, path)
        if item.truncated and len(versions.text(item)) <= len(versions.text(old)):
            item.body, item.truncated = old.body, old.truncated  # a new headline is news all the same
        elif versions.is_cut_of(item, old):
            raise DropItem(
                f"{item.address}: the site's text is now only the beginning of the archived one, or less than half"
                f" of it; {path} was left as it is"
            )
        if half_of(item.edition) not in (None, self.archive.notes.halves.find(item.address)):
            # The site's two halves have headlines and pictures of their own: only a fuller text is news.
            if not versions.is_cut_of(old, item):
                return Outcome.UNCHANGED
            item.title = old.title
        return self._replace(item, old, path)

    def _write_imported(self, item: Story, old: Story, path: Path) -> Outcome:
        # Nothing tells which of two versions is the later one, so the archived one stays unless it is cut.
        if not item.truncated and versions.is_cut_of(old, item):
            return self._replace(item, old, path)
        return Outcome.UNCHANGED if versions.same_news(item, old) else Outcome.SKIPPED

    def _replace(self, item: Story, old: Story, path: Path) -> Outcome:
        if versions.same_news(item, old):
            return Outcome.UNCHANGED
        return Outcome.CHANGED if self.archive.write(path, _bytes(item)) else Outcome.UNCHANGED


def _bytes(story: Story) -> bytes:
    file = io.BytesIO()
    PostExporter(file).export_item(story)
    return file.getvalue()
