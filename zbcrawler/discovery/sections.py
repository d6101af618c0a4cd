"""A section while its listing is read: how far the run has read, and whether the listing makes sense."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from typing_extensions import Self

from zbcrawler.common.addresses import StoryAddress, section_path
from zbcrawler.common.times import SINGAPORE, shown, start_of

_MIDNIGHT = datetime.min.time()
# site-layouts 1.3: one known dump has a clock that is 8 hours fast.
_FUTURE = timedelta(days=1)


class SeenStory(NamedTuple):
    """A story in a listing."""

    address: StoryAddress
    time: datetime  # as listed, or the start of the address's day; aware
    end: datetime  # the latest moment that ``time`` may stand for
    news: bool  # the archive does not have the story

    @classmethod
    def of(cls, address: StoryAddress, time: datetime | None, news: bool) -> Self:
        """Return a story in a listing; ``time`` is None if the listing has no time."""
        time = time or start_of(address.day)
        # Some listings show only the day.
        is_a_day = time.astimezone(SINGAPORE).time() == _MIDNIGHT
        return cls(address, time, time + timedelta(days=1) if is_a_day else time, news)


@dataclass
class Section:
    """A section, and what of its listing has been read."""

    name: str
    rank: int  # its place among the requested sections
    pages: int = 0  # read
    numbers: set[str] = field(default_factory=set)  # of the stories on these pages
    repeats: int = 0  # pages that showed only stories of earlier pages
    has_news: bool = False  # the last page showed a story that the archive does not have
    last: list[SeenStory] = field(default_factory=list)  # the stories of the last page that showed any

    def __post_init__(self) -> None:
        self.path = section_path(self.name)
        self.where = f"section {self.name}"  # in messages

    def add_page(self, stories: list[SeenStory]) -> None:
        before = len(self.numbers)
        self.numbers.update(story.address.number for story in stories)
        self.pages += 1
        self.repeats += len(self.numbers) == before
        self.has_news = any(story.news for story in stories)
        self.last = stories or self.last

    @property
    def oldest_news(self) -> SeenStory | None:
        """The oldest story of the last page, if it is news: then the following pages may hold news, too."""
        oldest = min(self.last, key=lambda story: story.address.age_order, default=None)
        return oldest if oldest and oldest.news else None

    def odd_time(self, now: datetime, limit: timedelta | None) -> str:
        """Return what is wrong with the time of the newest story on the first page, empty if nothing is.

        :param limit: the age allowed, None for any age
        """
        newest = max(self.last, key=lambda story: story.end, default=None)
        if newest is None:
            return ""
        if limit and now - newest.end > limit:
            hours = limit.total_seconds() / 3600
            return f"its newest story is of {newest.address.day}, older than {hours:.0f} hours (NEWEST_LIMIT)"
        # By the addresses: a time such as 3小时前 depends on the clock that is in doubt.
        day = max(story.address.day for story in self.last)
        if start_of(day) - now > _FUTURE:
            return f"its newest story is of {day}, and here it is {shown(now)}; is this machine's clock right?"
        return ""
