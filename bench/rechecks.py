"""Simulate how many edits a schedule of rechecks finds, and how many requests it costs; nothing is requested.

Ours is the very function that runs use. NewsDiffs: every 15 minutes up to an age of 3 hours, hourly up to a day, every
3 hours up to a week. diffengine: when a fifth of the age has passed since the last look. All of them look for a week.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from bench.site import MOMENT
from zbcrawler.discovery.due_times import GRACE, look_due
from zbcrawler.settings import RECHECK_GROWTH
from zbcrawler.spiders.realtime import RealtimeSpider

WINDOW = RealtimeSpider().recheck
A_DAY = 160  # stories
EDITED = 0.3
LONGEST = timedelta(days=14)  # of the waits for late edits
MINUTE = timedelta(minutes=1)
# Runs do not begin on the second: a schedule in minutes allows for this.
SLACK = 2.5 * MINUTE

Schedule = Callable[[datetime, datetime, datetime], bool]
"""Whether a look is due: when the story was published, when it was fetched last, and now."""


@dataclass(frozen=True)
class Assumptions:
    """How stories are edited. An edit is quick or late; waits are counted from publication or from the edit before.

    :ivar quick: share of quick first edits
    :ivar again: probability of a further edit after each edit
    :ivar quick_again: share of quick edits among the further ones
    """

    name: str
    quick: float
    again: float
    quick_again: float

    def edits(self, random: Random) -> list[timedelta]:
        """Return the ages at which a story is edited."""
        ages: list[timedelta] = []
        while random.random() < (self.again if ages else EDITED):
            if random.random() < (self.quick_again if ages else self.quick):
                # Lognormal: half of the first edits come within an hour, nine of ten within 5 hours.
                wait = max(1, random.lognormvariate(0, 1.2) * (40 if ages else 60)) * MINUTE
            else:  # as many from 6 to 12 hours as from 3 to 6 days
                wait = timedelta(hours=6) * (LONGEST / timedelta(hours=6)) ** random.random()
            ages.append((ages[-1] if ages else timedelta()) + wait)
        return ages


EXPECTED = Assumptions("as expected", quick=0.75, again=0.35, quick_again=0.8)
PESSIMISTIC = Assumptions("late and often", quick=0.4, again=0.45, quick_again=0.6)


class Story(NamedTuple):
    """A story, and the times of its edits."""

    published: datetime
    edits: list[datetime]


@dataclass
class Result:
    """What a schedule found and cost.

    :ivar found: edits that a later look found, alone or with others
    :ivar versions: edits whose version was fetched before the next edit
    :ivar last: stories whose last edit of the window was found
    """

    stories: int = 0
    requests: int = 0
    edits: int = 0
    found: int = 0
    versions: int = 0
    edited: int = 0
    last: int = 0

    def add(self, story: Story, looks: Sequence[datetime]) -> None:
        """Count a story and its looks; the first look archives it."""
        self.stories += 1
        self.requests += len(looks) - 1
        edits = [moment for moment in story.edits if moment - story.published < WINDOW]
        found = [sum(look >= moment for look in looks[-1:]) for moment in edits]
        self.edits += len(edits)
        self.found += sum(found)
        versions = Counter(bisect_right(story.edits, look) for look in looks)
        self.versions += sum(place in versions for place in range(1, len(edits) + 1))
        self.edited += bool(edits)
        self.last += sum(found[-1:])

    def cells(self) -> list[str]:
        """Return the cells of the table."""
        shares = ((self.found, self.edits), (self.versions, self.edits), (self.last, self.edited))
        return [*(f"{part / (whole or 1):.1%}" for part, whole in shares), f"{self.requests / self.stories:.1f}"]


def ours(published: datetime, fetched: datetime, now: datetime) -> bool:
    return look_due(published, fetched, now, WINDOW, RECHECK_GROWTH) is not None


def newsdiffs(published: datetime, fetched: datetime, now: datetime) -> bool:
    age = now - published
    wait = timedelta(minutes=15 if age < timedelta(hours=3) else 60 if age < timedelta(days=1) else 180)
    return age <= WINDOW and now - fetched >= wait - SLACK


def diffengine(published: datetime, fetched: datetime, now: datetime) -> bool:
    return now - published <= WINDOW and now - fetched >= (now - published) / 5


def never(published: datetime, fetched: datetime, now: datetime) -> bool:
    return False


SCHEDULES: dict[str, Schedule] = {
    "zbcrawler": ours,
    "NewsDiffs": newsdiffs,
    "diffengine": diffengine,
    "none": never,
}


def published_stories(days: int, assumed: Assumptions) -> list[Story]:
    """Return the stories of some days, always the same."""
    random, stories = Random(16), []
    for _ in range(days * A_DAY):
        published = MOMENT + timedelta(days=days) * random.random()
        stories.append(Story(published, [published + age for age in assumed.edits(random)]))
    return stories


def simulate(stories: Sequence[Story], schedule: Schedule, every: timedelta) -> Result:
    """Let runs begin at fixed intervals, and look at each story when the schedule says so."""
    result, random = Result(), Random(4)
    for story in stories:
        end = story.published + WINDOW + GRACE
        # The first run after publication lists and archives the story.
        now = MOMENT + ((story.published - MOMENT) // every + 1) * every
        looks = [now + random.random() * MINUTE]
        while (now := now + every) <= end:
            if schedule(story.published, looks[-1], now):
                looks.append(now + random.random() * MINUTE)
        result.add(story, looks)
    return result


def main(days: int = 7) -> None:
    """Print the table.

    :param days: of publication
    """
    print(f"{days * A_DAY} stories of {days} days, RECHECK_GROWTH = {RECHECK_GROWTH}\n")
    print("| edits | a run every | schedule | edits found | versions found | last version found | requests a story |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for assumed in (EXPECTED, PESSIMISTIC):
        stories = published_stories(days, assumed)
        for minutes in (15, 30, 60):
            for name, schedule in SCHEDULES.items():
                cells = simulate(stories, schedule, minutes * MINUTE).cells()
                print("| " + " | ".join((assumed.name, f"{minutes} min", name, *cells)) + " |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
