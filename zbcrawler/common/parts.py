"""The base of what Scrapy makes for a crawler: extensions, middlewares, pipelines."""

from __future__ import annotations

from typing import Any

from scrapy import signals as scrapy_signals
from scrapy.crawler import Crawler
from typing_extensions import Self

from zbcrawler import signals

# By name: those of scrapy.signals and zbcrawler.signals.
_SIGNALS = {
    name: signal for name, signal in {**vars(scrapy_signals), **vars(signals)}.items() if type(signal) is object
}


class CrawlerPart:
    """A part of a crawler. A method named like a signal, such as ``spider_closed``, receives the signal."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        part = cls(crawler)
        connect_signals(crawler, part)
        return part

    def count(self, name: str, number: int = 1) -> None:
        """Add to the counter ``zbcrawler/NAME``."""
        self.crawler.stats.inc_value(f"zbcrawler/{name}", number)

    def send(self, signal: object, **details: Any) -> None:
        self.crawler.signals.send_catch_log(signal, **details)


def connect_signals(crawler: Crawler, part: object) -> None:
    """Connect each signal with the method of its name, if there is one; the caller must keep the part alive."""
    for name, signal in _SIGNALS.items():
        if hasattr(type(part), name):
            crawler.signals.connect(getattr(part, name), signal=signal)
