"""``scrapy import PATH…``: send posts of other archives, and kept pages, through the pipelines of a crawl."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.http import Response
from typing_extensions import Self

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.file_paths import EDITIONS
from zbcrawler.archive.front_matter import front_matter_keys
from zbcrawler.archive.run_state import RunState
from zbcrawler.archive.story_versions import by_story
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.arguments import site_url
from zbcrawler.common.time_budget import page_seconds
from zbcrawler.editions import Editions
from zbcrawler.items import Story
from zbcrawler.tools.importing.reader import SECTION
from zbcrawler.tools.importing.stories import ImportReport, find_posts_and_pages, read_page, read_posts
from zbcrawler.tools.importing.warcs import KeptPage


class ImportSpider(Spider):
    """Reads posts and kept pages, and yields their stories; sends the site no request.

    The class has no name, so that ``scrapy crawl`` does not list it: it needs paths.
    See :class:`zbcrawler.downloading.spider_protocol.CrawlingSpider` for the class attributes.
    """

    sections: tuple[str, ...] = (SECTION,)
    owes = journals = finds_again = False
    own_hosts = frozenset({""})  # the one request has no host
    site: str
    page_seconds: float
    state: RunState
    report: ImportReport
    editions: Editions

    def __init__(self, paths: Sequence[str], show: Callable[[str], None] | None = None) -> None:
        super().__init__(SECTION)
        self.paths = paths
        self.show = show
        self.rechecked: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        archive = Archive.from_settings(crawler.settings)
        spider.editions = Editions.of(archive.root / EDITIONS)
        spider.state = RunState.of(archive, SECTION)
        spider.site = site_url(crawler.settings)
        spider.page_seconds = page_seconds(crawler.settings)
        spider.report = ImportReport(spider, archive, spider.show)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        # Scrapy takes the items of a callback one by one, and waits for them before it closes. For items of start()
        # neither is certain (2.19): a Ctrl-C while an item is in the pipelines never ends.
        yield Request("data:,")

    async def parse(self, response: Response) -> AsyncIterator[Story]:
        """Yield one story after the other, until all are read or the run is stopped."""
        for story in self._stories():
            if story:
                yield story
            await asyncio.sleep(0)  # lets Scrapy work, which may stop the run
            if not self.crawler.crawling:
                return

    def _stories(self) -> Iterator[Story | None]:
        """Find all files and group them by story, then yield the stories; None lets Scrapy work."""
        page_hosts = frozenset({urlsplit(self.site).netloc.lower()})
        with_details = bool(front_matter_keys(self.settings))
        posts, pages = yield from find_posts_and_pages(self.paths, page_hosts, self.report)
        pages = self.choose_pages(pages)
        self.report.plan(len(posts) + len(pages))
        for files in by_story(posts):
            yield read_posts(files, self.page_seconds, self.report)
        # Pages come last: of a post and a page of one story, the page counts, because the site itself sent it.
        unpack = HttpCompressionMiddleware(crawler=self.crawler).process_response
        for page in pages:
            yield read_page(self.editions, page, unpack, with_details, self.page_seconds, self.report)

    def choose_pages(self, pages: list[KeptPage]) -> list[KeptPage]:
        return pages

    def was_requested(self, address: StoryAddress) -> bool:
        return False

    def closed(self, reason: str) -> None:
        self.report.close(reason)
