"""How long to wait before a story is requested again."""

from __future__ import annotations

from datetime import datetime, timedelta

SHORTEST = timedelta(minutes=10)
LONGEST = timedelta(days=1)


def before_retry(tries: int) -> timedelta:
    """Return the wait after a story failed ``tries`` times (from 1): 10 minutes, 20, 40 … a day."""
    return min(SHORTEST * (1 << min(tries - 1, 10)), LONGEST)


def retry_is_due(due: datetime | None, now: datetime) -> bool:
    """Return whether to try a story again; ``due`` is None if nothing is known about the story."""
    # A time further away than the longest wait comes from a wrong clock.
    return due is None or due <= now or due - now > LONGEST


def recheck_is_due(published: datetime, fetched: datetime | None, now: datetime, growth: float) -> bool:
    """Return whether to fetch the page of an archived story again.

    :param fetched: the last time; None if it is not known
    :param growth: the share by which the story's age must have grown since then; 0: always
    """
    if fetched is None or fetched > now or not growth:
        return True
    return now - fetched >= max(SHORTEST, (fetched - published) * growth)
