"""Days without stories that should have some."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

_DAY = timedelta(days=1)
# So many days on either side tell how many stories are usual.
_AROUND = 28
# If stories come by chance, a time in which seven are usual has none once in a thousand (e^-7).
_USUAL = 7


class Gap(NamedTuple):
    """Days without stories.

    :ivar first: of the days, as is ``last``
    :ivar usual: about how many stories the days around it have in as long a time
    """

    first: date
    last: date
    usual: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def find_gaps(stories: Mapping[date, int], last: date) -> list[Gap]:
    """Return the gaps in a section, the oldest first.

    A quiet section may have none for days; so what counts is how many were to be expected.

    :param stories: by day; days may be missing
    :param last: until when there should be stories
    """
    days = sorted(day for day, count in stories.items() if count)
    found = []
    for before, after in pairwise([*days, last + _DAY]):
        empty = (after - before).days - 1
        if empty > 0 and (usual := empty * _rate(stories, days[0], last, before, after)) >= _USUAL:
            found.append(Gap(before + _DAY, after - _DAY, round(usual)))
    return found


def _rate(stories: Mapping[date, int], first: date, last: date, before: date, after: date) -> float:
    around = [day for day in (*_days(before, -1), *_days(after, 1)) if first <= day <= last]
    return sum(stories.get(day, 0) for day in around) / len(around)


def _days(start: date, step: int) -> Iterator[date]:
    return (start + step * place * _DAY for place in range(_AROUND))
