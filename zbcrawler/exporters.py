"""Write stories as posts, with Scrapy's interface for exporters."""

from typing import Any, BinaryIO

from scrapy.exporters import BaseItemExporter

from zbcrawler.archive import posts


class PostExporter(BaseItemExporter):
    """Export a story as the bytes of its post: UTF-8 without BOM, LF, one newline at the end."""

    def __init__(self, file: BinaryIO, **options: Any) -> None:
        super().__init__(dont_fail=True, **options)
        self.file = file

    def export_item(self, item: Any) -> None:
        self.file.write(posts.render(item).encode("utf-8"))
