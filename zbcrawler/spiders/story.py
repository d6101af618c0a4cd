"""``scrapy crawl story -a url=…``: archive single stories by their addresses."""

from collections.abc import Iterator

from scrapy import Request
from scrapy.settings import BaseSettings

from zbcrawler.common import arguments
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.spider_arguments import Argument
from zbcrawler.common.text import excerpt
from zbcrawler.spiders.base import SiteSpider

_EXAMPLE = "https://www.zaobao.com/realtime/china/story20210610-1154260"


class StorySpider(SiteSpider):
    """Archive the stories at the addresses in ``url``, separated by commas."""

    name = "story"
    ARGUMENTS = {"url": Argument(arguments.story_links, "the addresses of stories, between commas; required", _EXAMPLE)}
    url: tuple[str, ...] = ()

    def prepare(self, settings: BaseSettings) -> None:
        if not self.url:
            raise ArgumentError(f"url: missing; write -a url={_EXAMPLE}")
        super().prepare(settings)
        self.addresses: dict[str, StoryAddress] = {}
        for link in self.url:
            if not (address := StoryAddress.parse(link, self.own_hosts)):
                raise ArgumentError(f"url={excerpt(link)}: not the address of a story; write one such as {_EXAMPLE}")
            self.addresses[address.key_in(self.addresses)] = address

    def first_requests(self) -> Iterator[Request]:
        for address in self.addresses.values():
            self.signals.announce(address.section, address)
            yield self.stories.request(address, address.section)
