"""The base of what Scrapy makes for a crawler: extensions, middlewares, pipelines."""

from __future__ import annotations

from typing import Any

from scrapy import signals as scrapy_signals
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector
from typing_extensions import Self

from zbcrawler import signals

_SIGNALS = {
    name: signal
    for module in (scrapy_signals, signals)
    for name, signal in vars(module).items()
    if type(signal) is object
}


class CrawlerPart:
    """A part of a crawler. A method with the name of a signal, Scrapy's or the project's, receives the signal."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the part and connect its methods to signals."""
        part = cls(crawler)
        connect_signals(crawler, part)
        return part

    @property
    def stats(self) -> StatsCollector:
        """The crawler's counters."""
        stats = self.crawler.stats
        if stats is None:
            raise RuntimeError("the crawler has no stats yet; use them once the crawl has begun")
        return stats

    def count(self, name: str, number: int = 1) -> None:
        """Add to the counter ``zbcrawler/NAME``."""
        self.stats.inc_value(f"zbcrawler/{name}", number)

    def send(self, signal: object, **details: Any) -> None:
        """Send a signal of :mod:`zbcrawler.signals`."""
        self.crawler.signals.send_catch_log(signal, **details)


def connect_signals(crawler: Crawler, part: object) -> None:
    """Connect each signal with the method of its name, if there is one; the caller must keep the part alive."""
    for name, signal in _SIGNALS.items():
        if hasattr(type(part), name):
            crawler.signals.connect(getattr(part, name), signal=signal)
