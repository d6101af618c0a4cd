"""What the archive knows of a story, as its page is searched for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from zbcrawler.cleaning.links import picture_key
from zbcrawler.common.markup import parse_fragment
from zbcrawler.editions.expanded import ExpandedPage
from zbcrawler.editions.learning.letters_of_page import PageLetters, Span
from zbcrawler.editions.page import Page
from zbcrawler.items import Story

_ADDRESS = re.compile(r"https?:|//|/\w")
_SHORTEST = 4  # letters of a block that its words alone can find


@dataclass(frozen=True)
class Block:
    """One block of an archived body."""

    tag: str
    words: str  # its letters
    parts: tuple[tuple[str, int, int], ...]  # tag, first letter, end: the elements in the block, itself first
    pictures: tuple[str, ...]  # keys of its pictures


def blocks_of_lines(lines: list[str]) -> list[Block]:
    """Return the blocks of a body, given as the lines of HTML of a post."""
    return [_block(line) for line in lines]


def _block(line: str) -> Block:
    root = parse_fragment(line)
    known = PageLetters(root)
    parts = [(element.tag, *known.spans[element]) for element in root.iterdescendants() if isinstance(element.tag, str)]
    pictures = tuple(picture_key(image.get("src") or "") for image in root.iter("img"))
    return Block(root[0].tag if len(root) else "p", known.text, tuple(parts), pictures)


@dataclass
class Example:
    """An archived story beside the page that shows it."""

    story: Story
    page: ExpandedPage
    blocks: list[Block] = field(default_factory=list)

    @classmethod
    def of(cls, page: Page, story: Story) -> Example:
        """Return the example of a page, with a tree of its own."""
        return cls(story, ExpandedPage(page.address, page.text), blocks_of_lines(story.body))

    @cached_property
    def letters(self) -> PageLetters:
        """The page's letters; see :meth:`forget` for trees that changed."""
        return PageLetters(self.page.tree)

    @cached_property
    def places(self) -> dict[int, list[Span]]:
        """Where each block stands on the page as a text of its own, by the block's number; most blocks do once."""
        found = {}
        for number, block in enumerate(self.blocks):
            if len(block.words) >= _SHORTEST:
                ends = self.letters.edges
                found[number] = [place for place in self.letters.places(block.words) if ends.issuperset(place)]
        return {number: places for number, places in found.items() if places}

    @cached_property
    def text_places(self) -> dict[int, list[Span]]:
        """The places of the blocks of text: pictures and their captions may stand elsewhere."""
        return {number: places for number, places in self.places.items() if not self.blocks[number].pictures}

    @cached_property
    def neutral(self) -> list[Span]:
        """Where captions and the addresses in data stand: they belong to a text as well as beside it."""
        captions = [place for number, places in self.places.items() if self.blocks[number].pictures for place in places]
        data = [one for one in self.page.tree.iter("data") if not len(one) and _ADDRESS.match(one.text or "")]
        return [*captions, *(self.letters.spans[one] for one in data)]

    @property
    def known(self) -> int:
        """How many letters of the archived text the page can be searched for."""
        blocks = [block for block in self.blocks if not block.pictures and len(block.words) >= _SHORTEST]
        return sum(len(block.words) for block in blocks)

    @property
    def findable(self) -> int:
        """How many letters of the archived text stand on the page, block by block."""
        return sum(len(self.blocks[number].words) for number in self.text_places)

    def forget(self) -> None:
        """Forget what was found, because the page's tree has changed."""
        for name in ("letters", "places", "text_places", "neutral"):
            vars(self).pop(name, None)
        self.page.forget()
