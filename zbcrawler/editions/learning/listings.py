"""Learn how an unknown edition lists stories, and prove it.

The caller

1. fetches the listings of one or several sections (two pages of a section if it can), once each;
2. calls :func:`learn_listing` with them and with what is known of stories: ``known`` looks up the archive;
3. if the result is not proved and names ``unread`` stories: reads some of them from their own pages, makes ``known``
   find them too, and calls again. Without an archive of these days that is the only way to know titles;
4. if it is proved: asks for the addresses of ``next_pages()`` (six at most) one by one, and gives each answer to
   ``goes_on``, until that returns True. A listing without a next page is read as one that is cut after its first;
5. writes ``declaration`` as the ``listing`` part of a learnt edition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache, partial
from itertools import pairwise
from typing import Any

from lxml.html import HtmlElement

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.editions.learning.entry_places import (
    Judged,
    ListedEntry,
    best_places,
    has_address,
    is_link,
    is_text,
    is_time,
    judge,
    may_be_time,
    parts_of,
    time_fits,
    title_fits,
)
from zbcrawler.editions.learning.following import next_pages, pattern_of
from zbcrawler.editions.learning.listed import BARE, FEWEST, EntryBoxes, Listed, ListingPage, find_boxes
from zbcrawler.editions.learning.selectors import steps
from zbcrawler.editions.learnt_listing import ListingRules
from zbcrawler.editions.page import Page
from zbcrawler.items import Story

Known = Callable[[StoryAddress], Story | None]

# Known titles that must agree.
FEWEST_TITLES = 5
# Of times, that may be wrong: stories are moved.
_MOVED = 0.1
# How much later an entry may be than the one above it, besides rounded times.
_LATE = timedelta(hours=2)
_LINKS = frozenset(("a", "link", "meta", "button"))
_MOST_LANDMARKS = 100  # that are tried


@dataclass
class LearntListing:
    """What was learnt of an edition's listings."""

    says: str  # one line for the summary: what was learnt, or how far it came
    rules: ListingRules = field(default_factory=ListingRules)  # without entries if nothing is proved
    landmarks: list[str] = field(default_factory=list)
    proof: dict[str, int] = field(default_factory=dict)
    unread: list[StoryAddress] = field(default_factory=list)  # listed stories whose titles would prove more
    pages: Sequence[Listed] = ()
    learn_more: Callable[[Sequence[ListingPage]], LearntListing] | None = None

    @property
    def declaration(self) -> dict[str, Any] | None:
        """The ``listing`` part of a learnt edition, None if nothing is proved."""
        return {"landmarks": self.landmarks} | self.rules.written() if self.rules.entries else None

    def add(self, other: LearntListing) -> bool:
        """Add what was learnt of pages with another form, if the rules of both read all pages as each does alone."""
        for first, second in ((self, other), (other, self)):
            both = first.rules.with_more(second.rules)
            if other.rules.entries and all(
                both.read(page.page, page.now).entries == one.rules.read(page.page, page.now).entries
                for one in (self, other)
                for page in one.pages
                if one.rules.boxes(page.page)
            ):
                self.rules, self.says = both, f"{self.says}; {other.says}"
                # A page has one form or the other.
                self.landmarks = list(map("{}, {}".format, self.landmarks, other.landmarks))
                self.proof = {name: count + other.proof[name] for name, count in self.proof.items()}
                return True
        return False

    def next_pages(self) -> list[str]:
        """Return addresses that may be the next page of the first listing, the likeliest first."""
        return [way.address for way in next_pages(self.pages[0])] if self.rules.entries else []

    def goes_on(self, address: str, answer: Page) -> bool:
        """Whether the answer of one of ``next_pages`` is the next page; if so, the rules lead there from now on."""
        first = self.pages[0]
        way = next(way for way in next_pages(first) if way.address == address)
        here = self._stories(first.page)
        if not (there := self._stories(answer)) and self.learn_more:
            more = self.learn_more([ListingPage(answer, first.section, first.now)])
            if not self.add(more) or not (there := self._stories(answer)):
                return False
        new = sorted(there - here, key=lambda story: story.age_order)
        old = sorted(here, key=lambda story: story.age_order)
        own = [first.is_own(story) for story in new]
        if len(new) < max(FEWEST, len(there) / 2) or own.count(False) > len(own) / 2:
            return False
        if new[len(new) // 2].age_order >= old[len(old) // 2].age_order:
            return False
        seen = {first.page.address, address, answer.address}
        by_place = replace(self.rules, next=(way.place,)) if way.place else self.rules
        onward = by_place.following(answer)
        # The link to page 2 may be that to page 1 on the second page.
        onward_number = pattern_of(first, onward)[1] if onward else 0
        is_vague = bool(BARE.fullmatch(way.place.partition(" ")[0]))
        if onward and onward not in seen and (not way.pattern or (onward_number > way.first and not is_vague)):
            self.rules = by_place
        elif way.pattern:
            # A first number above 2 counts entries.
            step = way.first if way.first > 2 else 1
            self.rules = replace(self.rules, next=(way.pattern,), first=way.first, step=step)
        elif way.place and onward is None:
            # Its last page, or data with another way on.
            further = next_pages(Listed(ListingPage(answer, first.section, first.now), first.hosts))
            patterns = [one for one in further if one.pattern and one.first > 1][:1]
            self.rules = replace(by_place, next=(way.place, *(one.pattern for one in patterns)))
        self.landmarks = [css for css in self.landmarks if answer.all(css)]
        return bool(self.rules.next)

    def _stories(self, page: Page) -> set[StoryAddress]:
        first = self.pages[0]
        return {story for one in self.rules.read(page, first.now).entries if (story := first.address(one.link))}


def learn_listing(
    pages: Sequence[ListingPage], known: Known, hosts: frozenset[str] = frozenset(), story_pages: Sequence[Page] = ()
) -> LearntListing:
    """Learn from pages of one or several sections.

    :param known: what the archive, or the story's own page, knows of a story; its title and its time are used
    :param hosts: further hosts that stand for the site
    :param story_pages: known pages of stories, so that landmarks tell these from listings
    """
    listed = [Listed(page, hosts) for page in pages]
    stories = sum(len(page.boxes()) for page in listed)
    candidates = find_boxes(listed) if stories else []
    if not candidates:
        return LearntListing(
            f"listing: {stories} links to stories on {len(pages)} pages, and no list of the section's own"
        )
    known_once = cache(known)

    tried = [_Attempt(boxes, listed, known_once) for boxes in _different(candidates)]
    best = max(tried, key=lambda attempt: attempt.rank)
    again = partial(learn_listing, known=known_once, hosts=hosts, story_pages=story_pages)
    result = LearntListing(best.says, proof=best.proof, unread=best.unread, pages=listed, learn_more=again)
    if best.is_proved:
        read = [page for page, boxes in zip(listed, best.boxes.boxes, strict=True) if boxes]
        result.landmarks = _landmarks(best.boxes, read, story_pages)
        if not result.landmarks:
            result.says += ", but nothing tells its pages from those of stories"
            return result
        result.rules = best.rules
        # A section may list in a form of its own.
        others = [page for page, boxes in zip(pages, best.boxes.boxes, strict=True) if not boxes]
        if others:
            result.add(again(others))
    return result


def _different(candidates: list[EntryBoxes], most: int = 8) -> Iterator[EntryBoxes]:
    """Yield the best selector of each set of boxes."""
    seen: set[frozenset[HtmlElement]] = set()
    for one in candidates:
        boxes = frozenset(box for found in one.boxes for box in found)
        if boxes not in seen and len(seen) < most:
            seen.add(boxes)
            yield one


class _Attempt:
    """One selector of entries: its places are learnt from half of the entries and judged on the others."""

    def __init__(self, boxes: EntryBoxes, pages: Sequence[Listed], known: Known) -> None:
        self.boxes = boxes
        entries = [
            ListedEntry(page, box, address, known(address))
            for page, found in zip(pages, boxes.boxes, strict=True)
            for box in found
            if (address := page.story.get(box))
        ]
        self.entries = entries
        read = [page for page, found in zip(pages, boxes.boxes, strict=True) if found]
        halves: tuple[list[ListedEntry], list[ListedEntry]] = ([], [])
        for place, entry in enumerate(entries):
            halves[(read.index(entry.page) if len(read) > 1 else place) % 2].append(entry)
        # The half with more known stories judges.
        teach, judges = sorted(halves, key=lambda one: sum(entry.story is not None for entry in one))
        if not any(entry.story for entry in teach):  # all known stories are on one page
            known_ones = [entry for entry in judges if entry.story]
            teach, judges = known_ones[::2], known_ones[1::2]
        self.teach, self.judges = teach, judges
        link = best_places(self.teach or entries, is_link, has_address)
        title = best_places([entry for entry in self.teach if entry.story], is_text, title_fits)
        time, parts = self._time()
        self.rules = ListingRules((boxes.css,), link, title, time, parts) if link and title else ListingRules()
        self.titles = judge(self.judges, title, title_fits) if title else Judged()
        self.taught = judge(self.teach, title, title_fits) if title else Judged()
        links = judge(entries, link, has_address) if link else Judged()
        self.links = links
        if self.rules.entries and time:
            times = judge(self.judges, time, partial(time_fits, parts=parts))
            self.times = times
            if times.wrong > max(1, times.agree * _MOVED):
                self.rules = ListingRules((boxes.css,), link, title)
        else:
            self.times = Judged()

    def _time(self) -> tuple[tuple[str, ...], str]:
        """Return the places of the time, and what its numbers stand for if it has an unknown form."""
        places = best_places(self.teach, is_time, time_fits)
        if judge(self.teach, places, time_fits).right:
            return places, ""
        # A form that gives more than a day, or than hours ago.
        others = best_places(self.teach, may_be_time, lambda entry, text: Judged(right=may_be_time(entry, text)))
        for place in others[:1]:
            parts = parts_of(self.teach, place)
            judged = judge(self.teach, (place,), partial(time_fits, parts=parts))
            if parts and judged.right and not judged.wrong:
                return (place,), parts
        return places, ""

    @property
    def agree(self) -> int:
        """The number of known titles that agree."""
        return self.titles.agree + self.taught.agree

    @property
    def is_proved(self) -> bool:
        """Whether titles and links of entries that did not teach are right."""
        titles, links = self.titles, self.links
        return (
            bool(self.rules.entries)
            and self.agree >= FEWEST_TITLES
            and titles.agree >= 2
            and titles.is_sound
            and not titles.empty
            and links.wrong + links.empty == 0
        )

    @property
    def rank(self) -> tuple[bool, int, int]:
        times = self.times if self.rules.time else Judged()
        return self.is_proved, self.boxes.score + self.agree - 3 * self._disorder(), self.titles.right + times.rank

    def _disorder(self) -> int:
        """Return how many entries are listed behind an older one of the same page."""
        read = [(one.page, self.rules.entry(one.box, one.page.now)) for one in self.entries]
        timed = [(page, entry.time) for page, entry in read if entry and entry.time]
        return sum(above is below and first < second - _LATE for (above, first), (below, second) in pairwise(timed))

    @property
    def proof(self) -> dict[str, int]:
        """The counts for the file of a learnt edition."""
        return {
            "taught": self.taught.agree,
            "judged": sum(entry.story is not None for entry in self.judges),
            "title": self.titles.agree,
            "time": self.times.agree,
        }

    @property
    def unread(self) -> list[StoryAddress]:
        """Listed stories that are not known, from all pages in turn."""
        return [entry.address for entry in self.entries if not entry.story]

    @property
    def says(self) -> str:
        known = sum(entry.story is not None for entry in self.entries)
        judged = self.titles.agree
        return (
            f"listing: {len(self.entries)} entries by {self.boxes.css}, {known} of known stories;"
            f" title {judged} of {self.proof['judged']}, time {self.proof['time']}"
            f" ({'proved' if self.is_proved else 'not proved'})"
        )


def _landmarks(boxes: EntryBoxes, pages: Sequence[Listed], story_pages: Sequence[Page]) -> list[str]:
    """Return the entries' selector, and one that stands on all listings and on no story page; without it, none."""
    box = next(filter(None, boxes.boxes))[0]
    near = [css for above in box.iterancestors() for _, css in steps(above)]
    # The last page has no link to a next one.
    elements = [one for one in pages[0].elements if isinstance(one.tag, str) and one.tag not in _LINKS]
    far = [css for element in elements for _, css in steps(element)]
    far += [f"{element.tag}[{name}]" for element in elements for name in element.attrib if name.isalpha()]
    named = (css for css in dict.fromkeys([*near, *far]) if not BARE.fullmatch(css) and css != boxes.css)
    tried = [css for css in named if pages[0].section not in css]
    for css in tried[:_MOST_LANDMARKS]:
        if all(map(css_on(css), (page.page for page in pages))) and not any(map(css_on(css), story_pages)):
            return [boxes.css, css]
    return [boxes.css] if not any(map(css_on(boxes.css), story_pages)) else []


def css_on(css: str) -> Callable[[Page], bool]:
    """Return the test whether a selector finds anything on a page."""
    return lambda page: bool(page.all(css))
