"""Find a story's pictures: what stands for them in the text, and those above the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from lxml.html import HtmlElement

from zbcrawler.cleaning.links import picture_key
from zbcrawler.editions.learning.archived import Example
from zbcrawler.editions.learning.selectors import selectors_of
from zbcrawler.editions.learning.shape import bodies, cleaned
from zbcrawler.editions.learnt import address_in, outermost, value_in

_SHORTEST_NAME = 6  # of a picture's file, if another host serves the picture
_SHORTEST_ADDRESS = 8
_LEAST_RIGHT, _LEAST_FOUND = 0.8, 0.6  # shares of the pictures that a selector finds, and of those to find
_WIDEST = 40  # letters around a picture and its caption
_MOST_SELECTORS = 120
_MOST_LEADS = 3


def names_of(key: str) -> set[str]:
    """Return by what a picture is known: its key, and the name of its file."""
    name = PurePosixPath(unquote(urlsplit(key).path)).stem.lower()
    return {key, name} if len(name) >= _SHORTEST_NAME else {key}


def pictures_of(example: Example) -> list[set[str]]:
    """Return the names of each archived picture, in order."""
    return [names_of(key) for block in example.blocks for key in block.pictures]


def shown_in(example: Example) -> Iterator[tuple[HtmlElement, str, set[str]]]:
    """Yield everything in the page that may be a picture's address: the element, the attribute, the picture's names."""
    for element in example.page.tree.iter():
        if not isinstance(element.tag, str) or element.tag in {"a", "script"}:
            continue
        values = [(name, value) for name, value in element.items() if name not in {"class", "alt", "title"}]
        if element.tag == "data" and not len(element):
            values.append(("", value_in(element, "")))
        for name, value in values:
            is_address = len(value) >= _SHORTEST_ADDRESS and value[:5] != "data:" and ("/" in value or "." in value)
            if is_address and (address := address_in(value)):
                try:
                    yield element, name, names_of(picture_key(urljoin(example.page.address, address)))
                except ValueError:
                    continue


def find_picture_forms(examples: Sequence[Example], story: dict[str, Any]) -> dict[str, str]:
    """Return the places in the text whose elements stand for pictures, if the cleaner does not know them."""
    votes: Counter[str] = Counter()
    order: dict[str, int] = {}
    for example in examples:
        made = {name for block in cleaned(example, story) or () for key in block.pictures for name in names_of(key)}
        wanted = set().union(*(names for names in pictures_of(example) if not names & made))
        inside = {element for root in bodies(example, story) for element in root.iter()}
        for element, attribute, names in shown_in(example) if wanted else ():
            if element in inside and names & wanted:
                for place, css in enumerate(selectors_of(element)):
                    name = f"{css} @{attribute}" if attribute else css
                    votes[name] += 1
                    order[name] = min(place, order.get(name, place))
    forms: dict[str, str] = {}
    covered: set[HtmlElement] = set()
    for name in sorted(votes, key=lambda name: (order[name], -votes[name], name)):
        css = name.partition(" @")[0]
        found = [element for one in examples for element in one.page.all(css)]
        if votes[name] > 1 and votes[name] >= _LEAST_RIGHT * len(found) and not covered.issuperset(found):
            forms[name] = "img"
            covered.update(found)
    return forms


@dataclass
class _Outside:
    """What stands outside the text of one example."""

    example: Example
    body: set[HtmlElement]  # the elements of the text, and those around it
    missing: list[set[str]]  # the names of the archived pictures that are not in the text
    shown: dict[HtmlElement, set[str]]  # by element
    captions: list[str]  # letters of the captions of the missing pictures

    @classmethod
    def of(cls, example: Example, story: dict[str, Any]) -> _Outside:
        roots = bodies(example, story)
        inside = {element for root in roots for element in root.iter()}
        shown: dict[HtmlElement, set[str]] = {}
        within: set[str] = set()
        for element, _, names in shown_in(example):
            if element in inside:
                within |= names
            else:
                shown.setdefault(element, set()).update(names)
        missing = [names for names in pictures_of(example) if not names & within]
        captions = [
            block.words
            for block in example.blocks
            if block.words and any(not names_of(key) & within for key in block.pictures)
        ]
        return cls(example, inside | {one for root in roots for one in root.iterancestors()}, missing, shown, captions)

    def holders(self) -> Iterator[HtmlElement]:
        """Yield the elements around a missing picture that hold little else."""
        widest = _WIDEST + max(map(len, self.captions), default=0)
        for element, names in self.shown.items():
            if any(names & one for one in self.missing):
                for holder in [element, *islice(element.iterancestors(), 3)]:
                    start, end = self.example.letters.spans[holder]
                    if holder in self.body or end - start > widest:
                        break
                    yield holder
        for caption in self.caption_holders():  # another host may have other names for the same pictures
            for holder in islice(caption.iterancestors(), 3):
                if holder not in self.body and any(inner in self.shown for inner in holder.iter()):
                    yield holder
                    break

    def caption_holders(self) -> Iterator[HtmlElement]:
        """Yield the elements with nothing but the caption of a missing picture."""
        for words in self.captions:
            for place in self.example.letters.places(words):
                yield from (one for one in self.example.letters.exactly(place) if one not in self.body)

    def score(self, css: str) -> tuple[int, int, int]:
        """Return how many elements of a selector show missing pictures, how many do not, and the captions in them."""
        found = [one for one in outermost(self.example.page.all(css)) if one not in self.body]
        words = "".join(self.example.letters.words_of(one) for one in found)
        right = sum(map(self._shows_missing, found))
        return right, len(found) - right, sum(caption in words for caption in self.captions)

    def leave_out(self, css: str) -> None:
        """Take the elements of a selector as part of the text: their pictures and captions are found."""
        for element in outermost(self.example.page.all(css)):
            if element not in self.body:
                inside = list(element.iter())
                names = set().union(*(self.shown.get(inner, set()) for inner in inside))
                words = self.example.letters.words_of(element)
                self.missing = [one for one in self.missing if not one & names]
                self.captions = [caption for caption in self.captions if caption not in words]
                self.body |= {*inside, *element.iterancestors()}

    def _shows_missing(self, element: HtmlElement) -> bool:
        shown = set().union(*(self.shown.get(inner, set()) for inner in element.iter()))
        if any(shown & names for names in self.missing):
            return True
        words = self.example.letters.words_of(element)
        return bool(shown) and any(caption in words for caption in self.captions)


def find_lead(examples: Sequence[Example], story: dict[str, Any]) -> list[str]:
    """Return the selectors of the pictures outside the text, and of their captions."""
    pages = [_Outside.of(example, story) for example in examples]
    chosen: list[str] = []
    while len(chosen) < _MOST_LEADS and (css := _best_lead(pages)):
        chosen.append(css)
        for page in pages:
            page.leave_out(css)
    wanted = sum(len(page.captions) for page in pages)
    for css in _proposed(pages, _Outside.caption_holders) if chosen and wanted > 1 else ():
        scores = [page.score(css) for page in pages]
        told = sum(told for _, _, told in scores)
        if told >= _LEAST_RIGHT * sum(right + wrong for right, wrong, _ in scores) and told >= _LEAST_FOUND * wanted:
            return [*chosen, css]
    return chosen


def _best_lead(pages: Sequence[_Outside]) -> str:
    """Return the selector that finds most of the missing pictures and little else; empty if there is none."""
    best, most = "", 0.0
    with_pictures = sum(next(page.holders(), None) is not None for page in pages)
    for place, css in enumerate(_proposed(pages, _Outside.holders) if with_pictures > 1 else ()):
        scores = [page.score(css) for page in pages]
        right, wrong, told = (sum(numbers) for numbers in zip(*scores, strict=True))
        found = sum(score[0] > 0 for score in scores)
        worth = found / with_pictures + right / max(1, right + wrong) + 0.5 * told / max(1, right) - 0.002 * place
        if right >= _LEAST_RIGHT * (right + wrong) and found > 1 and worth > most:
            best, most = css, worth
    return best


def _proposed(pages: Sequence[_Outside], holders: Callable[[_Outside], Iterator[HtmlElement]]) -> list[str]:
    count: Counter[str] = Counter()
    order: dict[str, int] = {}
    for page in pages:
        found: set[str] = set()
        for element in holders(page):
            for place, css in enumerate(selectors_of(element)):
                found.add(css)
                order[css] = min(place, order.get(css, place))
        count.update(found)
    wanted = [css for css, number in count.items() if number > 1]
    return sorted(wanted, key=lambda css: (order[css], -count[css], css))[:_MOST_SELECTORS]
