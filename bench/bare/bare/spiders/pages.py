"""Spiders that fetch the pages of a list, in the simplest way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from scrapy import Request, Spider
from scrapy.http import Response


class Fetch(Spider):
    """A spider that fetches pages and ignores them."""

    name = "fetch"

    async def start(self) -> AsyncIterator[Request]:
        for url in Path(self.pages).read_text("utf-8").split():
            yield Request(url)

    def parse(self, response: Response) -> None:
        pass


class Write(Fetch):
    """A spider that parses each page once and yields one item."""

    name = "write"

    def parse(self, response: Response) -> Iterator[dict[str, str]]:
        title = response.xpath("string(//title)").get()
        yield {
            "folder": self.folder,
            "url": response.url,
            "title": title,
            "text": response.xpath("string(//body)").get(),
        }
