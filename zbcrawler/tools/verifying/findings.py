"""What can be wrong with an archive, and how findings are counted. docs/operating.md describes the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

WARNINGS = frozenset({"day", "future", "clamped", "number", "owed", "gap"})
"""The rules for facts that a person should know, but that are no fault of the archive."""


class Finding(NamedTuple):
    """One violation of a rule."""

    path: str  # of the file, from the archive's folder
    rule: str  # a finding makes the verification fail, except of ``WARNINGS``
    what: str  # what the file has instead, one line
    fixable: bool = False  # there is one right answer

    @property
    def is_warning(self) -> bool:
        return self.rule in WARNINGS

    def __str__(self) -> str:
        return f"{self.path}: {self.rule}: {self.what}"


class Result(NamedTuple):
    """The findings in one file; those before the repair if the file was repaired."""

    findings: list[Finding]
    fixed: bool = False


@dataclass
class Tally:
    """The numbers of findings by rule."""

    files: int  # the number of checked files
    wrong: Counter[str] = field(default_factory=Counter)
    fixed: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)

    def count(self, results: Iterable[Result]) -> Iterator[tuple[Finding, str]]:
        """Count all findings, and yield each with its kind: ``wrong``, ``fixed`` or ``warning``."""
        counts = {"warning": self.warnings, "fixed": self.fixed, "wrong": self.wrong}
        for result in results:
            for finding in result.findings:
                is_fixed = result.fixed and (finding.fixable or not finding.is_warning)
                kind = "fixed" if is_fixed else "warning" if finding.is_warning else "wrong"
                counts[kind][finding.rule] += 1
                yield finding, kind
