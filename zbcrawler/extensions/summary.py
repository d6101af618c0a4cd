"""Summarize a run as text for people and as a document for programs; docs/operating.md describes both."""

from __future__ import annotations

from typing import Any

from zbcrawler.common.errors import Outcome
from zbcrawler.extensions.bookkeeping import SectionCount
from zbcrawler.extensions.verdict import Verdict

_ALWAYS_SHOWN = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)


def summarize(verdict: Verdict) -> str:
    """Return the summary of a run as lines of plain text."""
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
    lines.append(f"{f'{len(failed)} failed' if failed else 'ok'}: archive {books.archive}, {books.seconds:.1f} s")
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
        "archive": books.archive,
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


def make_short_report(spider: str, verdict: str, code: int, text: str) -> dict[str, Any]:
    """Return the document of a run that could not begin: the verdict is ``failed`` or ``locked``."""
    return {"spider": spider, "verdict": verdict, "exit_code": code, "text": text}
