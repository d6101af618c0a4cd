"""Learn how an unknown edition lists stories, and prove it on the stories that the archive knows.

First find the boxes of a section's own entries, apart from sidebars and hot lists. Without an archive of these days,
titles are known only from the stories' pages: the caller reads some of the ``unread`` ones, and calls again. Then it
asks for the ``next_pages()`` one by one, and gives each answer to ``goes_on``, until that returns True.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import islice, pairwise
from operator import attrgetter
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.editions.expanded import ExpandedPage
from zbcrawler.editions.learning.evidence import Example
from zbcrawler.editions.learning.fields import find_time, find_title, reads_time, reads_title
from zbcrawler.editions.learning.selectors import places_of, selectors_of
from zbcrawler.editions.learning.stories import Learnt
from zbcrawler.editions.learnt import EntryBox, following, link_in, read_listing, story_in
from zbcrawler.editions.page import Page
from zbcrawler.items import Story

Known = Callable[[StoryAddress], Story | None]

_FEWEST_TITLES = 5  # that must agree
_EDITED = 0.2  # of the titles may have been edited since (site-layouts 10)
_MOVED = 0.1  # of the times may be wrong: stories are moved
_MOST_LANDMARKS = 100  # that are tried
# Find how an unknown listing goes on.
_MOST_WAYS = 6  # that may lead to the next page
_NAMES = re.compile(r"next|more|older|load|api|feed|page|下一?[页頁]|更多|[后後]一?[页頁]|加载|[›»>→]", re.IGNORECASE)
_COUNTED = re.compile(r"([\w-]{1,30})=([0-2])")
_NUMBER = re.compile(r"(?<=[=/])\d{1,4}$")
_ADDRESS = re.compile(r"(?:https?://|/|\?)[^\s<>\"']{1,300}")
_age = attrgetter("age_order")
# Entries on a page, at least and at most.
_FEWEST, _MOST = 3, 300
_SAMPLE = 200  # boxes of a page
_DEEPEST = 100  # levels above a box: the time of a search may grow with them
# Searches of all pages take seconds: of one with so many elements, a tenth of a second.
_MOST_SEARCHES, _FEWEST_SEARCHES, _SEARCHED = 200, 20, 2_000_000


@dataclass(eq=False)
class ListingPage:
    """A page of a section, and the stories to which its elements link."""

    page: ExpandedPage
    section: str  # the section's name, such as ``china``
    fetched: datetime  # aware
    hosts: frozenset[str] = frozenset()  # further hosts that stand for the site

    def is_own(self, story: StoryAddress) -> bool | None:
        """Whether an address names the section; None if it names no section."""
        parts = story.section.split("/")
        return self.section in parts if len(parts) > 1 else None

    @cached_property
    def held(self) -> dict[HtmlElement, dict[str, StoryAddress]]:
        """The stories in each element, by number; of several, two."""
        held: dict[HtmlElement, dict[str, StoryAddress]] = {}
        for element in self.page.tree.iter("*"):
            link = link_in(element)
            story = story_in(link)
            if story and StoryAddress.parse(urljoin(self.page.address, link), self.hosts):
                for above in (element, *element.iterancestors()):
                    stories = held.setdefault(above, {})
                    if story.number in stories or len(stories) > 1:
                        break
                    stories[story.number] = story
        return held

    @cached_property
    def boxes(self) -> list[HtmlElement]:
        """The largest elements that link to one story each."""
        alone = (element for element, stories in self.held.items() if len(stories) == 1)
        return [one for one in alone if len(self.held.get(one.getparent(), ())) > 1]

    @property
    def sample(self) -> list[HtmlElement]:
        """Some of the boxes; none of a page with boxes as deep as no site's, whose searches would take minutes."""
        some = self.boxes[:: len(self.boxes) // _SAMPLE + 1]
        return [] if any(next(islice(one.iterancestors(), _DEEPEST, None), None) is not None for one in some) else some

    def stories_in(self, boxes: Sequence[HtmlElement]) -> list[StoryAddress]:
        """Return the stories of boxes that hold one each; none if the boxes are no entries."""
        held = [self.held[box] for box in boxes if box in self.held]
        stories = {number: story for one in held if len(one) == 1 for number, story in one.items()}
        several = sum(len(one) > 1 for one in held)
        is_list = len(boxes) <= _MOST and 2 * len(stories) >= len(boxes) and 10 * several <= len(held)
        return list(stories.values()) if is_list and 4 * len(held) <= 5 * (len(stories) + several) else []


def entries_of(pages: Sequence[ListingPage]) -> list[str]:
    """Return selectors of the entries, none if no page is a section's list; a section may have a form of its own."""
    chosen: list[str] = []
    while pages and (css := _best_selector(pages)):
        chosen.append(css)
        pages = [page for page in pages if not page.page.all(css)]
    return chosen


def _best_selector(pages: Sequence[ListingPage]) -> str:
    """Return the selector that finds most of the sections' own stories and little else; empty if there is none."""
    boxes = [box for page in pages for box in page.sample]
    names = places_of(([(box, "")] for box in boxes), _FEWEST)
    # Boxes without names are told by their list, if need be by its position.
    above = places_of(([(box.getparent(), "")] for box in boxes), _FEWEST)
    names += [f"{css} > {tag}" for css in above for tag in sorted({str(box.tag) for box in boxes})]
    # With the section's name in it, a selector would find nothing on other sections' pages.
    sections = {page.section for page in pages}
    wanted = [css for css in names if not any(name in css for name in sections)]
    size = sum(1 for page in pages for _ in page.page.tree.iter("*"))
    searches = max(_FEWEST_SEARCHES, min(_MOST_SEARCHES, _SEARCHED // (1 + size)))
    scores = {css: _score(css, pages) for css in wanted[:searches]}
    best = max(scores, key=lambda css: scores[css], default="")
    return best if best and scores[best] > 0 else ""


def _score(css: str, pages: Sequence[ListingPage]) -> int:
    """Return how many of the sections' own stories a selector finds, less what speaks against it."""
    listed = [(page, page.stories_in(page.page.all(css))) for page in pages]
    times = Counter(number for _, number in {(page.section, one.number) for page, stories in listed for one in stories})
    score = 0
    for page, stories in listed:
        foreign = sum(page.is_own(one) is False for one in stories)
        shared = sum(times[one.number] > 1 for one in stories)
        # Hot lists are not in the order of days.
        disorder = sum(first.day < second.day for first, second in pairwise(stories))
        if page.page.all(css) and (len(stories) < _FEWEST or disorder > len(stories) / 4):
            return 0
        score += len(stories) - 3 * foreign - 2 * shared - 4 * disorder
    return score


@dataclass
class LearntListing(Learnt):
    unread: list[StoryAddress] = field(default_factory=list)  # listed stories whose titles would prove more
    pages: Sequence[ListingPage] = ()

    def next_pages(self) -> list[str]:
        """Return addresses that may be the next page of the first listing, the likeliest first."""
        return list(ways_on(self.pages[0])) if self.declaration else []

    def goes_on(self, address: str, answer: ExpandedPage) -> bool:
        """Whether the answer of one of ``next_pages`` is the next page; if so, the declaration leads there now."""
        first, declared = self.pages[0], self.declaration or {}
        here, there = (
            {story for one in read_listing(declared, page, first.fetched).entries if (story := story_in(one.link))}
            for page in (first.page, answer)
        )
        old, new = sorted(here, key=_age), sorted(there - here, key=_age)
        own = [first.is_own(story) for story in new]
        if not old or len(new) < max(_FEWEST, len(there) / 2) or own.count(False) > len(own) / 2:
            return False
        if _age(new[len(new) // 2]) >= _age(old[len(old) // 2]):
            return False
        for way in ways_on(first)[address]:
            onward = following(way, answer)
            # The second page may be the last, or the place of its link to the first page.
            is_new = onward not in {first.page.address, address, answer.address}
            if is_new and (not onward or number_of(onward) > number_of(address) or not number_of(address)):
                self.declaration = declared | way
                if onward:
                    break
        return "next" in (self.declaration or {})


def learn_listing(pages: Sequence[ListingPage], known: Known, story_pages: Sequence[Page] = ()) -> LearntListing:
    """Learn from pages of one or several sections.

    :param known: what the archive, or the story's own page, knows of a story; its title and its time are used
    :param story_pages: known pages of stories, so that landmarks tell these from listings
    """
    entries = entries_of(pages)
    examples: list[Example] = []
    unread: list[StoryAddress] = []
    for page in pages if entries else ():
        for box in page.page.all(", ".join(entries)):
            for address in page.held.get(box, {}).values() if len(page.held.get(box, ())) == 1 else ():
                if story := known(address):
                    examples.append(Example(story, EntryBox(deepcopy(box), page.fetched), []))
                else:
                    unread.append(address)
    listed = f"{len(examples) + len(unread)} entries by {', '.join(entries) or 'no selector'}"
    title = find_title(examples[::2])
    right = [sum(reads_title(title, one) is True for one in half) for half in (examples[::2], examples[1::2])]
    judged = len(examples) // 2
    proof = {"taught": len(examples) - judged, "judged": judged, "title": right[1]}
    says = f"{listed}, {len(examples)} of known stories; title {right[1]} of {judged}"
    is_proved = sum(right) >= _FEWEST_TITLES and right[1] > 1 and judged - right[1] <= max(1, judged * _EDITED)
    read = [page for page in pages if any(map(page.page.all, entries))]
    landmarks = _landmarks(entries, read, story_pages) if is_proved else []
    if not landmarks:
        why = "nothing tells its pages from those of stories" if is_proved else "not proved"
        return LearntListing(None, f"{says} ({why})", proof, unread, read)
    declared: dict[str, Any] = {"landmarks": landmarks, "entries": entries, "title": title}
    if time := _find_time(examples):
        declared["time"] = time
    return LearntListing(declared, f"{says} (proved)", proof, unread, read)


def _find_time(examples: Sequence[Example]) -> list[dict[str, str]]:
    """Return the places of the time, those that are exact if there are such; none if too many are wrong."""
    exact = [Example(one.story, EntryBox(one.page.tree), []) for one in examples]
    for shown in (exact, examples):
        time = find_time(shown)
        wrong = sum(reads_time(time, one) is False for one in shown)
        if time and wrong <= max(1, len(shown) * _MOVED):
            return time
    return []


def _landmarks(entries: list[str], pages: Sequence[ListingPage], story_pages: Sequence[Page]) -> list[str]:
    """Return the entries' selectors, and one more that stands on no story page; neither, if both stand there."""
    boxes, section = ", ".join(entries), pages[0].section
    box = pages[0].page.all(boxes)[0]
    near = (css for one in (*box.iterancestors(), *box.iter()) for css in selectors_of(one)[:5] if section not in css)
    for css in (*islice(dict.fromkeys(near), _MOST_LANDMARKS), boxes):
        if all(page.page.all(css) for page in pages) and not any(page.all(css) for page in story_pages):
            return list(dict.fromkeys((boxes, css)))
    return []


def number_of(address: str) -> int:
    """Return the number of a page, or of its first entry, at the end of an address; 0 if there is none."""
    return int(found[0]) if (found := _NUMBER.search(address)) else 0


def ways_on(listing: ListingPage) -> dict[str, list[dict[str, Any]]]:
    """Return the addresses that may be the next page, the likeliest first, each with declarations of ``next``."""
    page = listing.page
    usual = [(3, urljoin(page.address, f"?page={number}"), None, "") for number in (1, 2)]
    ways: dict[str, list[dict[str, Any]]] = {}
    for _, address, element, attribute in sorted([*_links(page, listing.section), *usual], key=lambda link: link[0]):
        if address in ways or len(ways) == _MOST_WAYS:
            continue
        names = selectors_of(element) if element is not None else []
        css = next((css for css in names if page.first(css) is element), "")
        ways[address] = [{"next": f"{css} @{attribute}" if attribute else css}] if css else []
        here, there = urlsplit(page.address), urlsplit(address)
        # A larger number counts entries.
        if there.path == here.path and (found := _COUNTED.fullmatch(there.query)):
            ways[address].append({"next": f"?{found[1]}=N", "first": int(found[2])})
    return ways


def _links(page: Page, section: str) -> Iterator[tuple[int, str, HtmlElement | None, str]]:
    """Yield how unlikely it is that an address is the next page's, the address, its element and attribute."""
    here = urlsplit(page.address)
    for element in page.tree.iter("*"):
        text = element.text or ""
        for name, value in [*element.items(), ("", "" if len(element) else text)]:
            try:
                address = urljoin(page.address, value) if _ADDRESS.fullmatch(value) else page.address
                there = urlsplit(address)
            except ValueError:
                continue
            if there[:2] != here[:2] or address == page.address or story_in(value):
                continue
            is_next = element.get("rel") == "next"
            words = (name, *(element.get(one) or "" for one in ("key", "class", "id")), text[:20])
            is_named = bool(_NAMES.search(" ".join(words)))
            is_below = there.path.startswith(here.path.rstrip("/") + "/") or (there.path == here.path and there.query)
            is_own = is_named and section in f"{there.path}?{there.query}"
            if is_next or ((is_below or is_own) and (is_named or number_of(address))):
                yield 3 - 3 * is_next - is_named - bool(number_of(address)), address, element, name
