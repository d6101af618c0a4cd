"""A section while its listing is read: how far that went, and whether what it shows makes sense."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from zbcrawler.common.times import SINGAPORE, shown, start_of

if TYPE_CHECKING:
    from zbcrawler.common.addresses import StoryAddress

MIDNIGHT = datetime.min.time()

# site-layouts 1.3: one known dump has a clock that is 8 hours fast.
_FUTURE = timedelta(days=1)


class SeenStory(NamedTuple):
    """A story in a listing.

    :ivar time: as listed, or the start of the address's day; aware
    :ivar end: the latest moment that ``time`` may stand for
    :ivar news: whether the archive does not have it
    """

    address: StoryAddress
    time: datetime
    end: datetime
    news: bool

    @classmethod
    def of(cls, address: StoryAddress, time: datetime | None, news: bool) -> SeenStory:
        """:param time: as listed, None if it was not"""
        time = time or start_of(address.day)
        # Some listings tell the day alone.
        is_a_day = time.astimezone(SINGAPORE).time() == MIDNIGHT
        return cls(address, time, time + timedelta(days=1) if is_a_day else time, news)

    @property
    def age_order(self) -> tuple[object, int]:
        """Sorts the oldest first."""
        return self.address.day, int(self.address.number)


@dataclass
class Section:
    """A section, and what of its listing has been read.

    :ivar rank: its place among the sections asked for
    :ivar pages: how many pages were read
    :ivar numbers: of the stories that they showed
    :ivar repeats: pages that showed nothing that earlier pages had not
    :ivar has_news: whether the last page showed a story that the archive does not have
    :ivar last: the stories of the last page that showed any
    """

    name: str
    rank: int
    pages: int = 0
    numbers: set[str] = field(default_factory=set)
    repeats: int = 0
    has_news: bool = False
    last: list[SeenStory] = field(default_factory=list)

    def add_page(self, stories: list[SeenStory]) -> None:
        """Take in the stories of one more page."""
        before = len(self.numbers)
        self.numbers.update(story.address.number for story in stories)
        self.pages += 1
        self.repeats += len(self.numbers) == before
        self.has_news = any(story.news for story in stories)
        self.last = stories or self.last

    @property
    def oldest_news(self) -> SeenStory | None:
        """The oldest story of the last page, if it is news: then what lies behind the page may be news, too."""
        oldest = min(self.last, key=lambda story: story.age_order, default=None)
        return oldest if oldest and oldest.news else None

    def odd_time(self, now: datetime, limit: timedelta | None) -> str:
        """Return what is wrong with the time of the newest story, if anything; to be asked of the first page.

        :param limit: how old it may be, None for any age
        """
        newest = max(self.last, key=lambda story: story.end, default=None)
        if newest is None:
            return ""
        if limit and now - newest.end > limit:
            hours = limit.total_seconds() / 3600
            return f"its newest story is of {newest.address.day}, older than {hours:.0f} hours (NEWEST_LIMIT)"
        # By the addresses: a time such as 3小时前 is told by the clock that is in doubt.
        day = max(story.address.day for story in self.last)
        if start_of(day) - now > _FUTURE:
            return f"its newest story is of {day}, and here it is {shown(now)}; is this machine's clock right?"
        return ""
