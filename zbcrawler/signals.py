"""The signals by which the parts of a run report what happens. Each docstring names the details that are sent."""

from __future__ import annotations

from typing import Any

from scrapy import Spider

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.outcomes import Outcome

story_requested = object()
"""A story is about to be fetched: ``section`` (str), ``address`` (:class:`StoryAddress`)."""

story_settled = object()
"""The outcome of a story is known: ``section`` (str), ``address`` (str, or :class:`StoryAddress` if the story was
requested), ``outcome`` (:class:`Outcome`), ``reason`` (str)."""

stories_settled = object()
"""The outcome of many stories is known, without addresses: ``section`` (str), ``outcome`` (:class:`Outcome`),
``count`` (int)."""

listing_read = object()
"""A page of a section's listing was read: ``section`` (str), ``page`` (int, from 1)."""

listing_cut = object()
"""A section was not read to the end of its news, and stories may be missing: ``section`` (str), ``pages`` (int: the
stories are missing behind this page)."""

listing_finished = object()
"""A section was read until no story can be missing: ``section`` (str)."""

body_cleaned = object()
"""A body was cleaned: ``address`` (:class:`StoryAddress`), ``removed`` (pairs of a rule's name and the lxml element
that it dropped, in reading order). The elements are valid only while the signal is handled."""

run_planned = object()
"""The size of a run is known: ``count`` (int, the number of stories)."""

run_problem = object()
"""Something needs a person and is not about one story: ``where`` (str), ``what`` (str)."""

run_note = object()
"""A reader of the summary should know something that is no failure: ``where`` (str), ``what`` (str)."""

asking_must_end = object()
"""This run should request nothing more: ``where`` (str), ``what`` (str). The first one counts as a ``run_problem``."""

site_asked_to_wait = object()
"""The site asks for a longer pause than a run waits: ``address`` (str), ``until`` (aware datetime)."""


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
