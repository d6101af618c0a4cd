"""Spiders that fetch the pages of a list, as a beginner would write them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scrapy import Request, Spider

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response


class Fetch(Spider):
    """Fetches pages and does nothing with them."""

    name = "fetch"

    async def start(self) -> AsyncIterator[Request]:
        for url in Path(self.pages).read_text("utf-8").split():
            yield Request(url)

    def parse(self, response: Response) -> None:
        pass


class Write(Fetch):
    """Parses each page once and yields one item."""

    name = "write"

    def parse(self, response: Response) -> Iterator[dict[str, str]]:
        title = response.xpath("string(//title)").get()
        yield {
            "folder": self.folder,
            "url": response.url,
            "title": title,
            "text": response.xpath("string(//body)").get(),
        }
