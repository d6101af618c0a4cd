"""The signals by which the parts of a run tell each other what happens."""

from __future__ import annotations

from typing import Any

from scrapy import Spider

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.outcomes import Outcome

story_requested = object()
"""A story is about to be fetched. Sent with ``section`` (str) and ``address`` (:class:`StoryAddress`)."""

story_settled = object()
"""A story's fate is known. Sent with ``section`` (str), ``address`` (str, or :class:`StoryAddress` if
it was requested), ``outcome`` (:class:`Outcome`) and ``reason`` (str)."""

stories_settled = object()
"""Of many stories nothing is to be told but their outcome. Sent with ``section`` (str), ``outcome`` (:class:`Outcome`)
and ``count`` (int)."""

listing_read = object()
"""A page of a section was read. Sent with ``section`` (str), ``page`` (int, from 1)."""

listing_cut = object()
"""A section was not read to the end of its news, and stories may be missing. Sent with ``section`` (str) and
``pages`` (int), how many of its pages were read; behind them lies what is missing."""

listing_finished = object()
"""A section was read until nothing can be missing any more. Sent with ``section`` (str)."""

body_cleaned = object()
"""A body was cleaned. Sent with ``address`` (:class:`StoryAddress`) and ``removed`` (what was dropped, in reading
order: pairs of the rule's name and the lxml element, which is only good while the signal is handled)."""

run_planned = object()
"""It is known how much a run has to do. Sent with ``count`` (int), the number of stories."""

run_problem = object()
"""Something that is not about one story needs a person. Sent with ``where`` (str), ``what`` (str)."""

asking_must_end = object()
"""Nothing more should be asked of the site in this run. Sent with ``where`` (str) and ``what`` (str), as
``run_problem`` is, which is sent for the first of them."""

site_asked_to_wait = object()
"""The site wants to be left alone for longer than a run waits. Sent with ``address`` (str), which answered so, and
``until`` (aware datetime)."""

run_note = object()
"""Something a reader of the summary should know, and no failure. Sent as ``run_problem`` is."""


class RunSignals:
    """Send the signals of a spider's run."""

    def __init__(self, spider: Spider) -> None:
        self._spider = spider

    def announce(self, section: str, address: StoryAddress) -> None:
        """Announce a request for a story, whose outcome :meth:`settle` sends later."""
        self.send(story_requested, section=section, address=address)

    def settle(self, section: str, address: StoryAddress | str, outcome: Outcome, reason: str = "") -> None:
        """Send the outcome of a story."""
        self.send(story_settled, section=section, address=address, outcome=outcome, reason=reason)

    def settle_archived(self, section: str, count: int) -> None:
        """Send the number of stories that the archive has and the run does not request."""
        self.send(stories_settled, section=section, outcome=Outcome.UNCHANGED, count=count)

    def problem(self, where: str, what: str) -> None:
        """Report something that needs a person."""
        self.send(run_problem, where=where, what=what)

    def end_asking(self, where: str, what: str) -> None:
        """Report something that needs a person, and end the asking."""
        self.send(asking_must_end, where=where, what=what)

    def note(self, where: str, what: str) -> None:
        """Report something that a reader of the summary should know."""
        self.send(run_note, where=where, what=what)

    def count(self, name: str) -> None:
        """Add 1 to the counter ``zbcrawler/NAME``."""
        if self._spider.crawler.stats:
            self._spider.crawler.stats.inc_value(f"zbcrawler/{name}")

    def send(self, signal: object, **details: Any) -> None:
        """Send any signal."""
        self._spider.crawler.signals.send_catch_log(signal, **details)
