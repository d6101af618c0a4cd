"""Imports with several processes: each takes its share of the stories the whole way, and tells what came of them."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections import Counter
from contextlib import suppress
from multiprocessing.connection import wait
from signal import SIGTERM, raise_signal
from typing import TYPE_CHECKING, Any, NamedTuple

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from zbcrawler.common.outcomes import Outcome
from zbcrawler.extensions.removals import describe
from zbcrawler.extensions.verdict import Line, Verdict
from zbcrawler.signals import body_cleaned, story_settled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from multiprocessing.connection import Connection

    from scrapy.settings import BaseSettings

    from zbcrawler.archive.choosing import PostFile
    from zbcrawler.common.addresses import StoryAddress
    from zbcrawler.extensions.removals import Removed

WORTH_WORKERS = 2000
"""So many stories take longer than the start of a process."""

# What the first process does for all of them.
_NOT_THEIRS = {"REMOVALS": False, "REMOVED_FILE": "", "PROGRESS_BAR": False}
# Seconds between two looks at what the workers tell.
_PAUSE = 0.02
# A worker tells of so many things at once: to hear of them takes of the processors that the workers need.
_AT_ONCE = 50


class Settled(NamedTuple):
    """A worker's story, as ``story_settled`` tells of it."""

    section: str
    address: StoryAddress | str
    outcome: Outcome
    reason: str


class Counted(NamedTuple):
    """Of so many of a worker's stories nothing is to be told but their outcome, as in ``stories_settled``."""

    section: str
    outcome: Outcome
    count: int


class Cleaned(NamedTuple):
    """What a worker dropped from a body."""

    address: StoryAddress
    removed: list[Removed]


class Ended(NamedTuple):
    """The last of what a worker tells."""

    notes: list[Line]
    problems: list[Line]


class Died(NamedTuple):
    """A worker that ended before it was through.

    :ivar code: its exit code, negative for a signal
    """

    code: int


Event = Settled | Counted | Cleaned | Ended | Died


class Workers:
    """Some processes at work."""

    def __init__(self, settings: BaseSettings, stories: Sequence[Sequence[PostFile]], count: int) -> None:
        """Begins the work.

        :param stories: the files of each story
        :param count: how many processes share them
        """
        context = multiprocessing.get_context("spawn")  # a copy of this process would have its reactor
        self._processes = {}
        given, with_html = {**settings.copy_to_dict(), **_NOT_THEIRS}, bool(settings.get("REMOVED_FILE"))
        for _ in range(count):
            here, there = context.Pipe()
            process = context.Process(target=_work, args=(given, there, with_html), daemon=True)
            process.start()
            there.close()
            self._processes[here] = process
        # Only now, because a pipe holds little: the first worker would have to be up before the second begins.
        for place, pipe in enumerate(self._processes):
            pipe.send(stories[place::count])

    async def events(self, goes_on: Callable[[], bool]) -> AsyncIterator[Event]:
        """Yield what the workers tell, until all have ended.

        :param goes_on: when it says no, the workers end the stories that they are at, and tell of them
        """
        is_ending = False
        while self._processes:
            if not is_ending and not goes_on():
                is_ending = True
                for process in self._processes.values():
                    process.terminate()
            ready = wait(self._processes, timeout=0)
            for pipe in ready:
                try:
                    events = pipe.recv()
                except (EOFError, OSError):
                    process = self._processes.pop(pipe)
                    process.join()
                    if process.exitcode and not is_ending:
                        yield Died(process.exitcode)
                else:
                    for event in events:
                        yield event
            if not ready:
                await asyncio.sleep(_PAUSE)


def _work(given: dict[str, Any], pipe: Connection, with_html: bool) -> None:
    """What a worker does, in a process of its own."""
    os.setpgrp()  # a Ctrl-C is the first process's, which tells the others once
    from zbcrawler.tools.importing.spider import ImportSpider  # noqa: PLC0415 - which imports this module

    process = AsyncCrawlerProcess(Settings(given, priority="cmdline"))
    crawler = process.create_crawler(ImportSpider)
    teller = _Teller(pipe, with_html)
    crawler.signals.connect(teller.story_settled, signal=story_settled)
    crawler.signals.connect(teller.body_cleaned, signal=body_cleaned)
    process.crawl(crawler, paths=(), stories=pipe.recv())
    process.start()
    verdict = crawler.get_extension(Verdict)
    teller.end(Ended(verdict.notes, verdict.problems))


class _Teller:
    """Sends through a pipe what happens."""

    def __init__(self, pipe: Connection, with_html: bool) -> None:
        self.pipe = pipe
        self.with_html = with_html
        self.events: list[Event] = []
        self.counts: Counter[tuple[str, Outcome]] = Counter()

    def story_settled(self, section: str, address: StoryAddress | str, outcome: Outcome, reason: str) -> None:
        if reason or outcome is Outcome.FAILED:
            self._tell(Settled(section, address, outcome, reason))
        else:
            self.counts[section, outcome] += 1
            self._tell_many()

    def body_cleaned(self, address: StoryAddress, removed: Sequence[tuple[str, Any]]) -> None:
        if removed:
            self._tell(Cleaned(address, [describe(rule, element, self.with_html) for rule, element in removed]))

    def end(self, event: Ended) -> None:
        self.events.append(event)
        with suppress(ConnectionError):
            self._send()

    def _tell(self, event: Event) -> None:
        self.events.append(event)
        self._tell_many()

    def _tell_many(self) -> None:
        if len(self.events) + self.counts.total() >= _AT_ONCE:
            try:
                self._send()
            except ConnectionError:  # the first process was killed
                raise_signal(SIGTERM)

    def _send(self) -> None:
        counted = [Counted(*what, count) for what, count in self.counts.items()]
        self.pipe.send([*counted, *self.events])
        self.events.clear()
        self.counts.clear()
