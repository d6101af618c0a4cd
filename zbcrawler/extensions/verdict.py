"""Decide whether a run did its job, and say so to people and to programs; docs/reference/summary.md describes both."""

import logging
import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from scrapy.crawler import Crawler

from zbcrawler.archive.run_state import RunState
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import Outcome
from zbcrawler.common.times import shown
from zbcrawler.downloading.spider_protocol import CrawlerPart, CrawlingSpider
from zbcrawler.extensions.bookkeeping import FAULT, Books, Line, SectionCount
from zbcrawler.signals import listing_cut

_ABSENT = 5  # up to so many absent stories of a section are normal
_MISSING = 2  # up to so many pages without a field, or that fail, may be unusual stories
_MANY = 3  # stories that failed for one reason are one line of the summary
_SITE = ("site", "section", "robots.txt", "stories", "learning")  # the first words of problems that have one cause
_ABSENCES = (Outcome.SKIPPED, Outcome.GONE, Outcome.OWED)
_ALWAYS_SHOWN = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)


class Verdict(CrawlerPart):
    """Add problems of the whole run to the books, when the spider has closed."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.failed_limit = crawler.settings.getint("FAILED_LIMIT")
        self.missing_limit = crawler.settings.getfloat("MISSING_LIMIT")
        self.closed = self.is_outage = False
        self.log = _ErrorLog()

    @property
    def books(self) -> Books:
        return cast("Books", self.crawler.get_extension(Books))

    @property
    def passed(self) -> bool:
        return self.closed and not self.books.problems and len(self._new_failures) <= self.failed_limit

    @property
    def failed(self) -> list[Line]:
        """Everything that makes the run fail; empty if it passed."""
        failed = [*self.books.problems, *self._new_failures]
        if not self.closed:
            failed.append(Line("run", "was killed before it ended; the next run goes on where it stopped"))
        return [] if self.passed else failed

    @property
    def _new_failures(self) -> list[Line]:
        """The failed stories, in an outage all of them, otherwise those that no earlier run has reported."""
        return [line for line in self.books.failures if self.is_outage or line not in self.books.known]

    @property
    def notes(self) -> list[Line]:
        allowed = self._new_failures if self.passed else []  # by FAILED_LIMIT
        known = [] if self.is_outage else [line for line in self.books.failures if line in self.books.known]
        return [*self.books.notes, *allowed, *(Line(where, f"{what} (reported before)") for where, what in known)]

    @property
    def causes(self) -> set[str]:
        """What is behind the failures that every run reports until they are over, in a word each."""
        causes = {line.where.split()[0] for line in self.books.problems if not self.books.is_reported_once(line)}
        if self.is_outage or causes.intersection(_SITE):
            causes = causes.difference(_SITE) | {"site"}
        return {cause for cause in causes if not StoryAddress.parse(cause)}

    @property
    def is_news(self) -> bool:
        """Whether something failed that only this run reports, or none within a day."""
        once = any(self.books.is_reported_once(line) or StoryAddress.parse(line.where) for line in self.books.problems)
        return once or bool(self._new_failures and not self.is_outage)

    def spider_opened(self) -> None:
        logging.root.addHandler(self.log)

    def spider_closed(self, spider: CrawlingSpider, reason: str) -> None:
        self.closed = True
        if self.books.left and reason == "finished":
            self.books.add_problem("run", f"{self.books.left} stories were not dealt with; {FAULT}")
        for section, count in self.books.sections.items():
            # More stories are absent than archived, so the site is at fault, not single stories.
            archived = sum(number for outcome, number in count.outcomes.items() if outcome.is_archived)
            if sum(count.requested[outcome] for outcome in _ABSENCES) > max(_ABSENT, archived):
                self.books.add_problem(f"section {section}", "most listed stories are gone or lead elsewhere")
                if section in spider.sections:
                    self.signals.send(listing_cut, section=section, pages=0)
        self._judge_missing_fields()
        try:
            if spider.journals:
                self._judge_outage(spider.state)
        except OSError as error:
            self.books.add_problem("notes", str(error))
        if reason != "finished":
            self.books.add_problem("run", f"ended too early ({reason}); the next run goes on where it stopped")
        logging.root.removeHandler(self.log)
        if (errors := self.log.errors) and self.passed:
            self.books.add_problem("run", f"{len(errors)} errors in the log, the first: {errors[0]}")

    def _judge_outage(self, state: RunState) -> None:
        """Notice when stories fail because of the site, and fail every run until a story can be read again."""
        requested = sum((count.requested for count in self.books.sections.values()), Counter[Outcome]())
        failed, now, since = requested[Outcome.FAILED], self.clock.now(), state.outage_since
        read = sum(number for outcome, number in requested.items() if outcome.is_archived)
        is_written = any(outcome.is_written for outcome in requested)
        self.is_outage = failed > max(_MISSING, self.failed_limit, self.missing_limit * (failed + read))
        if since:
            owed = [debt.address for debt in self.archive.notes.owed.all().values() if debt.has_failed]
            self.is_outage |= bool(owed) and not is_written
            if self.is_outage:
                due = min((state.retry(address).due or now for address in owed), default=now)
                tries = f", next try {shown(due, now)}; each run tries one of them, and all if it succeeds"
                what = tries if due > now else "; the next run tries again"
                self.books.add_problem("stories", f"still failing since {shown(since, now)}{what}")
        state.outage_since = (since or now) if self.is_outage else None

    def _judge_missing_fields(self) -> None:
        # A story without a title or text has failed already; without a time it is archived.
        stats = self.crawler.stats.get_stats()
        for counter in sorted(name for name in stats if name.startswith("zbcrawler/missing/")):
            missing, (field, edition) = stats[counter], counter.split("/")[2:]
            pages = stats.get(f"zbcrawler/edition/{edition}", 0)
            if edition != "import" and missing > _MISSING and missing > self.missing_limit * pages:
                what = f"{missing} of {pages} pages have no {field}, more than MISSING_LIMIT allows; a redesign?"
                self.books.add_problem(f"{edition} edition", what)


class _ErrorLog(logging.Handler):
    """Collect the errors: only the log shows a fault in a signal's receiver."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.errors.append(record.getMessage())


def summarize(verdict: Verdict, since: datetime | None = None) -> str:
    """Return the summary of a run, lines of plain text.

    :param since: since when runs have failed for what this run failed for; after a good run: what is over now
    """
    books, failed = verdict.books, verdict.failed
    lines = [_section_line(name, count) for name, count in books.sections.items()]
    if books.looked_again:
        lines.append(f"looked again at {books.looked_again} archived stories")
    lines += [f"note: {line}" for line in _group(verdict.notes)]
    lines += [f"failed: {line}" for line in _group(failed)]
    if books.committed:
        lines.append(f"committed: {books.committed}")
    parts = [_describe_news(books), f"the archive is in {os.path.join('.', books.folder)}", f"{books.seconds:.1f} s"]
    if since:
        time = shown(since, verdict.clock.now())
        parts.insert(1, f"failing since {time}" if failed else f"the failure since {time} is over")
    lines.append(f"{f'{len(failed)} failed' if failed else 'ok'}: {'; '.join(parts)}")
    return "\n".join(lines)


def _group(lines: list[Line]) -> Iterator[str]:
    """Yield lines for people, one for all stories that failed for the same reason, where the first of them stands."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.reason if StoryAddress.parse(line.where) else str(line), []).append(line)
    for reason, group in groups.items():
        if len(group) < _MANY:
            yield from map(str, group)
        else:
            yield f"{len(group)} stories: {reason}; the first: {group[0].where}"


def _describe_news(books: Books) -> str:
    totals = sum((count.outcomes for count in books.sections.values()), Counter[Outcome]())
    new, changed = totals[Outcome.NEW], totals[Outcome.CHANGED] + totals[Outcome.SHORTENED]
    news = [f"{new} new {'story' if new == 1 else 'stories'}"] * bool(new) + [f"{changed} changed"] * bool(changed)
    return ", ".join(news) or "nothing new"


def _section_line(name: str, count: SectionCount) -> str:
    reasons = ", ".join(f"{number} {reason}" for reason, number in sorted(count.reasons.items()))
    parts = [
        f"{count.outcomes[outcome]} {outcome.value}" + (f" ({reasons})" if outcome is Outcome.SKIPPED else "")
        for outcome in Outcome
        if outcome in _ALWAYS_SHOWN or count.outcomes[outcome]
    ]
    return f"{name}: {', '.join(parts)}"


def make_report(verdict: Verdict, spider: str, code: int, since: datetime | None = None) -> dict[str, Any]:
    """Return the document of ``--summary-json`` and of the webhook."""
    books = verdict.books
    return {
        "spider": spider,
        "verdict": "failed" if code else "ok",
        "exit_code": code,
        "archive": books.folder,
        "seconds": round(books.seconds, 1),
        "sections": {
            name: {
                **{outcome.value: number for outcome, number in count.outcomes.items() if number},
                "skipped_as": dict(count.reasons),
            }
            for name, count in books.sections.items()
        },
        "looked_again": books.looked_again,
        "failed": [line._asdict() for line in verdict.failed],
        "notes": [line._asdict() for line in verdict.notes],
        "commit": books.committed,
        "text": summarize(verdict, since),
    }
