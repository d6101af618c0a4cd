"""Decide whether a run did its job, and say so to people and to programs; docs/reference/summary.md describes both."""

import logging
from typing import Any, cast

from scrapy.crawler import Crawler

from zbcrawler.common.errors import Outcome
from zbcrawler.downloading.spider_protocol import CrawlerPart, CrawlingSpider
from zbcrawler.extensions.bookkeeping import FAULT, Books, Line, SectionCount
from zbcrawler.signals import listing_cut

_ABSENT = 5  # up to so many absent stories of a section are normal
_MISSING = 2  # up to so many pages without a field may be unusual stories
_ALWAYS_SHOWN = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)


class Verdict(CrawlerPart):
    """Add problems of the whole run to the books, when the spider has closed."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.failed_limit = crawler.settings.getint("FAILED_LIMIT")
        self.missing_limit = crawler.settings.getfloat("MISSING_LIMIT")
        self.closed = False
        self.log = _ErrorLog()

    @property
    def books(self) -> Books:
        return cast("Books", self.crawler.get_extension(Books))

    @property
    def passed(self) -> bool:
        return self.closed and not self.books.problems and len(self.books.failures) <= self.failed_limit

    @property
    def failed(self) -> list[Line]:
        """Everything that makes the run fail; empty if it passed."""
        failed = [*self.books.problems, *self.books.failures]
        if not self.closed:
            failed.append(Line("run", "was killed before it ended; the next run goes on where it stopped"))
        return [] if self.passed else failed

    def spider_opened(self) -> None:
        logging.root.addHandler(self.log)

    def spider_closed(self, spider: CrawlingSpider, reason: str) -> None:
        self.closed = True
        if self.books.left and reason == "finished":
            self.books.add_problem("run", f"{self.books.left} stories were not dealt with; {FAULT}")
        for section, count in self.books.sections.items():
            # More stories are absent than archived, so the site is at fault, not single stories.
            archived = sum(number for outcome, number in count.outcomes.items() if outcome.is_archived)
            if count.absent > max(_ABSENT, archived):
                self.books.add_problem(f"section {section}", "most listed stories are gone or lead elsewhere")
                if section in spider.sections:
                    self.signals.send(listing_cut, section=section, pages=0)
        self._judge_missing_fields()
        if reason != "finished":
            self.books.add_problem("run", f"ended too early ({reason}); the next run goes on where it stopped")
        logging.root.removeHandler(self.log)
        if (errors := self.log.errors) and not self.books.problems and not self.books.failures:
            self.books.add_problem("run", f"{len(errors)} errors in the log, the first: {errors[0]}")

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
    """Collect the errors of other loggers: only the log shows a fault in a signal's receiver."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != Books.__module__:
            self.errors.append(record.getMessage())


def summarize(verdict: Verdict) -> str:
    """Return the summary of a run, lines of plain text."""
    books, failed = verdict.books, verdict.failed
    lines = [_section_line(name, count) for name, count in books.sections.items()]
    if books.looked_again:
        lines.append(f"looked again at {books.looked_again} archived stories")
    lines += [f"note: {note}" for note in books.notes]
    if not failed:  # FAILED_LIMIT allows these
        lines += [f"note: {failure}" for failure in books.failures]
    lines += [f"failed: {line}" for line in failed]
    if books.committed:
        lines.append(f"committed: {books.committed}")
    lines.append(f"{f'{len(failed)} failed' if failed else 'ok'}: archive {books.folder}, {books.seconds:.1f} s")
    return "\n".join(lines)


def _section_line(name: str, count: SectionCount) -> str:
    reasons = ", ".join(f"{number} {reason}" for reason, number in sorted(count.reasons.items()))
    parts = [
        f"{count.outcomes[outcome]} {outcome.value}" + (f" ({reasons})" if outcome is Outcome.SKIPPED else "")
        for outcome in Outcome
        if outcome in _ALWAYS_SHOWN or count.outcomes[outcome]
    ]
    return f"{name}: {', '.join(parts)}"


def make_report(verdict: Verdict, spider: str, code: int) -> dict[str, Any]:
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
        "notes": [line._asdict() for line in books.notes],
        "commit": books.committed,
        "text": summarize(verdict),
    }
