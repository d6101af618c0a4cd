"""What the archive knows of a story, and where the words stand on the page that the site serves for it now."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from zbcrawler.cleaning import clean
from zbcrawler.cleaning.links import picture_key
from zbcrawler.common.errors import BodyError, PageError
from zbcrawler.common.markup import parse_fragment
from zbcrawler.common.text import letters
from zbcrawler.editions.arranging import address_in
from zbcrawler.editions.expanded import ExpandedPage
from zbcrawler.editions.field_sources import value_in
from zbcrawler.editions.learnt import NO_STORIES, LearntEdition
from zbcrawler.editions.page import Page
from zbcrawler.items import Story

_SHORTEST = 4  # letters of a block that its words alone can find
_NEAR = 60  # letters between a shorter block and the one before
_ADDRESS = re.compile(r"https?:|//|/\w")
_SHORTEST_ADDRESS = 8
_SHORTEST_NAME = 6  # of a picture's file, if another host serves the picture

_SILENT = frozenset({"script", "style"})
_MOST_PLACES = 12  # of one text in a page

Span = tuple[int, int]


class PageLetters:
    """The letters of a page's tree as one text, and the span of each element in the text."""

    def __init__(self, root: HtmlElement) -> None:
        self.root = root
        self.spans: dict[HtmlElement, Span] = {}
        self.edges = {0}  # where a text of its own begins or ends
        parts, starts = [], {}
        length = 0
        for event, element in iterwalk(root, events=("start", "end", "comment", "pi")):
            if event == "start":
                starts[element] = length
                text = element.text if element.tag not in _SILENT else ""
            else:
                self.spans[element] = (starts.pop(element, length), length)
                text = element.tail if element is not root else ""
            if own := letters(text or ""):
                parts.append(own)
                length += len(own)
                self.edges.add(length)
        self.text = "".join(parts)

    def places(self, words: str) -> list[Span]:
        """Return where letters stand, the first few places."""
        found: list[Span] = []
        while len(found) < _MOST_PLACES and (start := self.text.find(words, found[-1][1] if found else 0)) >= 0:
            found.append((start, start + len(words)))
        return found

    def holders(self, span: Span) -> list[HtmlElement]:
        """Return the elements that hold a span, the outermost first."""
        found, inner = [], [self.root]
        while inner:
            found.append(inner[0])
            spans = ((one, self.spans[one]) for one in inner[0])
            inner = [one for one, (start, end) in spans if start <= span[0] and span[1] <= end]
        return found

    def exactly(self, span: Span) -> list[HtmlElement]:
        """Return the elements with exactly these letters, the outermost first; empty if there is none."""
        return [element for element in self.holders(span) if self.spans[element] == span]

    def words_of(self, element: HtmlElement) -> str:
        """Return an element's letters."""
        start, end = self.spans[element]
        return self.text[start:end]


def overlap(span: Span, others: list[Span]) -> bool:
    """Whether a span shares letters with any of the others."""
    return any(start < span[1] and span[0] < end for start, end in others)


@dataclass(frozen=True)
class Block:
    """One block of a body."""

    tag: str
    words: str  # its letters
    parts: tuple[tuple[str, int, int], ...]  # tag, first letter, end: the elements of the block, itself first
    pictures: tuple[str, ...]  # keys of its pictures

    @classmethod
    def of(cls, line: str) -> "Block":
        """Return the block of a line of a post."""
        root = parse_fragment(line)
        known = PageLetters(root)
        parts = [(one.tag, *known.spans[one]) for one in root.iterdescendants() if isinstance(one.tag, str)]
        pictures = tuple(picture_key(image.get("src") or "") for image in root.iter("img"))
        return cls(root[0].tag if len(root) else "p", known.text, tuple(parts), pictures)


def names_of(key: str) -> set[str]:
    """Return by what a picture is known: its key, and the name of its file."""
    name = PurePosixPath(unquote(urlsplit(key).path)).stem.lower()
    return {key, name} if len(name) >= _SHORTEST_NAME else {key}


@dataclass
class Example:
    """An archived story beside its page, read by the declaration that is known so far."""

    story: Story
    page: ExpandedPage
    blocks: list[Block]  # archived
    declared: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, page: Page, story: Story) -> "Example":
        """Return the example of a page, with a tree of its own."""
        return cls(story, ExpandedPage(page.address, page.text), list(map(Block.of, story.body)))

    def declaring(self, declared: dict[str, Any]) -> "Example":
        """Return the example with its page arranged by a declaration."""
        example = Example(self.story, self.page, self.blocks, declared)
        with suppress(PageError):
            example.page = example.edition.arranged(self.page)
        return example

    @cached_property
    def edition(self) -> LearntEdition:
        return LearntEdition({"name": "learnt", "story": NO_STORIES | self.declared})

    @cached_property
    def letters(self) -> PageLetters:
        return PageLetters(self.page.tree)

    @cached_property
    def places(self) -> dict[int, list[Span]]:
        """Where each block stands on the page as a text of its own, by the block's number; most blocks do once."""
        long = {number: block.words for number, block in enumerate(self.blocks) if len(block.words) >= _SHORTEST}
        places = {number: self.letters.places(words) for number, words in long.items()}
        alone = {
            number: [one for one in found if self.letters.edges.issuperset(one)] for number, found in places.items()
        }
        return {number: found for number, found in alone.items() if found}

    @cached_property
    def text_places(self) -> dict[int, list[Span]]:
        """The places of the blocks of text: pictures and their captions may stand elsewhere."""
        return {number: places for number, places in self.places.items() if not self.blocks[number].pictures}

    @cached_property
    def neutral(self) -> list[Span]:
        """Where captions and the addresses in data stand: they belong to a text as well as beside it."""
        captions = [place for number in self.places.keys() - self.text_places.keys() for place in self.places[number]]
        data = [one for one in self.page.tree.iter("data") if not len(one) and _ADDRESS.match(one.text or "")]
        return [*captions, *(self.letters.spans[one] for one in data)]

    @property
    def known(self) -> int:
        """How many letters of the archived text the page can be searched for."""
        words = [block.words for block in self.blocks if not block.pictures]
        return sum(len(one) for one in words if len(one) >= _SHORTEST)

    @property
    def findable(self) -> int:
        """How many letters of the archived text stand on the page, block by block."""
        return sum(len(self.blocks[number].words) for number in self.text_places)

    @property
    def is_cut(self) -> bool:
        """Whether the page shows no more than the beginning of the archived story, or may do so."""
        texts = [number for number, one in enumerate(self.blocks) if not one.pictures and len(one.words) >= _SHORTEST]
        found = [number in self.text_places for number in texts]
        return self.story.truncated or (True in found[:1] and True not in found[-2:])

    @cached_property
    def containers(self) -> list[HtmlElement]:
        """The elements that hold the text, as declared; none if the page has none."""
        try:
            return self.edition.texts(self.page)
        except PageError:
            return []

    @cached_property
    def roots(self) -> list[HtmlElement]:
        """The elements of the pictures above the text and of the text."""
        return [*self.edition.lead(self.page), *self.containers] if self.containers else []

    @cached_property
    def matches(self) -> dict[int, Span]:
        """Where each archived block stands in the declared body, in the archived order as far as possible."""
        around = [self.letters.spans[root] for root in self.roots]
        found: dict[int, Span] = {}
        reached = 0
        for number, places in self.places.items():
            here = [one for one in places if any(start <= one[0] and one[1] <= end for start, end in around)]
            if here:
                found[number] = next((place for place in here if place[0] >= reached), here[0])
                reached = found[number][1]
        for number, block in enumerate(self.blocks):
            if block.words and number not in self.places and number - 1 in found:  # a short one, in between
                start = found[number - 1][1]
                place = self.letters.text.find(block.words, start, found.get(number + 1, (start + _NEAR, 0))[0])
                if place >= 0:
                    found[number] = (place, place + len(block.words))
        return found

    @cached_property
    def made(self) -> list[Block] | None:
        """The blocks that the declaration makes of the page; None if the page cannot be read."""
        try:
            read = self.edition.story(self.page, self.story.address)
            return list(map(Block.of, clean(read.raw, read.origin, read.noise).lines))
        except (PageError, BodyError):
            return None

    @cached_property
    def pictures(self) -> list[set[str]]:
        """The names of each archived picture."""
        return [names_of(key) for block in self.blocks for key in block.pictures]

    @cached_property
    def shown(self) -> list[tuple[HtmlElement, str, set[str]]]:
        """All that may be a picture's address on the page: the element, the attribute, the names of the picture."""
        elements = [one for one in self.page.tree.iter() if isinstance(one.tag, str) and one.tag not in {"a", "script"}]
        return [(element, *found) for element in elements for found in self._addresses_of(element)]

    @cached_property
    def names_shown(self) -> dict[HtmlElement, set[str]]:
        """The names of the pictures that each element shows."""
        found: dict[HtmlElement, set[str]] = {}
        for element, _, names in self.shown:
            found[element] = found.get(element, set()) | names
        return found

    def _addresses_of(self, element: HtmlElement) -> Iterator[tuple[str, set[str]]]:
        values = [(name, value) for name, value in element.items() if name not in {"class", "alt", "title"}]
        if element.tag == "data" and not len(element):
            values.append(("", value_in(element, "")))
        for name, value in values:
            is_address = len(value) >= _SHORTEST_ADDRESS and value[:5] != "data:" and ("/" in value or "." in value)
            if is_address and (address := address_in(value)):
                try:
                    yield name, names_of(picture_key(urljoin(self.page.address, address)))
                except ValueError:
                    continue
