"""What middlewares, pipelines, the download handler and extensions read of a spider."""

from __future__ import annotations

from typing import Protocol, cast

from scrapy.crawler import Crawler

from zbcrawler.archive.run_state import RunState
from zbcrawler.common.addresses import STORY_HOSTS


class CrawlingSpider(Protocol):
    """A spider; that of ``scrapy probe``, which runs without extensions, has the first three attributes only."""

    name: str
    site: str  # ``scheme://host[:port]`` where the site answers
    own_hosts: frozenset[str]  # hosts (with port, if any) that stand for the site besides its public ones
    sections: tuple[str, ...]  # of the summary, in the order they are shown
    owes: bool  # a later run asks the site for the stories that fail
    journals: bool  # the run state holds each story before it is fetched
    finds_again: bool  # the next run finds the stories that this run leaves, without a note
    rechecked: set[str]  # numbers of archived stories that are fetched although no listing shows a change
    state: RunState

    def was_asked_for(self, number: str) -> bool:
        """Return whether this run requested a story, and did not settle the story without a request."""


def spider_of(crawler: Crawler) -> CrawlingSpider:
    return cast("CrawlingSpider", crawler.spider)


def is_on_site(crawler: Crawler, host: str) -> bool:
    """Return whether a host (with port, if any) is the site's."""
    return host.lower() in STORY_HOSTS | spider_of(crawler).own_hosts
