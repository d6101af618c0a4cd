"""The parts of a crawl, without a crawl."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scrapy import Spider
from scrapy.settings import Settings

from support.crawling import MOMENT
from zbcrawler.discovery.crawl_context import Crawl
from zbcrawler.signals import RunSignals, requests_must_end, run_note, run_problem, story_settled


class RecordedSignals(RunSignals):
    """Keep what would be sent."""

    def __init__(self) -> None:
        super().__init__(Spider("none"))
        self.sent: list[tuple[object, dict[str, Any]]] = []

    def send(self, signal: object, **details: Any) -> None:
        self.sent.append((signal, details))

    def count(self, name: str) -> None:
        pass

    def settled(self) -> list[tuple[str, str]]:
        """Return the outcome and reason of each settled story."""
        return [(one["outcome"].value, one["reason"]) for signal, one in self.sent if signal is story_settled]

    def reported(self) -> list[str]:
        """Return problems, notes and why the asking ends."""
        return [one["what"] for signal, one in self.sent if signal in (run_problem, run_note, requests_must_end)]


def crawl_in(folder: Path, **settings: Any) -> tuple[Crawl, RecordedSignals]:
    """Return the parts of a crawl of an archive, and what they send."""
    given = {"SITE_URL": "https://www.zaobao.com", "ARCHIVE_DIR": str(folder), "GIVE_UP_AFTER": 2}
    given |= {"PICTURE_SITE": "https://static.zaobao.com", "CLOCK": MOMENT.isoformat(), **settings}
    signals = RecordedSignals()
    return Crawl(Settings(given), signals, "realtime", "state"), signals
