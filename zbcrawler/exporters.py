"""Writes stories as posts, with Scrapy's interface for exporters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.exporters import BaseItemExporter

from zbcrawler.archive import posts

if TYPE_CHECKING:
    from typing import BinaryIO

    from zbcrawler.items import Story


class PostExporter(BaseItemExporter):
    """Exports a story as the bytes of its post: UTF-8 without BOM, LF, one newline at the end."""

    def __init__(self, file: BinaryIO, **options: Any) -> None:
        """:param file: where the bytes go; one file holds one post"""
        super().__init__(dont_fail=True, **options)
        self.file = file

    def export_item(self, item: Story) -> None:
        """Write one cleaned and dated story."""
        self.file.write(posts.render(item).encode("utf-8"))
