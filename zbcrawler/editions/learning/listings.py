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
    form_fits,
    judge,
    link_fits,
    parts_of,
    time_fits,
    title_fits,
)
from zbcrawler.editions.learning.following import next_pages, pattern_of
from zbcrawler.editions.learning.listed import BARE, FEWEST, EntryBoxes, Listed, ListingPage, find_boxes, tag_of
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
    result = replace(best.result(), pages=listed, learn_more=again)
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
        self.boxes, css = boxes, (boxes.css,)
        every = {box for found in boxes.boxes for box in found}
        is_alone = not any(box.getnext() in every for box in every)
        self.entries = [
            ListedEntry(page, box, address, known(address), box.getnext() if is_alone else None)
            for page, found in zip(pages, boxes.boxes, strict=True)
            for box in found
            if (address := page.story.get(box))
        ]
        stories = [entry for entry in self.entries if entry.story]
        read = list(dict.fromkeys(entry.page for entry in stories))
        # Other pages judge than those that teach, or if all known stories are on one page, other entries.
        self.judges = [entry for entry in stories if read.index(entry.page) % 2 == 0] if read[1:] else stories[::2]
        self.teach = [entry for entry in stories if entry not in self.judges]
        link, title = best_places(self.entries, link_fits), best_places(self.teach, title_fits)
        time, parts = self._time()
        self.titles, self.taught = (judge(half, title, title_fits) for half in (self.judges, self.teach))
        self.times = judge(self.judges, time, partial(time_fits, parts=parts)) if time else Judged()
        if self.times.wrong > max(1, self.times.agree * _MOVED):
            time, parts, self.times = (), "", Judged()
        links = judge(self.entries, link, link_fits)
        is_whole = link and title and not links.wrong and not links.empty
        self.rules = ListingRules(css, link, title, time, parts) if is_whole else ListingRules()
        self.agree = self.titles.agree + self.taught.agree

    def _time(self) -> tuple[tuple[str, ...], str]:
        """Return the places of the time, and what its numbers stand for if it has an unknown form."""
        places = best_places(self.teach, time_fits)
        if not judge(self.teach, places, time_fits).right:
            # A form that gives more than a day, or than hours ago.
            for place in best_places(self.teach, form_fits)[:1]:
                parts = parts_of(self.teach, place)
                judged = judge(self.teach, (place,), partial(time_fits, parts=parts))
                if parts and judged.right and not judged.wrong:
                    return (place,), parts
        return places, ""

    @property
    def is_proved(self) -> bool:
        """Whether titles of entries that did not teach are right."""
        is_right = self.titles.agree >= 2 and self.titles.is_sound and not self.titles.empty
        return bool(self.rules.entries) and self.agree >= FEWEST_TITLES and is_right

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Higher is better."""
        score = self.boxes.score - 3 * self._disorder()
        return self.is_proved, score, self.titles.right + self.times.rank

    def _disorder(self) -> int:
        """Return how many entries are listed behind an older one of the same page."""
        read = [(one.page, self.rules.entry(one.box, one.page.now)) for one in self.entries]
        timed = [(page, entry.time) for page, entry in read if entry and entry.time]
        return sum(above is below and first < second - _LATE for (above, first), (below, second) in pairwise(timed))

    def result(self) -> LearntListing:
        """Return how far it came, without rules."""
        judged, title, time = len(self.judges), self.titles.agree, self.times.agree
        says = (
            f"listing: {len(self.entries)} entries by {self.boxes.css}, {judged + len(self.teach)} of known stories;"
            f" title {title} of {judged}, time {time} ({'proved' if self.is_proved else 'not proved'})"
        )
        proof = {"taught": self.taught.agree, "judged": judged, "title": title, "time": time}
        return LearntListing(says, proof=proof, unread=[entry.address for entry in self.entries if not entry.story])


def _landmarks(boxes: EntryBoxes, pages: Sequence[Listed], story_pages: Sequence[Page]) -> list[str]:
    """Return the entries' selector, and one that stands on all listings and on no story page; without it, none."""
    box = next(filter(None, boxes.boxes))[0]
    near = [css for above in box.iterancestors() for _, css in steps(above)]
    # The last page has no link to a next one.
    elements = [one for one in pages[0].elements if isinstance(one.tag, str) and one.tag not in _LINKS]
    far = [css for element in elements for _, css in steps(element)]
    far += [f"{tag_of(one)}[{name}]" for one in elements for name in one.attrib if name.isascii() and name.isalpha()]
    named = (css for css in dict.fromkeys([*near, *far]) if not BARE.fullmatch(css) and css != boxes.css)
    tried = [css for css in named if pages[0].section not in css]
    for css in tried[:_MOST_LANDMARKS]:
        if all(page.page.all(css) for page in pages) and not any(page.all(css) for page in story_pages):
            return [boxes.css, css]
    return [] if any(page.all(boxes.css) for page in story_pages) else [boxes.css]
