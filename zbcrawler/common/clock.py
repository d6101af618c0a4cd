"""The clock of the project and of its replica of the site."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from scrapy.settings import BaseSettings

from zbcrawler.common.errors import ArgumentError


class Clock:
    """Shows the machine's time, or a set time that stands still until it is moved.

    Nothing else in the project asks the machine for the time of day, so a test (or the demo)
    that sets this clock sees the same listing times, dates and posts on any day.
    """

    def __init__(self, moment: datetime | None = None) -> None:
        """Set the clock to an aware datetime, or to the machine's time if ``moment`` is None."""
        self.moment = moment

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Clock:
        """Return the clock of the setting ``CLOCK``; see :meth:`parse`."""
        return cls.parse(settings.get("CLOCK") or "")

    @classmethod
    def parse(cls, text: str) -> Clock:
        """Return a clock that stands at ``text`` (ISO 8601 with a zone); with an empty text, the machine's clock.

        :raises ArgumentError: if the text is no such time
        """
        if not text:
            return cls()
        try:
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise ArgumentError(f"CLOCK={text}: not a time with a zone; write it like 2026-01-31T08:00:00+08:00")
        return cls(moment)

    def now(self) -> datetime:
        """Return the time as an aware datetime in UTC."""
        return (self.moment or datetime.now(timezone.utc)).astimezone(timezone.utc)

    def advance(self, by: timedelta) -> None:
        """Move the clock by ``by``; a clock that followed the machine stands still from then on."""
        self.moment = self.now() + by
