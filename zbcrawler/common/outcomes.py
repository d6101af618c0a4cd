"""What can become of a listed story in a run."""

from __future__ import annotations

from enum import Enum


class Outcome(str, Enum):
    """What became of a listed story in this run."""

    NEW = "new"  # written for the first time
    CHANGED = "changed"  # fetched again, and the post was rewritten
    UNCHANGED = "unchanged"  # in the archive already
    SKIPPED = "skipped"  # not a story of this archive, see the reason
    GONE = "gone"  # listed, but the site has answered 404 or 410 for a day
    OWED = "owed"  # could not be had yet: absent for less than a day (see the reason), or not due (no reason)
    FAILED = "failed"  # could not be archived, see the reason
    LEFT = "left"  # not come to, because the run ended before its time; the journal has it
