"""Read a listing by the ``listing`` part of a learnt edition.

``entries`` selects boxes with one story each. The places of ``title`` and ``time`` are inside a box, as those of a
story are on its page. ``next`` is the place of the next page's address, or ``?page=N``: then ``first`` is the number
of the page behind one without a number.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.times import SINGAPORE, is_relative
from zbcrawler.editions.edition import Listing, ListingEntry, following_number, headline
from zbcrawler.editions.expanded import ExpandedPage
from zbcrawler.editions.field_sources import find, shown, time_source

_COUNTED = re.compile(r"\?([\w-]+)=N")
_LONGEST_LINK = 500


class EntryBox(ExpandedPage):
    """An entry of a listing, read as a page is."""

    def __init__(self, box: HtmlElement, now: datetime | None = None) -> None:
        """Take an element of a listing; ``now`` (aware): when the listing was fetched."""
        super().__init__("", "")
        self.tree, self.now = box, now


def story_in(link: str) -> StoryAddress | None:
    """Return the address of a story's link, on any host; None for other texts."""
    with suppress(ValueError):
        return StoryAddress.parse(urlsplit(link.strip()).path) if "/story20" in link[:_LONGEST_LINK] else None
    return None


def link_in(element: HtmlElement) -> str:
    """Return the link to a story in an element's own attributes or text; empty if there is none."""
    if element.tag in {"link", "meta"} or not isinstance(element.tag, str):
        return ""
    return next(filter(story_in, (*element.attrib.values(), element.text or "")), "")


def read_listing(declared: Mapping[str, Any], page: ExpandedPage, now: datetime) -> Listing:
    """Return the entries of a page that was fetched at ``now`` (aware); none, if it is no listing."""
    read = (_entry(declared, box, now) for css in declared["entries"] for box in page.all(css))
    entries = list(dict.fromkeys(filter(None, read)))
    return Listing(entries, following(declared, page) if entries else None, is_all="next" in declared)


def _entry(declared: Mapping[str, Any], box: HtmlElement, now: datetime) -> ListingEntry | None:
    links = [link for element in box.iter() if (link := link_in(element))]
    stories = {story.number: story for story in map(story_in, links) if story}
    if len(stories) != 1:  # a box with a list of its own, of hot stories for example
        return None
    (story,), entry = stories.values(), EntryBox(box, now)
    title = find(entry, tuple(map(shown, declared["title"]))).value
    time, place = find(entry, tuple(map(time_source, declared.get("time", ()))))
    exact = not (time and is_relative(shown(place).read(entry)))
    if exact and time and time.astimezone(SINGAPORE).date() != story.day:  # the hour of an earlier day
        time = None
    return ListingEntry(links[0], headline(title), time, exact)


def following(declared: Mapping[str, Any], page: ExpandedPage) -> str | None:
    """Return the absolute address of the page behind this one, None if there is none on the same host."""
    place, here = declared.get("next", ""), urlsplit(page.address)
    if counted := _COUNTED.fullmatch(place):
        number = following_number(page, counted[1], declared.get("first", 1))
        return here._replace(query=f"{counted[1]}={number}").geturl()
    with suppress(ValueError):
        address = urljoin(page.address, shown(place).read(page)) if place else page.address
        return address if address != page.address and urlsplit(address)[:2] == here[:2] else None
    return None
