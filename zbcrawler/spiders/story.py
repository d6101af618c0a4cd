"""``scrapy crawl story -a url=…``: archive single stories by their addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from zbcrawler.common import arguments
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import ArgumentError
from zbcrawler.items import Story
from zbcrawler.spiders.base import SiteSpider


class StorySpider(SiteSpider):
    """Archive the stories at the addresses in ``url``, separated by commas."""

    name = "story"
    ARGUMENTS = {"url": arguments.story_links}

    url: tuple[str, ...] = ()

    def __init__(self, name: str | None = None, **given: Any) -> None:
        if "url" not in given:
            raise ArgumentError(
                "url: missing; write -a url=https://www.zaobao.com/realtime/china/story20210610-1154260"
            )
        super().__init__(name, **given)

    def prepare(self, settings: BaseSettings) -> None:
        super().prepare(settings)
        addresses = [arguments.story_address(link, self.own_hosts) for link in self.url]
        stories: dict[str, StoryAddress] = {}
        for address in addresses:
            stories[address.key_in(stories)] = address
        self.addresses = list(stories.values())

    def first_requests(self) -> Iterator[Request]:
        for address in self.addresses:
            self.signals.announce(address.section, address)
            yield self.story_request(address, address.section, known=None)

    def parse_story(self, response: Response, section: str, address: StoryAddress) -> Iterator[Story]:
        try:
            yield from super().parse_story(response, section, address)
        finally:
            self.crawl.site.answered.set()

    def story_failed(self, failure: Failure) -> None:
        super().story_failed(failure)
        self.crawl.site.answered.set()
