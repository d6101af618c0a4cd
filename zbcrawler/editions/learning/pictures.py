"""Find a story's pictures: what stands for them in the text, and those above the text."""

from collections.abc import Iterator, Sequence
from itertools import islice

from lxml.html import HtmlElement

from zbcrawler.common.text import letters
from zbcrawler.editions.field_sources import place_of
from zbcrawler.editions.learning.evidence import Example, names_of
from zbcrawler.editions.learning.selectors import places_of
from zbcrawler.editions.learnt import outermost

_LEAST_RIGHT, _LEAST_FOUND = 0.8, 0.6  # shares of the elements that a selector finds, and of those to find
_WIDEST = 40  # letters around a picture and its caption
_MOST_LEADS = 3


def find_picture_forms(examples: Sequence[Example]) -> dict[str, str]:
    """Return the places in the text whose elements stand for pictures, if the cleaner does not know them."""
    pages: list[list[tuple[HtmlElement, str]]] = []
    for example in examples:
        made = {name for block in example.made or () for key in block.pictures for name in names_of(key)}
        wanted = set().union(*(names for names in example.pictures if not names & made))
        inside = {element for root in example.roots for element in root.iter()} if wanted else set()
        pages.append([(one, attribute) for one, attribute, names in example.shown if one in inside and names & wanted])
    found = {element for page in pages for element, _ in page}
    forms: dict[str, str] = {}
    covered: set[HtmlElement] = set()
    for place in places_of(pages, least=1):
        elements = [one for example in examples for one in example.page.all(place.partition(" @")[0])]
        right = found.intersection(elements)
        if len(right) > 1 and len(right) >= _LEAST_RIGHT * len(elements) and not covered >= right:
            forms[place] = "img"
            covered |= right
    return forms


def find_captions(examples: Sequence[Example]) -> list[str]:
    """Return the attribute of pictures that holds their captions, if the text does not show them."""
    pages: list[list[tuple[HtmlElement, str]]] = []
    for example in examples:
        lost = {
            block.words: set().union(*map(names_of, block.pictures))
            for number, block in enumerate(example.blocks)
            if block.pictures and block.words and number not in example.matches
        }
        values = [(one, *item, names) for one, names in example.names_shown.items() for item in one.items()]
        pages.append([(one, name) for one, name, value, names in values if names & lost.get(letters(value), set())])
    found = {pair for page in pages for pair in page}
    for place in places_of(pages):
        css, attribute = place_of(place)
        told = [one for example in examples for one in example.page.all(css) if one.get(attribute)]
        if sum((one, attribute) in found for one in told) >= _LEAST_RIGHT * len(told):
            return [place]
    return []


def find_lead(examples: Sequence[Example]) -> list[str]:
    """Return the selectors of the pictures outside the text, and of their captions."""
    pages = [_Outside(example) for example in examples]
    chosen: list[str] = []
    while len(chosen) < _MOST_LEADS and (css := _best_lead(pages)):
        chosen.append(css)
        for page in pages:
            page.leave_out(css)
    wanted = sum(len(page.captions) for page in pages)
    for css in places_of(page.caption_holders() for page in pages) if chosen and wanted > 1 else ():
        right, wrong, told = (sum(numbers) for numbers in zip(*(page.score(css) for page in pages), strict=True))
        if told >= _LEAST_RIGHT * (right + wrong) and told >= _LEAST_FOUND * wanted:
            return [*chosen, css]
    return chosen


def _best_lead(pages: Sequence["_Outside"]) -> str:
    """Return the selector that finds most of the missing pictures and little else; empty if there is none."""
    best, most = "", 0.0
    with_pictures = sum(next(page.holders(), None) is not None for page in pages)
    for rank, css in enumerate(places_of(page.holders() for page in pages)):
        scores = [page.score(css) for page in pages]
        right, wrong, told = (sum(numbers) for numbers in zip(*scores, strict=True))
        found = sum(score[0] > 0 for score in scores)
        worth = (
            found / max(1, with_pictures) + right / max(1, right + wrong) + 0.5 * told / max(1, right) - 0.002 * rank
        )
        if right >= _LEAST_RIGHT * (right + wrong) and found > 1 and worth > most:
            best, most = css, worth
    return best


class _Outside:
    def __init__(self, example: Example) -> None:
        self.example, self.shown = example, example.names_shown
        inside = {element for root in example.roots for element in root.iter()}
        names = set().union(*(self.shown.get(element, set()) for element in inside))
        figures = [block for block in example.blocks if any(not names_of(key) & names for key in block.pictures)]
        self.missing = [one for one in example.pictures if not one & names]  # the pictures that are not in the text
        self.captions = [block.words for block in figures if block.words]  # the letters of their captions
        # The elements of the text, and those around it.
        self.body = inside | {one for root in example.roots for one in root.iterancestors()}

    def holders(self) -> Iterator[tuple[HtmlElement, str]]:
        """Yield the elements around a missing picture that hold little else."""
        widest = _WIDEST + max(map(len, self.captions), default=0)
        for element, names in self.shown.items():
            for holder in [element, *islice(element.iterancestors(), 3)] if self._is_missing(names) else ():
                start, end = self.example.letters.spans[holder]
                if holder in self.body or end - start > widest:
                    break
                yield holder, ""
        for caption, _ in self.caption_holders():  # another host may have other names for the same pictures
            around = [one for one in islice(caption.iterancestors(), 3) if one not in self.body]
            yield from ((one, "") for one in around if any(inner in self.shown for inner in one.iter()))

    def caption_holders(self) -> Iterator[tuple[HtmlElement, str]]:
        """Yield the elements with nothing but the caption of a missing picture."""
        for place in [place for words in self.captions for place in self.example.letters.places(words)]:
            yield from ((one, "") for one in self.example.letters.exactly(place) if one not in self.body)

    def score(self, css: str) -> tuple[int, int, int]:
        """Return how many elements of a selector show missing pictures, how many do not, and the captions in them."""
        found = [one for one in outermost(self.example.page.all(css)) if one not in self.body]
        words = "".join(map(self.example.letters.words_of, found))
        right = sum(map(self._shows_missing, found))
        return right, len(found) - right, sum(caption in words for caption in self.captions)

    def leave_out(self, css: str) -> None:
        """Take the elements of a selector as part of the text: their pictures and captions are found."""
        for element in outermost(self.example.page.all(css)):
            if element not in self.body:
                names, words = self._names_in(element), self.example.letters.words_of(element)
                self.missing = [one for one in self.missing if not one & names]
                self.captions = [caption for caption in self.captions if caption not in words]
                self.body |= {*element.iter(), *element.iterancestors()}

    def _shows_missing(self, element: HtmlElement) -> bool:
        names, words = self._names_in(element), self.example.letters.words_of(element)
        return self._is_missing(names) or (bool(names) and any(caption in words for caption in self.captions))

    def _names_in(self, element: HtmlElement) -> set[str]:
        return set().union(*(self.shown.get(inner, set()) for inner in element.iter()))

    def _is_missing(self, names: set[str]) -> bool:
        return any(names & one for one in self.missing)
