"""Find the places of links, titles and times in the boxes of entries, and judge how they read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from itertools import islice
from typing import NamedTuple

from lxml.html import HtmlElement

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.text import letters, one_line
from zbcrawler.common.times import SINGAPORE, half_of_day, is_relative, numbers_in, unit_of
from zbcrawler.editions.learning.listed import Listed, nth_of, tag_of
from zbcrawler.editions.learning.selectors import steps
from zbcrawler.editions.learnt_listing import TAIL, TEXT, entry_time, on_day_of, read_place, time_words
from zbcrawler.editions.page import text_of
from zbcrawler.items import Story

# How many of the known stories may be listed under a new title (site-layouts 10), and how much of the old is in it.
_EDITED, _ALIKE = 0.2, 0.5
# A cut title has this many characters at least.
_SHORTEST_CUT = 6
# The site's caches are up to some minutes old (site-layouts 1.4).
_SLACK = timedelta(minutes=15)
_PARTS = "year month day hour minute second".split()
_MOST_PLACES = 80
_LONGEST_TIME = 60  # characters


class Judged(NamedTuple):
    """How a place reads the values of known stories."""

    right: int = 0
    near: int = 0  # a cut title, a day without a time of day, or hours ago
    edited: int = 0  # a title much like the known one
    wrong: int = 0
    empty: int = 0

    @property
    def agree(self) -> int:
        return self.right + self.near

    @property
    def rank(self) -> int:
        """Higher is better."""
        return 2 * self.right + self.near - 3 * self.wrong

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong, and no more titles are new than sites change: about one in fifteen."""
        return not self.wrong and self.edited <= max(1, (self.agree + self.edited) * _EDITED)


class ListedEntry(NamedTuple):
    """An entry's box, its story, and what is known of the story."""

    page: Listed
    box: HtmlElement
    address: StoryAddress
    story: Story | None
    behind: HtmlElement | None = None  # the element behind the box, unless boxes follow one another


def title_fits(entry: ListedEntry, text: str) -> Judged:
    """Judge a title by the known story's."""
    if not entry.story:
        return Judged()
    shown, title = one_line(text), one_line(entry.story.title)
    if shown == title:
        return Judged(right=1)
    short, whole = letters(shown), letters(title)
    if short == whole or (len(short) >= _SHORTEST_CUT and whole.startswith(short)):
        return Judged(near=1)
    is_like = SequenceMatcher(None, short, whole, autojunk=False).ratio() >= _ALIKE
    return Judged(edited=1) if is_like else Judged(wrong=1)


def _holds_title(entry: ListedEntry, text: str) -> bool:
    """Whether a text holds the headline, which may hold a time, too."""
    return entry.story is not None and letters(entry.story.title)[:_SHORTEST_CUT] in letters(text)


def time_fits(entry: ListedEntry, text: str, parts: str = "") -> Judged:
    """Judge a time by the known story's."""
    now = entry.page.now
    words = time_words(text, now, parts)
    time = on_day_of(entry.address.path, words, entry_time(words, now, parts), now)
    if time is None:
        return Judged(empty=1)
    if _holds_title(entry, text):
        return Judged(wrong=1)
    if not (entry.story and entry.story.published):
        return Judged()
    time, published = time.astimezone(SINGAPORE), entry.story.published.astimezone(SINGAPORE)
    if is_relative(words):
        unit = unit_of(words) or timedelta(minutes=1)
        return Judged(near=1) if abs(time - published) <= unit + _SLACK else Judged(wrong=1)
    if abs(time - published) < timedelta(minutes=1):
        return Judged(right=1) if words == text.strip() else Judged(near=1)
    is_day = time.time() == datetime.min.time() and time.date() == published.date()
    return Judged(near=1) if is_day else Judged(wrong=1)


def parts_of(entries: Sequence[ListedEntry], place: str) -> str:
    """Return what the numbers of a time stand for whose form is not known; empty if the stories leave that open."""
    samples = [
        (numbers_in(text), entry.story.published.astimezone(SINGAPORE), bool(half_of_day(text)))
        for entry in entries
        if entry.story and entry.story.published and (text := read_place(entry.box, place))
    ]
    counts = {len(numbers) for numbers, _, _ in samples}
    if len(samples) < 2 or len(counts) != 1 or not 2 < (count := counts.pop()) <= 6:
        return ""
    fitting = [
        {
            part
            for part in _PARTS
            if all(numbers[at] == _part(time, part, is_half) for numbers, time, is_half in samples)
        }
        for at in range(count)
    ]
    chosen = ["-"] * count
    while left := [at for at in range(count) if chosen[at] == "-" and len(fitting[at]) == 1]:
        chosen[left[0]] = part = fitting[left[0]].pop()
        fitting = [parts - {part} for parts in fitting]
    return "" if any(fitting) or not {"month", "day"} <= set(chosen) else " ".join(chosen)


def _part(time: datetime, part: str, is_half: bool) -> int:
    value: int = getattr(time, part)
    return (value % 12 or 12) if part == "hour" and is_half else value


def link_fits(entry: ListedEntry, text: str) -> Judged:
    """Judge a link by the story in the box."""
    found = entry.page.address(text)
    return Judged(right=1) if found and found.is_same_story(entry.address) else Judged(wrong=1)


def form_fits(entry: ListedEntry, text: str) -> Judged:
    """Judge whether a text holds the day and the minute of a known story's time, in whatever form."""
    published = entry.story.published if entry.story else None
    if published is None or len(text) > _LONGEST_TIME or _holds_title(entry, text):
        return Judged(wrong=1)
    time = published.astimezone(SINGAPORE)
    return Judged(right=1) if {time.day, time.month, time.minute} <= set(numbers_in(text)) else Judged(wrong=1)


_Fits = Callable[[ListedEntry, str], Judged]


def judge(entries: Iterable[ListedEntry], places: tuple[str, ...], fits: _Fits) -> Judged:
    """Judge what places read in all entries."""
    shown = ((entry, next(filter(None, (read_place(entry.box, place) for place in places)), "")) for entry in entries)
    judged = [fits(entry, text) if text else Judged(empty=1) for entry, text in shown]
    return Judged(*map(sum, zip(*judged, strict=True))) if judged else Judged()


def best_places(entries: Sequence[ListedEntry], fits: _Fits) -> tuple[str, ...]:
    """Return the places that read these entries best: one, and others for entries where it is empty."""
    places = Counter(place for entry in entries[:: max(1, len(entries) // 12)] for place in set(_places(entry, fits)))
    frequent = [place for place, _ in places.most_common(_MOST_PLACES)]
    judged = {place: judge(entries, (place,), fits) for place in frequent}
    ranked = sorted(judged, key=lambda place: (-judged[place].rank, judged[place].empty, _cost(place)))
    chosen: tuple[str, ...] = ()
    for place in ranked:
        if not chosen:
            if judged[place].wrong * 4 > judged[place].agree:
                break
            chosen = (place,)
        elif not judged[place].wrong and len(chosen) < 3:
            before, more = judge(entries, chosen, fits), judge(entries, (*chosen, place), fits)
            if more.rank >= before.rank + 4 and more.wrong == before.wrong:
                chosen = (*chosen, place)
    return chosen


def _cost(place: str) -> tuple[bool, bool, int]:
    return ":nth" in place, ">" in place, len(place)


def _places(entry: ListedEntry, fits: _Fits) -> Iterator[str]:
    """Yield the places of a box, and of the element behind it, where a text may be the wanted one."""
    for prefix, root in [("", entry.box)] + ([] if entry.behind is None else [("+ ", entry.behind)]):
        for element in islice(root.iter(), 200):
            if not isinstance(element.tag, str):
                continue
            texts = {"": text_of(element)} | {f" @{name}": value for name, value in element.attrib.items()}
            if len(element):
                texts[f" @{TEXT}"] = element.text or ""
            if not prefix:
                texts[f" @{TAIL}"] = element.tail or ""
            for suffix, text in texts.items():
                if text and len(text) < 500 and fits(entry, text).agree:
                    yield from (f"{prefix}{css}{suffix}" for css in _inside(element, root))


def _inside(element: HtmlElement, root: HtmlElement) -> Iterator[str]:
    yield from (css for _, css in steps(element)[:4])
    tag = tag_of(element)
    yield tag
    if element is root or (parent := element.getparent()) is None:
        return
    yield from (f"{css} > {tag}" for _, css in steps(parent)[:3])
    yield f"{tag_of(parent)} > {nth_of(element)}"
