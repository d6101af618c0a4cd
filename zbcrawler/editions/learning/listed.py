"""Find the boxes of a section's own entries on unknown listing pages, apart from sidebars and hot lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, pairwise
from typing import NamedTuple
from urllib.parse import urljoin

from lxml.html import HtmlElement

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.markup import MOST_TAGS
from zbcrawler.editions.learning.selectors import steps
from zbcrawler.editions.page import Page

# Entries on a page, at least and at most.
FEWEST, MOST = 3, 300
# A search of the largest page takes up to a tenth of a second, so that all searches take seconds.
_SEARCHES = 400
_ABOVE = 8  # how far above an entry its list is searched
# How fragile a selector is, besides the ranks of its steps: with positions, without its list, with a tag alone.
_POSITION, _ALONE, _TAG = 40, 3, 12
_PLAIN = re.compile(r"[a-z][a-z0-9-]*")
BARE = re.compile(r"[a-z]+\d?|\*")  # a tag without anything that names it
_IN_HEAD = frozenset(("link", "meta", "script", "style", "base"))


class ListingPage(NamedTuple):
    """A page of a section, as the learner gets it."""

    page: Page  # with its data opened in place
    section: str  # the section's name, such as ``china``
    fetched: datetime  # aware


class Listed:
    """A listing page, and which of its elements hold links to stories."""

    def __init__(self, lesson: ListingPage, hosts: frozenset[str]) -> None:
        self.page, self.section, self.now = lesson
        self.hosts = hosts
        # Elements as keys must live as long as the page.
        self.elements = list(self.page.tree.iter())
        # What an element holds: the address of one story, or None for several.
        self.story: dict[HtmlElement, StoryAddress | None] = {}
        self.links = [element for element in self.elements if self._mark(element)]
        self._inside: dict[str, set[HtmlElement]] = {}

    def address(self, link: str) -> StoryAddress | None:
        """Return the address of a story's link; None for other texts."""
        if "story20" not in link or len(link) > 500:
            return None
        try:
            return StoryAddress.parse(urljoin(self.page.address, link.strip()), self.hosts)
        except ValueError:
            return None

    def _mark(self, element: HtmlElement) -> bool:
        if not isinstance(element.tag, str) or element.tag in _IN_HEAD:
            return False
        texts = [*element.attrib.values(), element.text or ""]
        found = next(filter(None, map(self.address, texts)), None)
        above: HtmlElement | None = element if found else None
        while above is not None:
            there = self.story.setdefault(above, found)
            if there is not found:
                if there is None or (found and there.is_same_story(found)):  # and so are all elements above
                    break
                self.story[above] = None
            above = above.getparent()
        return found is not None

    def boxes(self) -> list[HtmlElement]:
        """Return the largest element around each link that holds no link to another story."""
        boxes: dict[HtmlElement, HtmlElement] = {}
        for link in self.links:
            way, box = [], link
            while box is not None and box not in boxes and self.story[box] is not None:
                way.append(box)
                box = box.getparent()
            if way and box is not None:
                boxes |= dict.fromkeys(way, boxes.get(box, way[-1]))
        return list(dict.fromkeys(boxes[link] for link in self.links if link in boxes))

    def find(self, css: str) -> list[HtmlElement]:
        """Return what a selector finds; the time grows with the page's elements, not with their square."""
        above, _, last = css.partition(" ")
        if not last or last.startswith(">") or above.count('"') % 2:
            return self.page.all(css)
        if above not in self._inside:
            inside: set[HtmlElement] = set()
            for element in self.page.all(above):
                if element not in inside:
                    inside.update(element.iterdescendants())
            self._inside[above] = inside
        return [element for element in self.page.all(last) if element in self._inside[above]]

    def is_own(self, address: StoryAddress) -> bool | None:
        """Whether an address names the section; None if it names no section."""
        parts = address.section.split("/")
        return self.section in parts if len(parts) > 1 else None


@dataclass
class EntryBoxes:
    """What a selector finds on each page, if it finds the entries of the pages' sections."""

    css: str
    score: int  # the number of the sections' own stories, less what speaks against the selector
    boxes: list[list[HtmlElement]]  # on each page; none where the page has a form of its own

    @classmethod
    def of(cls, css: str, pages: Sequence[Listed]) -> EntryBoxes | None:
        """Return what a selector finds; None if these are not the sections' lists."""
        boxes = [page.find(css) for page in pages]
        listed = [stories_in(page, found) for page, found in zip(pages, boxes, strict=True)]
        if any(stories is None for stories in listed) or max(map(len, filter(None, listed)), default=0) < FEWEST:
            return None
        named = [{story.number: story for story in stories or ()} for stories in listed]
        sections: dict[str, set[str]] = {}
        for page, stories in zip(pages, named, strict=True):
            for number in stories:
                sections.setdefault(number, set()).add(page.section)
        good = bad = 0
        for page, stories in zip(pages, named, strict=True):
            owned = [page.is_own(story) for story in stories.values()]
            shared = sum(len(sections[number]) > 1 for number in stories)
            foreign = owned.count(False)
            disorder = out_of_order(list(stories.values()))
            if (
                2 * shared > len(stories)
                or 2 * foreign > len(owned) - owned.count(None) + 1
                or disorder > len(stories) / 4
            ):
                return None
            good, bad = good + len(stories) - foreign, bad + shared + foreign + 2 * disorder
        return cls(css, good - 2 * bad, boxes) if good > 2 * bad else None


def stories_in(page: Listed, boxes: Sequence[HtmlElement]) -> list[StoryAddress] | None:
    """Return the stories of boxes that hold one each; none if there are no boxes, None if they are no entries."""
    held = [page.story[box] for box in boxes if box in page.story]
    stories = [one for one in held if one]
    several = len(held) - len(stories)
    different = len({story.number for story in stories})
    if len(boxes) > MOST or 5 * different < 4 * len(stories) or 10 * several > len(held) or 2 * different < len(boxes):
        return None
    return stories


def out_of_order(stories: Sequence[StoryAddress]) -> int:
    """Return how many stories stand behind a story of an earlier day."""
    return sum(first.day < second.day for first, second in pairwise(stories))


def find_boxes(pages: Sequence[Listed]) -> list[EntryBoxes]:
    """Return the selectors that may be the entries', the best first."""
    tags = sum(len(page.elements) for page in pages)
    left = min(_SEARCHES, max(20, _SEARCHES * MOST_TAGS // 10 // max(tags, 1)))
    found: list[tuple[int, EntryBoxes]] = []
    seen: set[str] = set()
    for rank, css in _selectors(pages):
        # With the section's name in it, a selector would find nothing on other sections' pages.
        if css not in seen and left and not any(page.section in css for page in pages):
            seen.add(css)
            left -= 1
            if boxes := EntryBoxes.of(css, pages):
                found.append((rank, boxes))
    return [boxes for _, boxes in sorted(found, key=lambda one: (-one[1].score, one[0]))]


def _selectors(pages: Sequence[Listed]) -> Iterator[tuple[int, str]]:
    """Yield selectors of the boxes that are most frequent, from several boxes of a kind, with how fragile they are."""
    kinds: dict[tuple[str, ...], list[HtmlElement]] = {}
    for page in pages[:4]:
        for box in page.boxes()[:500]:
            kinds.setdefault(tuple(str(above.tag) for above in _above(box)), []).append(box)
    frequent = sorted(kinds.values(), key=len, reverse=True)[:12]
    chosen = [
        box for boxes in frequent if len(boxes) >= FEWEST for box in {boxes[1], boxes[len(boxes) // 2], boxes[-1]}
    ]
    streams = [_around(box) for box in chosen]
    while streams:  # in turn, so that no stream uses up the searches
        for stream in list(streams):
            if (one := next(stream, None)) is None:
                streams.remove(stream)
            else:
                yield one


def _above(box: HtmlElement) -> list[HtmlElement]:
    return [box, *islice(box.iterancestors(), _ABOVE)]


def _around(box: HtmlElement) -> Iterator[tuple[int, str]]:
    own = steps(box)[:3]
    inner: list[tuple[int, str]] = []
    chain, path, tags = tag_of(box), tag_of(box), _TAG
    for far, element in enumerate(_above(box)[1:]):
        outer = steps(element)[:2]
        rank, name = outer[0]
        yield rank + tags + far, f"{name} > {chain}"
        if not far:
            inner = [(over + under, f"{step} > {one}") for over, step in outer for under, one in own]
            yield from [*inner, *((rank + _ALONE, one) for rank, one in own)]
        else:
            yield from ((over + under + far, f"{step} {one}") for over, step in outer for under, one in inner[:4])
        # Without names, only positions tell one list from another.
        path, chain, tags = f"{nth_of(element)} > {path}", f"{tag_of(element)} > {chain}", tags + 3
        yield tags + _POSITION, path


def tag_of(element: HtmlElement) -> str:
    """Return the selector of an element's tag."""
    return element.tag if isinstance(element.tag, str) and _PLAIN.fullmatch(element.tag) else "*"


def nth_of(element: HtmlElement) -> str:
    """Return the selector of an element's place among its siblings with the same tag."""
    place = sum(other.tag == element.tag for other in element.itersiblings(preceding=True)) + 1
    return f"{tag}:nth-of-type({place})" if (tag := tag_of(element)) != "*" else tag
