"""What middlewares, pipelines, the download handler and extensions read of a spider."""

from __future__ import annotations

from typing import Protocol, cast

from scrapy.crawler import Crawler

from zbcrawler.archive.state import RunState
from zbcrawler.common.addresses import STORY_HOSTS


class CrawlingSpider(Protocol):
    """A spider; that of ``scrapy probe``, which runs without extensions, has the first two attributes only.

    :ivar site: ``scheme://host[:port]`` where the site answers
    :ivar own_hosts: hosts (with port, if any) that stand for the site besides its public ones
    :ivar sections: of the summary, in the order they are shown
    :ivar owes: whether a later run asks the site for the stories that fail
    :ivar journals: whether the run state holds each story before it is fetched
    :ivar finds_again: whether the next run finds the stories that this run leaves, without a note
    :ivar rechecked: numbers of archived stories that are fetched although no listing shows a change
    """

    name: str
    site: str
    own_hosts: frozenset[str]
    sections: tuple[str, ...]
    owes: bool
    journals: bool
    finds_again: bool
    rechecked: set[str]
    state: RunState

    def was_asked_for(self, number: str) -> bool:
        """Return whether this run requested a story, and did not settle the story without a request."""


def spider_of(crawler: Crawler) -> CrawlingSpider:
    """Return the spider of a crawler."""
    return cast("CrawlingSpider", crawler.spider)


def is_on_site(crawler: Crawler, host: str) -> bool:
    """Return whether a host (with port, if any) is the site's."""
    return host.lower() in STORY_HOSTS | spider_of(crawler).own_hosts
