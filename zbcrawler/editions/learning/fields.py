"""Find where a page shows a story's title and time: the places that show the archived values on all pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import permutations
from typing import Any

from lxml.html import HtmlElement

from zbcrawler.common.text import letters
from zbcrawler.common.times import numbers_in
from zbcrawler.editions.edition import headline
from zbcrawler.editions.field_sources import find
from zbcrawler.editions.learning.archived import Example
from zbcrawler.editions.learning.letters_of_page import parts_of
from zbcrawler.editions.learning.selectors import selectors_of
from zbcrawler.editions.learnt import any_time, source_of, time_source, value_in

_SAMPLE = 10  # pages that propose places; all pages judge them
_MOST_PLACES = 250
_LONGEST_TIME = 60  # characters
_MOST_NUMBERS = 8  # in a text that shows a time
_PLACES_KEPT = 4

Found = Iterator[tuple[HtmlElement, str]]  # an element, and the attribute with the value; empty: the text


def find_title(examples: Sequence[Example]) -> list[str]:
    """Return the places of the title, best first; empty if none shows the titles."""
    places = _proposed(examples, _shows_title)
    return _best({place: [reads_title([place], one) for one in examples] for place in places})


def reads_title(places: Sequence[str], example: Example) -> bool | None:
    """Whether places show the archived title; None if they show nothing."""
    shown = find(example.page, tuple(map(source_of, places))).value
    return headline(shown) == example.story.title if shown else None


def find_time(examples: Sequence[Example]) -> list[dict[str, str]]:
    """Return the places of the time, best first; empty if none shows the times."""
    timed = [one for one in examples if one.story.published]
    declared: dict[str, dict[str, str]] = {}
    for place in _proposed(timed, _shows_time):
        for parts in ["", *_parts_of(place, timed)]:
            declared[f"{place} {parts}"] = {"at": place} | ({"parts": parts} if parts else {})
    names = _best({name: [reads_time([one], page) for page in timed] for name, one in declared.items()})
    return [declared[name] for name in names]


def reads_time(places: Sequence[dict[str, str]], example: Example) -> bool | None:
    """Whether places show the archived time, to the minute; None if they show none."""
    shown: datetime | None = find(example.page, tuple(map(time_source, places))).value
    return same_minute(shown, example.story.published) if shown else None


def same_minute(one: datetime | None, other: datetime | None) -> bool:
    """Whether two times are in the same minute; the site shows seconds in some places only."""
    return bool(one and other and one.timestamp() // 60 == other.timestamp() // 60)


def _best(readings: dict[str, list[bool | None]]) -> list[str]:
    """Return the places to read one after the other until one shows a value.

    The site shows a value in several places, and leaves out some of them on some pages.
    """
    chosen: list[str] = []
    shown: list[bool | None] = []
    while len(chosen) < _PLACES_KEPT:
        best, gain = "", 0
        for name, found in readings.items():
            union = [
                one if one is not None else two for one, two in zip(shown or [None] * len(found), found, strict=True)
            ]
            if name not in chosen and (more := _worth(union) - _worth(shown)) > gain:
                best, gain = name, more
        if not best:
            break
        shown = [
            one if one is not None else two for one, two in zip(shown or readings[best], readings[best], strict=True)
        ]
        chosen.append(best)
    return chosen


def _first_of(shown: list[bool | None], more: list[bool | None]) -> list[bool | None]:
    return [one if two is None or one is not None else two for one, two in zip(shown or more, more, strict=True)]


def _worth(shown: Sequence[bool | None]) -> int:
    return shown.count(True) - 2 * shown.count(False)


def _proposed(examples: Sequence[Example], find_in: Callable[[Example], Found]) -> list[str]:
    """Return places that show the value on several pages, those that will last longest first."""
    count: Counter[str] = Counter()
    order: dict[str, int] = {}
    for example in examples[:_SAMPLE]:
        places: dict[str, int] = {}
        for element, attribute in find_in(example):
            for rank, css in enumerate(selectors_of(element)):
                place = f"{css} @{attribute}" if attribute else css
                places[place] = min(rank, places.get(place, rank))
        count.update(list(places))
        for place, rank in places.items():
            order[place] = min(rank, order.get(place, rank))
    least = min(2, len(examples))
    wanted = [place for place, number in count.items() if number >= least]
    return sorted(wanted, key=lambda place: (order[place], len(place), place))[:_MOST_PLACES]


def _shows_title(example: Example) -> Found:
    title = example.story.title
    for span in example.letters.places(letters(title)):
        yield from ((element, "") for element in example.letters.exactly(span)[-1:])
    for element in parts_of(example.page.tree):
        if element.tag == "title" and headline(value_in(element, "")) == title:
            yield element, ""
        for name, value in element.items():
            if title[:8] in value and headline(value) == title:
                yield element, name


def _shows_time(example: Example) -> Found:
    for element, attribute, text in _short_texts(example):
        if same_minute(any_time(text), example.story.published) or _readings(text, example.story.published):
            yield element, attribute


def _short_texts(example: Example) -> Iterator[tuple[HtmlElement, str, str]]:
    """Yield the short texts and attributes with numbers, as an element, the attribute and the text."""
    for element, (start, end) in example.letters.spans.items():
        if isinstance(element.tag, str):
            if 3 < end - start < _LONGEST_TIME and any(one.isdigit() for one in example.letters.text[start:end]):
                yield element, "", value_in(element, "")
            for name, value in element.items():
                if 7 < len(value) < _LONGEST_TIME and sum(one.isdigit() for one in value) > 5:
                    yield element, name, value


def _readings(text: str, moment: datetime | None) -> set[str]:
    """Return the orders of parts in which a text's numbers are a time."""
    numbers = numbers_in(text)
    if moment is None or not 5 <= len(numbers) <= _MOST_NUMBERS:
        return set()
    wanted: dict[str, Any] = {name: getattr(moment, name) for name in ("year", "month", "day", "hour", "minute")}
    values = {name: {value} for name, value in wanted.items()}
    values["hour"].add(wanted["hour"] % 12 or 12)
    matching = {name: [at for at, number in enumerate(numbers) if number in values[name]] for name in wanted}
    found = set()
    if all(matching.values()):
        for places in permutations(range(len(numbers)), len(wanted)):
            if all(place in matching[name] for place, name in zip(places, wanted, strict=True)):
                names = dict(zip(places, wanted, strict=True))
                found.add(" ".join(names.get(place, "-") for place in range(len(numbers))))
    return found


def _parts_of(place: str, examples: Sequence[Example]) -> list[str]:
    """Return the orders of parts that several texts at a place allow."""
    count = Counter(
        parts for one in examples[:_SAMPLE] for parts in _readings(source_of(place).read(one.page), one.story.published)
    )
    return [parts for parts, number in count.most_common(4) if number > 1 or len(examples) == 1]
