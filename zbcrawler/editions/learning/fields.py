"""Find where a page shows a story's title and time: the places that show the archived values on all pages."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import product

from lxml.html import HtmlElement

from zbcrawler.common.text import letters
from zbcrawler.common.times import numbers_in
from zbcrawler.editions.edition import headline
from zbcrawler.editions.field_sources import OWN_TEXT, any_time, find, shown, time_source, value_in
from zbcrawler.editions.learning.evidence import Example
from zbcrawler.editions.learning.selectors import places_of

_SAMPLE = 10  # pages that propose places; all pages judge them
_LONGEST_TIME = 60  # characters
_MOST_NUMBERS = 8  # in a text that shows a time
_MOST_KEPT = 8
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_PARTS = ("year", "month", "day", "hour", "minute")

Readings = Sequence[bool | None]  # for each page: whether the right value is shown, None if none is


def find_title(examples: Sequence[Example]) -> list[str]:
    """Return the places of the title, best first; empty if none shows the titles."""
    places = places_of(map(_titles_in, examples[:_SAMPLE]))
    return _best({place: [reads_title([place], one) for one in examples] for place in places})


def reads_title(places: Sequence[str], example: Example) -> bool | None:
    """Whether places show the archived title; None if they show nothing."""
    title = find(example.page, tuple(map(shown, places))).value
    return headline(title) == example.story.title if title else None


def find_time(examples: Sequence[Example]) -> list[dict[str, str]]:
    """Return the places of the time, best first; empty if none shows the times."""
    timed = [one for one in examples if one.story.published]
    declared: dict[str, dict[str, str]] = {}
    for place in places_of(map(_times_in, timed[:_SAMPLE])):
        texts = [(shown(place).read(one.page), one.story.published) for one in timed[:_SAMPLE]]
        count = Counter(parts for text, time in texts for parts in _readings(text, time))
        for parts in ["", *(parts for parts, number in count.most_common(4) if number > 1)]:
            declared[f"{place} {parts}"] = {"at": place} | ({"parts": parts} if parts else {})
    names = _best({name: [reads_time([one], page) for page in timed] for name, one in declared.items()})
    return [declared[name] for name in names]


def reads_time(places: Sequence[dict[str, str]], example: Example) -> bool | None:
    """Whether places show the archived time, to the minute; None if they show none."""
    time: datetime | None = find(example.page, tuple(map(time_source, places))).value
    return _agrees(time, example) if time else None


def _agrees(time: datetime | None, example: Example) -> bool:
    """Whether a time is the story's to the minute; listings round to the hour or the day."""
    now, published = example.page.now, example.story.published
    if not (time and published):
        return False
    if now is None or now - published < _HOUR:
        return time.timestamp() // 60 == published.timestamp() // 60
    is_day = now - published >= _DAY or not (time.hour or time.minute)
    return abs(time - published) <= (_DAY if is_day else _HOUR)


def _best(readings: dict[str, Readings]) -> list[str]:
    """Return the places to read one after the other until one shows a value.

    The site leaves out some of them on some pages, so places that no page has needed follow if they are never wrong.
    """
    chosen: list[str] = []
    read: Readings = ()
    while readings:
        joined = {
            name: [two if one is None else one for one, two in zip(read or more, more, strict=True)]
            for name, more in readings.items()
        }
        name = max(joined, key=lambda one: _worth(joined[one]))
        if _worth(joined[name]) <= _worth(read):
            break
        chosen.append(name)
        read = joined[name]
    known = [readings[name] for name in chosen]
    for name, found in sorted(readings.items(), key=lambda item: -item[1].count(True)):
        if False not in found and found.count(True) > 1 and found not in known:
            chosen.append(name)
            known.append(found)
    return chosen[:_MOST_KEPT]


def _worth(read: Readings) -> int:
    return read.count(True) - 2 * read.count(False)


def _titles_in(example: Example) -> Iterator[tuple[HtmlElement, str]]:
    title = example.story.title
    for span in example.letters.places(letters(title)):
        yield from ((element, "") for element in example.letters.exactly(span)[-1:])
    for element in example.letters.spans:
        if element.tag == "title" and headline(value_in(element, "")) == title:
            yield element, ""
        if len(element) and headline(value_in(element, OWN_TEXT)) == title:
            yield element, OWN_TEXT
        yield from (
            (element, name) for name, value in element.items() if title[:8] in value and headline(value) == title
        )


def _times_in(example: Example) -> Iterator[tuple[HtmlElement, str]]:
    published = example.story.published
    for element, (start, end) in example.letters.spans.items():
        has_digits = 3 < end - start < _LONGEST_TIME and any(map(str.isdigit, example.letters.text[start:end]))
        texts = [("", value_in(element, ""))] if has_digits else []
        texts += [(name, value) for name, value in element.items() if 7 < len(value) < _LONGEST_TIME]
        for name, text in texts:
            if _agrees(any_time(text, example.page.now), example) or _readings(text, published):
                yield element, name


def _readings(text: str, moment: datetime | None) -> set[str]:
    """Return the orders of parts in which a text's numbers are a time."""
    numbers = numbers_in(text)
    parts = _PARTS[len(numbers) == 4 :]  # a listing may leave out the year
    if moment is None or not len(parts) <= len(numbers) <= _MOST_NUMBERS:
        return set()
    values = {name: {getattr(moment, name)} for name in parts}
    values["hour"].add(moment.hour % 12 or 12)
    found = set()
    for places in product(*([at for at, one in enumerate(numbers) if one in values[name]] for name in parts)):
        names = dict(zip(places, parts, strict=True))
        if len(names) == len(parts):
            found.add(" ".join(names.get(place, "-") for place in range(len(numbers))))
    return found
