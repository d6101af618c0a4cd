"""The possible outcomes of a story in a run."""

from __future__ import annotations

from enum import Enum


class Outcome(str, Enum):
    """The outcome of a story in a run; summaries show the outcomes in this order."""

    NEW = "new"  # written for the first time
    CHANGED = "changed"  # fetched again, and the post was rewritten
    SHORTENED = "shortened"  # as changed, and the text lost more than a few characters
    UNCHANGED = "unchanged"  # in the archive already
    SKIPPED = "skipped"  # not a story of this archive, see the reason
    GONE = "gone"  # listed, but the site has answered 404 or 410 for a day
    OWED = "owed"  # not available yet: absent for less than a day (see the reason), or not due (no reason)
    DOUBTFUL = "doubtful"  # the text is shorter, perhaps cut, and was not written; see the reason
    FAILED = "failed"  # could not be archived, see the reason
    LEFT = "left"  # not reached, because the run ended early; the journal has it

    @property
    def is_written(self) -> bool:
        """Whether this run wrote the post."""
        return self in (Outcome.NEW, Outcome.CHANGED, Outcome.SHORTENED)

    @property
    def is_archived(self) -> bool:
        """Whether the archive has the current version of the story."""
        return self.is_written or self is Outcome.UNCHANGED

    @property
    def is_absent(self) -> bool:
        """Whether a requested story is not available, or is no story of this archive."""
        return self in (Outcome.SKIPPED, Outcome.GONE, Outcome.OWED)

    @property
    def is_open(self) -> bool:
        """Whether a later run has to fetch the story."""
        return self in (Outcome.OWED, Outcome.DOUBTFUL, Outcome.FAILED, Outcome.LEFT)

    @property
    def has_reasons(self) -> bool:
        """Whether summaries count the reasons of this outcome."""
        return self is Outcome.SKIPPED
