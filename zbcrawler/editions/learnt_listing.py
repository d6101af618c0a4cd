"""Read a listing by rules that are data: the ``listing`` part of a learnt edition.

A place inside an entry's box is ``CSS`` or ``CSS @ATTRIBUTE``; the box itself counts too. ``+ CSS`` looks in the
element behind the box. ``@text()`` is the text before an element's first child, ``@tail()`` that behind the element.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.text import one_line
from zbcrawler.common.times import (
    SINGAPORE,
    epoch_time,
    half_of_day,
    is_relative,
    listing_time,
    numbers_in,
    time_of_parts,
)
from zbcrawler.editions.edition import Listing, ListingEntry, following_number
from zbcrawler.editions.page import Page, first_of, text_of

TEXT, TAIL = "text()", "tail()"
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
# A time among other words, such as "中国 · 3小时前". A text with more characters is no time.
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d\S*|(?:\d{4}年)?\d{1,2}月\d{1,2}日|刚刚|\d{1,9}\s*(?:秒|分[钟鐘]|小[时時]|天)前"
    r"|(?<!\d)\d{1,2}/\d{1,2}/\d{4}|(?<![\d-])\d{1,2}-\d{1,2}(?![\d-])|(?<![\d:])\d{1,2}:\d\d(?![\d:])"
)
_CLOCK = re.compile(r"\d{1,2}:\d\d")
_LONGEST = 60
# The number of a page, in a query or at the end of a path.
_NUMBERED_PATH = re.compile(r"/page/(\d{1,6})/?$")
_PATTERN = re.compile(r"\?(?P<name>[\w-]+)=N|(?P<path>/page/)N")
_PLACES = ("entries", "link", "title", "time", "next")


def read_place(box: HtmlElement, place: str) -> str:
    """Return the text, as one line, that stands at a place of a box; empty if there is none."""
    css, _, attribute = place.rpartition("@") if "@" in place else (place, "", "")
    css, root = css.strip(), box
    if css.startswith("+"):
        if (root := box.getnext()) is None:
            return ""
        css = css[1:].strip()
    found = first_of(root, css) if css else root
    if found is None or not attribute:
        return text_of(found)
    value = found.text if attribute == TEXT else found.tail if attribute == TAIL else found.get(attribute)
    return one_line(value or "")


def time_words(text: str, now: datetime, parts: str = "") -> str:
    """Return the part of a text beside an entry that is a time; empty if no part is."""
    if len(text) > _LONGEST:
        return ""
    if entry_time(text, now, parts):
        return text
    found = _TIME.search(text)
    rest = text.replace(found[0], " ", 1) if found else ""
    return found[0] if found and listing_time(found[0], now) and not numbers_in(rest) and not half_of_day(rest) else ""


def entry_time(words: str, now: datetime, parts: str = "") -> datetime | None:
    """Return the (aware) time that these words mean on a page fetched at ``now``.

    :param parts: what the numbers of a time stand for that has another form, such as ``day month year hour minute``
    """
    if _EPOCH.fullmatch(words):
        return epoch_time(words)
    return (time_of_parts(words, parts.split(), now) if parts else None) or listing_time(words, now)


def on_day_of(link: str, words: str, time: datetime | None, now: datetime) -> datetime | None:
    """Return a time on the day of the story's address, if its words are a time of day alone."""
    if time and _CLOCK.fullmatch(words) and (address := StoryAddress.parse(urlsplit(link).path)):
        moment = datetime.combine(address.day, time.astimezone(SINGAPORE).time(), SINGAPORE)
        return moment if moment <= now else time
    return time


@dataclass(frozen=True)
class ListingRules:
    """How an edition lists. Places stand best first; the first that has a value wins."""

    entries: tuple[str, ...] = ()  # selectors of the boxes, one per entry
    link: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    time: tuple[str, ...] = ()
    parts: str = ""  # what the numbers of a time stand for, if it has a form that is not known
    # Places of the page's tree, or patterns with N for the page's number: ``?page=N``, ``/page/N``.
    next: tuple[str, ...] = ()
    first: int = 1  # the number of the page behind one without a number
    step: int = 1  # from one page's number to the next; more than 1 if entries are counted

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> ListingRules:
        """Return the rules of the ``listing`` part of a learnt edition; a single place may stand without a list."""
        places = {name: (one,) if isinstance(one := written.get(name, ()), str) else tuple(one) for name in _PLACES}
        return cls(
            **places,
            first=int(written.get("first", 1)),
            step=int(written.get("step", 1)),
            parts=str(written.get("parts", "")),
        )

    def written(self) -> dict[str, Any]:
        """Return the rules as they are written into the file of a learnt edition."""
        places: dict[str, Any] = {name: list(found) for name in _PLACES if (found := getattr(self, name))}
        places |= {"parts": self.parts} if self.parts else {}
        return places | ({"first": self.first, "step": self.step} if any(map(_PATTERN.fullmatch, self.next)) else {})

    def boxes(self, page: Page) -> list[HtmlElement]:
        """Return the boxes of a page's entries."""
        return [box for css in self.entries for box in page.all(css)]

    def read(self, page: Page, now: datetime) -> Listing:
        """Return a page's entries; none, if it is no listing.

        :param now: when the page was fetched (aware)
        """
        read = (self.entry(box, now) for box in self.boxes(page))
        entries = list(dict.fromkeys(entry for entry in read if entry))
        return Listing(entries, self.following(page) if entries else None, is_all=bool(self.next))

    def entry(self, box: HtmlElement, now: datetime) -> ListingEntry | None:
        """Return the entry of a box; None without a link."""
        link = _first(box, self.link)
        if not link:
            return None
        shown = (time_words(read_place(box, place), now, self.parts) for place in self.time)
        words = next(filter(None, shown), "")
        if self.time and not words and _holds_several(box):
            return None
        time = on_day_of(link, words, entry_time(words, now, self.parts), now)
        return ListingEntry(link, _first(box, self.title), time, exact=not is_relative(words))

    def following(self, page: Page) -> str | None:
        """Return the absolute address of the page behind this one, None if there is none on the same host."""
        for place in self.next:
            with suppress(ValueError):
                found = _PATTERN.fullmatch(place)
                address = self._numbered(page, found) if found else urljoin(page.address, read_place(page.tree, place))
                if address != page.address and urlsplit(address)[:2] == urlsplit(page.address)[:2]:
                    return address
        return None

    def _numbered(self, page: Page, pattern: re.Match[str]) -> str:
        parts = urlsplit(page.address)
        if name := pattern["name"]:
            number = following_number(page, name, self.first - self.step + 1) - 1 + self.step
            return parts._replace(query=f"{name}={number}").geturl()
        before = _NUMBERED_PATH.search(parts.path)
        path = _NUMBERED_PATH.sub("", parts.path).rstrip("/")
        return parts._replace(path=f"{path}{pattern['path']}{int(before[1]) + 1 if before else self.first}").geturl()

    def with_more(self, other: ListingRules) -> ListingRules:
        """Return the rules that read what either reads."""
        both = {name: tuple(dict.fromkeys(getattr(self, name) + getattr(other, name))) for name in _PLACES}
        return ListingRules(
            **both, first=max(self.first, other.first), step=max(self.step, other.step), parts=self.parts or other.parts
        )


def _holds_several(box: HtmlElement) -> bool:
    """Whether a box is no entry but holds a list of its own, of hot stories for example."""
    links = {
        value.partition("?")[0] for element in box.iter() for value in (*element.attrib.values(), element.text or "")
    }
    return len({address.number for link in links if (address := StoryAddress.parse(link))}) > 1


def _first(box: HtmlElement, places: tuple[str, ...]) -> str:
    return next(filter(None, (read_place(box, place) for place in places)), "")
