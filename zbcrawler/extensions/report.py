"""What a run says at its end, for programs: the document of ``--summary-json`` and of the webhook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zbcrawler.extensions.verdict import Line, Verdict


def report_of(verdict: Verdict, kind: str, code: int) -> dict[str, Any]:
    """Return the report of a run; docs/operating.md describes its keys.

    :param kind: the spider's name
    :param code: the exit code
    """
    return {
        "spider": kind,
        "verdict": "failed" if code else "ok",
        "exit_code": code,
        "archive": verdict.archive,
        "seconds": round(verdict.seconds, 1),
        "sections": {
            name: {
                **{outcome.value: number for outcome, number in count.outcomes.items() if number},
                "skipped_as": dict(count.skipped),
            }
            for name, count in verdict.sections.items()
        },
        "failed": _lines(verdict.failed()),
        "notes": _lines(verdict.notes),
        "commit": verdict.committed,
        "text": verdict.summary(),
    }


def _lines(lines: Iterable[Line]) -> list[dict[str, str]]:
    return [{"where": line.where, "what": line.what} for line in lines]
