"""Report numbers that two stories with days apart share. Each story has its own post, notes and state."""

from __future__ import annotations

from datetime import date
from pathlib import PurePosixPath

from scrapy import signals
from scrapy.crawler import Crawler

from zbcrawler.archive import file_paths, posts
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.story_versions import PostFile, by_story
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.outcomes import Outcome
from zbcrawler.signals import CrawlerPart, receives, story_settled


class SharedNumbers(CrawlerPart):
    """Compare the numbers of new stories with the whole archive when the run ends."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.archive = Archive.from_settings(crawler.settings)
        self.notes = self.archive.notes.numbers
        self.settled: set[str] = set()  # the numbers of all stories
        self.new: set[str] = set()  # the numbers of new stories

    @receives(story_settled)
    def story_settled(self, address: StoryAddress | str, outcome: Outcome) -> None:
        if isinstance(address, StoryAddress):
            self.settled.add(address.number)
            if outcome is Outcome.NEW:
                self.new.add(address.number)

    @receives(signals.spider_closed)
    def spider_closed(self) -> None:
        known = self.settled.intersection(path.stem for path in self.notes.paths())  # a summary has shown them
        try:
            shared = self._find_shared() if self.new and not self.archive.dry_run else {}
            for number, addresses in shared.items():
                if addresses != self.notes.find(number):
                    self.notes.add(number, addresses)
                    known.discard(number)
                    self.signals.problem(addresses[0], _describe(number, addresses))
        except (OSError, ValueError) as error:
            self.signals.problem(f"archive {self.archive.root}", f"shared numbers could not be looked for: {error}")
        for number in sorted(known, key=int):
            if addresses := self.notes.find(number):
                self.signals.note(addresses[0], _describe(number, addresses))

    def _find_shared(self) -> dict[str, list[str]]:
        """Return the addresses of the archived stories that share one of the new numbers, by number."""
        named = [PurePosixPath(path) for path in file_paths.posts_with(self.archive.root, self.new)]
        files = [PostFile(path.stem[11:], date.fromisoformat(path.stem[:10]), str(path)) for path in named]
        shared: dict[str, list[str]] = {}
        for story in by_story(files):
            text = (self.archive.root / story[0].path).read_text("utf-8", "replace")
            shared.setdefault(story[0].number, []).append(posts.read_link(text) or story[0].path)
        return {number: addresses for number, addresses in shared.items() if len(addresses) > 1}


def _describe(number: str, addresses: list[str]) -> str:
    return f"number {number} is used by {' and '.join(addresses)}; each has its own post"
