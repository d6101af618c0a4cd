"""How long to wait before a story is asked for again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

SHORTEST = timedelta(minutes=10)
LONGEST = timedelta(days=1)


def before_retry(tries: int) -> timedelta:
    """Return the wait after a story could not be had: 10 minutes, 20, 40 … a day.

    :param tries: how often it was tried, from 1
    """
    return min(SHORTEST * 2 ** min(tries - 1, 10), LONGEST)


def retry_is_due(due: datetime | None, now: datetime) -> bool:
    """Whether a story is to be tried again.

    :param due: when it was to be; None if that is not known
    """
    # Further away than any wait: the clock was wrong when it was set, or is now.
    return due is None or due <= now or due - now > LONGEST


def recheck_is_due(published: datetime, fetched: datetime | None, now: datetime, growth: float) -> bool:
    """Whether an archived story's page may be looked at again.

    :param fetched: when that was done last; None if that is not known
    :param growth: by how much of its age the story must have aged since then; 0: always
    """
    if fetched is None or fetched > now or not growth:
        return True
    return now - fetched >= max(SHORTEST, (fetched - published) * growth)
