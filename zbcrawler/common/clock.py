"""The clock of the project and of its replica of the site."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from scrapy.settings import BaseSettings

from zbcrawler.common.errors import ArgumentError


class Clock:
    """Show the machine's time, or a set (aware) time that stands still until it is moved.

    No other module reads the machine's time of day, so tests and the demo make the same posts on any day.
    """

    def __init__(self, moment: datetime | None = None) -> None:
        self.moment = moment

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Clock:
        """Return the clock of the setting ``CLOCK``; see :meth:`parse`."""
        return cls.parse(settings.get("CLOCK") or "")

    @classmethod
    def parse(cls, text: str) -> Clock:
        """Return a clock that stands at a time (ISO 8601 with a zone, else ArgumentError); empty: the machine's."""
        try:
            moment = datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None
            if moment and not (moment.tzinfo and 1970 <= moment.year < 2200):
                raise ValueError
        except ValueError:
            what = "not a time of 1970 to 2199 with a zone; write it like 2026-01-31T08:00:00+08:00"
            raise ArgumentError(f"CLOCK={text}: {what}") from None
        return cls(moment)

    def now(self) -> datetime:
        """Return the time as an aware datetime in UTC."""
        return (self.moment or datetime.now(timezone.utc)).astimezone(timezone.utc)

    def advance(self, by: timedelta) -> None:
        """Move the clock by ``by``; a clock that followed the machine stands still from then on."""
        self.moment = self.now() + by
