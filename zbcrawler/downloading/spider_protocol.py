"""What middlewares, pipelines and extensions have in common, and what they read of a spider."""

import logging
from functools import cached_property
from typing import Protocol, cast

from scrapy.crawler import Crawler
from typing_extensions import Self

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.run_state import RunState
from zbcrawler.common.addresses import STORY_HOSTS, StoryAddress
from zbcrawler.common.times import Clock
from zbcrawler.signals import RunSignals, connect_signals


class CrawlingSpider(Protocol):
    """A spider. ``ProbeSpider`` runs without extensions, and has only ``own_hosts``."""

    name: str
    site: str  # ``scheme://host[:port]`` where the site answers
    own_hosts: frozenset[str]  # hosts (with port, if any) that stand for the site besides STORY_HOSTS
    sections: tuple[str, ...]  # in the order of the summary
    owes: bool  # a later run requests the stories that fail
    journals: bool  # each story is in the run state before it is fetched
    finds_again: bool  # the next run finds stories that this run leaves, even without a note
    rechecked: set[str]  # keys of archived stories that are fetched although no listing shows a change
    state: RunState

    def was_requested(self, address: StoryAddress) -> bool:
        """Return whether this run requested a story."""


def spider_of(crawler: Crawler) -> CrawlingSpider:
    return cast("CrawlingSpider", crawler.spider)


def is_on_site(crawler: Crawler, host: str) -> bool:
    """Whether a host (with port, if any) belongs to the site."""
    return host.lower() in STORY_HOSTS | spider_of(crawler).own_hosts


class CrawlerPart:
    """The base of extensions, middlewares and pipelines; methods with the name of a signal are connected to it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.signals = RunSignals(self)
        self.clock = Clock.from_settings(crawler.settings)
        self.logger = logging.getLogger(type(self).__module__)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        part = cls(crawler)
        connect_signals(crawler, part)
        return part

    @property
    def spider(self) -> CrawlingSpider:
        return spider_of(self.crawler)

    @cached_property
    def archive(self) -> Archive:
        return Archive.from_settings(self.crawler.settings)
