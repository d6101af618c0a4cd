"""The clock, and the site's time formats as aware datetimes; each parser returns None for any other text.

The site shows Singapore time unless an offset is written (site-layouts 1.3, 9). Two families must not share a parser:
listings write the day first (``09/05/2021`` is 9 May), JSON-LD of the Drupal edition the month.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta, timezone

from scrapy.settings import BaseSettings

from zbcrawler.common.errors import ArgumentError

SINGAPORE = timezone(timedelta(hours=8), "SGT")
EPOCH = datetime.fromtimestamp(0, SINGAPORE)

# All stories of the site lie between these times; any other time was misread.
_FIRST, _LAST = datetime(1995, 1, 1, tzinfo=SINGAPORE), datetime(2100, 1, 1, tzinfo=SINGAPORE)

_MONTH_FIRST = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})\s*-\s*(\d{1,2}):(\d{2})$")
_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
_BYLINE = re.compile(
    r"(\d{4})年\s*(\d{1,2})月\s*(\d{1,2})日"
    r"(?:\s*星期.)?"
    r"(?:\s*(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?\s*([AaPp])?\.?[Mm]?)?"
)
_LISTED_DAYS = (
    re.compile(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})"),
    re.compile(r"(?:(?P<year>\d{4})年)?\s*(?P<month>\d{1,2})月(?P<day>\d{1,2})日"),
    re.compile(r"(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
)
_AHEAD = timedelta(minutes=10)  # how far the site's clock may be ahead of this machine's
_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})$")
# A new build may have the words of another edition.
_AGO = re.compile(r"(\d{1,5})(?:\s*(秒|分[钟鐘]|小[时時]|天)前| (sec|min|hour|day)[a-z]* ago)")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_NUMBER_OR_MONTH = re.compile(rf"\d+|\b(?:{'|'.join(_MONTHS)})[a-z]*", re.IGNORECASE | re.ASCII)
_HALF = re.compile(r"(?P<second>下午|晚上|中午|傍晚|p\.?m\b)|(?P<first>上午|凌晨|早上|清晨|a\.?m\b)", re.IGNORECASE)
_UNITS = {"秒s": timedelta(seconds=1), "分m": timedelta(minutes=1), "小h": timedelta(hours=1), "天d": timedelta(days=1)}


class Clock:
    """Show the machine's time, which no other module reads, or a set (aware) time that stands until it is moved."""

    def __init__(self, moment: datetime | None = None) -> None:
        self.moment = moment

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Clock:
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


def epoch_time(value: object) -> datetime | None:
    """Read epoch seconds or milliseconds, as number or text, such as the listing API's ``timestamp`` (React)."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        seconds = float(value)
        return _sane(datetime.fromtimestamp(seconds / 1000 if abs(seconds) >= 1e11 else seconds, SINGAPORE))
    except (ValueError, OverflowError, OSError):
        return None


def machine_time(text: object) -> datetime | None:
    """Read a time for machines such as ``2021-05-12T16:53:00+08:00`` or ``05/12/2021 - 16:53`` (month first)."""
    text = text.strip() if isinstance(text, str) else ""
    if found := _MONTH_FIRST.match(text):
        month, day, year, hour, minute = map(int, found.groups())
        return _build(year, month, day, hour, minute)
    if not _ISO.match(text):
        return None
    # Python 3.10 reads neither "Z", nor "+0800", nor fractions of other than 3 or 6 digits.
    text = re.sub(r"[.,]\d+", "", text).replace("Z", "+00:00")
    text = re.sub(r"(:\d{2})\s*([+-]\d{2}):?(\d{2})?$", lambda found: f"{found[1]}{found[2]}:{found[3] or '00'}", text)
    with suppress(ValueError):
        moment = datetime.fromisoformat(text)
        return _sane(moment if moment.tzinfo else moment.replace(tzinfo=SINGAPORE))
    return None


def byline_time(text: object) -> datetime | None:
    """Read a time for readers, such as ``发布 / 2020年10月29日 7:38 PM``; a day alone counts as its midnight."""
    if not isinstance(text, str) or not (found := _BYLINE.search(text)):
        return None
    *numbers, half = found.groups()
    year, month, day, hour, minute, second = (int(number or 0) for number in numbers)
    if half:
        hour = hour % 12 + (12 if half in "Pp" else 0)
    return _build(year, month, day, hour, minute, second)


def shown_time(text: object) -> datetime | None:
    return byline_time(text) or machine_time(text)


def listing_time(text: object, now: datetime) -> datetime | None:
    """Read a time beside a story on a listing page; some are exact only to the hour or the day.

    ``刚刚``, ``59分钟前``, ``2天前``, ``11:07`` (today), ``02月21日``, ``2025年2月21日``, ``02-21``, ``09/05/2021``.
    Without a year or a day, the latest such time up to ``now``, when the page was fetched (aware), counts.
    """
    if not isinstance(text, str):
        return None
    text, now = text.strip(), now.astimezone(SINGAPORE)
    if (age := _age_of(text)) is not None:
        return _sane(now - age)
    if found := _CLOCK.match(text):
        moment = _build(now.year, now.month, now.day, int(found[1]), int(found[2]))
        return moment - timedelta(days=1) if moment and moment > now + _AHEAD else moment
    if found := next(filter(None, (pattern.fullmatch(text) for pattern in _LISTED_DAYS)), None):
        date_parts = {name: int(digits) for name, digits in found.groupdict().items() if digits}
        return _build(**date_parts) if "year" in date_parts else _latest(**date_parts, now=now)
    return shown_time(text)


def time_of_parts(text: str, parts: Sequence[str], now: datetime | None = None) -> datetime | None:
    """Read a time of numbers and English months by the names of its parts; ``-`` stands for a part of no time.

    Without a year, the latest such time up to ``now`` counts.
    """
    values = numbers_in(text)
    if len(values) != len(parts):
        return None
    known = {part: value for part, value in zip(parts, values, strict=True) if part != "-"}
    if "hour" in known and (half := _HALF.search(text)):
        known["hour"] = known["hour"] % 12 + (12 if half["second"] else 0)
    try:
        if "year" not in known and now and (day := _latest(known["month"], known["day"], now=now)):
            known["year"] = day.year
        return _build(**known)
    except (KeyError, TypeError):
        return None


def numbers_in(text: str) -> list[int]:
    """Return the numbers in a text, and those of its English months, in order."""
    found = _NUMBER_OR_MONTH.findall(text)
    return [int(one[:9]) if one[0].isdigit() else _MONTHS.index(one[:3].lower()) + 1 for one in found]


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), SINGAPORE)


def is_relative(text: object) -> bool:
    """Whether a listing's time counts back from the time of the fetch, and so differs at every fetch."""
    return isinstance(text, str) and _age_of(text.strip()) is not None


def _age_of(text: str) -> timedelta | None:
    """Return how long ago a text says, such as two hours; None if it does not count back."""
    if found := _AGO.fullmatch(text):
        return int(found[1]) * next(unit for word, unit in _UNITS.items() if (found[2] or found[3])[0] in word)
    return timedelta() if text == "刚刚" else None


def shown(moment: datetime, now: datetime | None = None) -> str:
    """Return a time for people, in Singapore time: ``2026-01-31 08:00 SGT``, on the day of ``now`` ``08:00 SGT``."""
    day, time = f"{moment.astimezone(SINGAPORE):%Y-%m-%d %H:%M %Z}".split(" ", 1)
    return time if now and now.astimezone(SINGAPORE).date().isoformat() == day else f"{day} {time}"


def rough_time(seconds: float) -> str:
    """Return a length of time for people, in its two largest units: ``8 d 22 h``, ``1 h 47 min``, ``12 s``."""
    for size, name, inner, less in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 60, "")):
        if seconds >= size:
            rest = f" {int(seconds % size // inner)} {less}" if less else ""
            return f"{int(seconds // size)} {name}{rest}"
    return f"{int(seconds)} s"


def to_utc_text(moment: datetime) -> str:
    """Return a time in UTC with milliseconds, as in posts: ``2021-06-10T00:30:00.000Z``."""
    moment = moment.astimezone(timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _latest(month: int, day: int, now: datetime) -> datetime | None:
    latest = now + _AHEAD
    # The latest 29 February may be eight years ago.
    moments = (_build(year, month, day) for year in range(latest.year, latest.year - 9, -1))
    return next((moment for moment in moments if moment and moment <= latest), None)


def _build(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime | None:
    try:
        return _sane(datetime(year, month, day, hour, minute, second, tzinfo=SINGAPORE))
    except ValueError:
        return None


def _sane(moment: datetime) -> datetime | None:
    return moment.astimezone(SINGAPORE) if _FIRST <= moment < _LAST else None
