"""Learn by hand: request the listings of sections, then archived stories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from scrapy import Request, signals
from scrapy.http import Response
from twisted.python.failure import Failure

from zbcrawler.common import arguments
from zbcrawler.common.addresses import section_path
from zbcrawler.common.errors import PageError
from zbcrawler.downloading.failures import describe_failure, request_of
from zbcrawler.editions import Page
from zbcrawler.signals import page_unreadable, receives
from zbcrawler.spiders.base import SiteSpider


class LearnSpider(SiteSpider):
    """Learn to read the pages of some sections that no edition reads; archive nothing.

    ``scrapy crawl`` does not list this spider, because it is in no spider module.
    """

    name = "learn"
    owes = False
    ARGUMENTS: ClassVar = {"sections": arguments.sections}
    sections: tuple[str, ...] = ("china", "world", "singapore")

    def first_requests(self) -> Iterator[Request]:
        for name in self.sections:
            address, details = f"{self.site}/{section_path(name)}", {"section": name}
            yield Request(address, self.parse_listing, errback=self.listing_failed, cb_kwargs=details)

    def parse_listing(self, response: Response, section: str) -> None:
        try:
            with self.crawl.time_budget(response.url):
                self.crawl.editions.read_listing(Page.of(response), self.crawl.clock.now())
            self.crawl.site.learn(response)
        except PageError:
            self.signals.send(page_unreadable, response=response, section=section)
        finally:
            self.crawl.site.answered.set()

    def listing_failed(self, failure: Failure) -> None:
        self.signals.problem(f"section {request_of(failure).cb_kwargs['section']}", describe_failure(failure))
        self.crawl.site.answered.set()

    @receives(signals.spider_idle)
    def spider_idle(self) -> None:
        self.learn(by_hand=True)
