"""What can be wrong with an archive, and how findings are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

RULES = {
    "encoding": "UTF-8 without byte order mark, line feeds only",
    "control": "no control, zero-width or bidi characters",
    "unreadable": "front matter with the address of a story, a title and a body",
    "damage": "a whole post without contradictions; a repair would be a guess",
    "yaml": "front matter that PyYAML reads",
    "keys": "the keys of the layout, in its order, each with a value that it allows",
    "title": "the title in double quotes, as one line",
    "date": "the date in UTC, as YYYY-MM-DDTHH:MM:SS.mmmZ",
    "from": "the public address, without a query",
    "comment": "the site's time in milliseconds, or NaN, and a date that agrees with it",
    "heading": "the title as a link to the story",
    "layout": "comment, heading, six hyphens, an empty line, <div>, a block a line, </div>",
    "noise": "nothing that today's rules drop",
    "liquid": "no brace after the front matter",
    "markup": "the elements and attributes of the layout, as the cleaner writes them",
    "empty": "text, or a picture",
    "picture": "kept pictures that exist and are not empty",
    "name": "the day and the number of the address",
    "folder": "the folder of the day",
    "duplicate": "one post for each story",
    "stray": "only posts below _posts",
    "note": "a note that runs can read, of the story in its name",
}
"""What each rule asks for. A finding makes the verification fail."""

WARNINGS = {
    "day": "the date is at most one day away from the address (the site re-dates addresses)",
    "future": "the date is in the past",
    "clamped": "the date is the site's time, once that has come (--fix sets it right)",
    "number": "one story for each number (the site has used some numbers again)",
    "owed": "no story is owed",
    "gap": "no section has a gap",
}
"""Facts that a person should know, but that are no fault of the archive."""


class Finding(NamedTuple):
    """One violation of a rule."""

    path: str  # of the file, from the archive's folder
    rule: str  # a name of ``RULES`` or ``WARNINGS``
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
