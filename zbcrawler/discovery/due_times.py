"""When a story is requested again: after a failure, or because it may have been edited."""

from datetime import date, datetime, timedelta

from zbcrawler.common.addresses import NEIGHBOURS
from zbcrawler.common.times import start_of

_SHORTEST = timedelta(minutes=10)
LONGEST = timedelta(days=1)
REPEATS = 5  # times a story is fetched again whose listing shows a change that its page does not
GRACE = timedelta(days=3)  # how late the last look for an edit may be: the machine may have been off
ONCE_A_DAY = LONGEST - timedelta(hours=1)  # a run that starts a little earlier than the day before tries, too


def before_retry(tries: int) -> timedelta:
    """Return the wait after a story was fetched in vain ``tries`` times: none, 10 minutes, 20, 40 … a day."""
    return min(_SHORTEST * ((1 << min(tries, 11)) // 2), LONGEST)


def failed_today(tries: int, due: datetime | None, now: datetime) -> bool:
    """Return whether a story failed in the last hours, by what is noted about its next try."""
    # The last waits are 10 hours, 21 and 24. So this is false once a day, whenever runs begin.
    return due is not None and abs(now - (due - before_retry(tries))) < timedelta(hours=20)


def retry_is_due(due: datetime | None, now: datetime) -> bool:
    """Return whether to try a story again; ``due`` is None if nothing is known about the story."""
    # A time further away than the longest wait comes from a wrong clock.
    return due is None or due <= now or due - now > LONGEST


def published_at(published: datetime | None, day: date, fetched: datetime) -> datetime:
    """Return when a story was published, for :func:`look_due`: not later than it was first fetched."""
    start = start_of(day)
    if published is None or abs(published - start) > timedelta(days=max(NEIGHBOURS) + 1):
        published = start  # the day of the address contradicts the page's time: the story may just have appeared
    return min(published, fetched)


def look_due(
    published: datetime, fetched: datetime, now: datetime, window: timedelta, growth: float
) -> datetime | None:
    """Return since when the page of an archived story is due to be fetched again; None if it is not.

    The older a story, the rarer are its edits. So a look is due when the story's age has grown by the share ``growth``
    since the last look (0: each run looks), up to the age ``window``; the last look, when the story leaves the window.
    ``bench/rechecks.py`` compares this schedule with others. All times are aware.
    """
    published = min(published, fetched)
    end = published + window
    if now > end + GRACE:
        return None
    if fetched > now:  # the clock was wrong
        return published
    if fetched >= end:
        return None
    wait = max(_SHORTEST, min((fetched - published) * growth, end - fetched)) if growth else timedelta()
    return fetched + wait if fetched + wait <= now else None
