"""Counts what a verification found, by rule."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zbcrawler.tools.verifying.findings import Finding
    from zbcrawler.tools.verifying.verify import Result


@dataclass
class Tally:
    """Findings by rule: what is wrong, what was, and what a reader should know."""

    wrong: Counter[str] = field(default_factory=Counter)
    fixed: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)

    def findings(self, results: Iterable[Result]) -> Iterator[tuple[Finding, str]]:
        """Count all findings as they come; gives each and its kind: ``wrong``, ``fixed`` or ``warning``."""
        for result in results:
            for finding in result.findings:
                kind = "warning" if finding.is_warning else "fixed" if result.fixed else "wrong"
                counts = {"warning": self.warnings, "fixed": self.fixed, "wrong": self.wrong}[kind]
                counts[finding.rule] += 1
                yield finding, kind
