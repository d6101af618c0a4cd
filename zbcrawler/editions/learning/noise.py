"""Find what stands in a text and is not the story: in many pages, and in no archived text."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lxml.html import HtmlElement

from zbcrawler.cleaning.find_noise import find_noise
from zbcrawler.cleaning.links import embed_address
from zbcrawler.common.markup import parse_fragment
from zbcrawler.common.text import letters
from zbcrawler.editions.learning.archived import Example
from zbcrawler.editions.learning.letters_of_page import overlap
from zbcrawler.editions.learning.pictures import pictures_of, shown_in
from zbcrawler.editions.learning.selectors import is_bare, selectors_of
from zbcrawler.editions.learning.shape import bodies, matched
from zbcrawler.editions.learnt import blocks_of, is_story_link
from zbcrawler.editions.page import text_of

_KEY = re.compile(r'data\[key="[^"]*"\]')
_ADDRESS = re.compile(r"https?://")
_LEAST_PAGES = 2  # with the same noise
_LEAST_PAGES_OF_WORDS = 3  # with the same beginning
_LABEL = re.compile(r"[^：:｜|／/]{2,10}[：:｜|／/]")


@dataclass
class Foreign:
    """The elements of one page's text that are not archived."""

    example: Example
    story: set[HtmlElement]  # elements with archived words or pictures in them
    foreign: list[HtmlElement]  # outermost elements without

    @classmethod
    def of(cls, example: Example, declared: dict[str, Any], repeated: set[str]) -> Foreign:
        """Sort the elements of a text; ``repeated``: names of pictures that several pages show."""
        roots = bodies(example, declared)
        known = find_noise(roots, {})
        spans = list(matched(example, roots).values())
        names = {element: shown for element, _, shown in shown_in(example) if element.tag != "source"}
        wanted: set[str] = set().union(*pictures_of(example))
        story: set[HtmlElement] = set(roots)
        for element in [element for root in roots for element in root.iter() if isinstance(element.tag, str)]:
            span = example.letters.spans.get(element)
            if (span and overlap(span, spans)) or names.get(element, set()) & wanted:
                story |= {element, *element.iterancestors()}
        words = {block.words for block in example.blocks}
        for element in [element for root in roots for element in root.iter() if element.keys()]:
            shown = [embed_address(element, example.page.origin) or "", *element.values()]
            if not words.isdisjoint(letters(value) for value in shown if _ADDRESS.match(value)):
                story |= {element, *element.iterancestors()}
        foreign = []
        waiting = [child for root in roots for child in root]
        while waiting:
            element = waiting.pop()
            # The search for known noise puts elements around some texts.
            if element in known or element not in example.letters.spans or not isinstance(element.tag, str):
                continue
            if element in story:
                waiting += element
            elif element.text_content().strip() or any(names.get(one, set()) & repeated for one in element.iter()):
                foreign.append(element)
        return cls(example, story, foreign)


def find_noise_rules(examples: Sequence[Example], declared: dict[str, Any]) -> list[dict[str, str]]:
    """Return the rules that drop what is foreign on several pages, each with its reason.

    :param examples: arranged
    """
    count = Counter(name for one in examples for name in set().union(*(names for _, _, names in shown_in(one))))
    repeated = {name for name, number in count.items() if number > 1}
    pages = [Foreign.of(example, declared, repeated) for example in examples]
    rules = list(_rules_of_selectors(pages))
    dropped = {element for rule in rules for page in pages for element in page.example.page.all(rule["css"])}
    left = [[one for one in page.foreign if not _is_in(one, dropped)] for page in pages]
    return rules + list(_rules_of_words(pages, left))


def _is_in(element: HtmlElement, dropped: set[HtmlElement]) -> bool:
    return element in dropped or any(outer in dropped for outer in element.iterancestors())


def _rules_of_selectors(pages: Sequence[Foreign]) -> Iterator[dict[str, str]]:
    count: Counter[str] = Counter()
    order: dict[str, int] = {}
    for page in pages:
        found: set[str] = set()
        for element in page.foreign:
            for place, css in enumerate(
                css for css in selectors_of(element) if not is_bare(css) and "nth-of" not in css
            ):
                found.add(css)
                order[css] = min(place, order.get(css, place))
        count.update(found)
    left = {element for page in pages for element in page.foreign}
    for css in sorted(count, key=lambda css: (order[css] // 3, -count[css], order[css], css)):
        # The keys of data are few and fixed: one that holds no archived words is no accident.
        least = 1 if _KEY.fullmatch(css) else _LEAST_PAGES
        if count[css] < least or not left:
            continue
        elements = [set(page.example.page.all(css)) for page in pages]
        if any(found & page.story for found, page in zip(elements, pages, strict=True)):
            continue
        gained = [found & left for found in elements]
        if sum(map(bool, gained)) >= least:
            left -= set().union(*gained)
            yield {"css": css, "reason": _reason(sum(map(bool, elements)), len(pages))}


def _rules_of_words(pages: Sequence[Foreign], left: list[list[HtmlElement]]) -> Iterator[dict[str, str]]:
    """Yield rules for blocks that only their words tell from the story's."""
    blocks = [[block for element in elements for block in blocks_of(element)] for elements in left]
    honest = [parse_fragment(line) for page in pages for line in page.example.story.body]
    linking = sum(any(map(is_story_link, found)) for found in blocks)
    drops_links = linking >= _LEAST_PAGES_OF_WORDS and not any(map(is_story_link, honest))
    if drops_links:
        yield {"links": "yes", "reason": _reason(linking, len(pages))}
    where: defaultdict[str, set[int]] = defaultdict(set)
    for number, found in enumerate(blocks):
        for line in {text_of(block) for block in found if not (drops_links and is_story_link(block))}:
            where[line].add(number)
    archived = [text_of(one) for one in honest]
    starts = {start for line in where for start in _beginnings(line)}
    starts |= {start for one, other in pairwise(sorted(where)) if len(start := _shared(one, other)) > 3}
    for start in sorted(starts, key=lambda start: (len(start), start)):
        lines = [line for line in where if line.startswith(start)]
        numbers = set().union(*(where[line] for line in lines))
        is_honest = any(line.startswith(start) for line in archived)
        if len(lines) > 1 and len(numbers) >= _LEAST_PAGES_OF_WORDS and not is_honest:
            yield {"begins": start, "reason": _reason(len(numbers), len(pages))}
            for line in lines:
                del where[line]
    for line, numbers in where.items():
        if len(numbers) >= _LEAST_PAGES and line not in archived and letters(line):
            yield {"sentence": line, "reason": _reason(len(numbers), len(pages))}


def _shared(one: str, other: str) -> str:
    return next(one[:size] for size in range(min(len(one), len(other)), -1, -1) if one[:size] == other[:size])


def _beginnings(line: str) -> Iterator[str]:
    """Yield the label that a line begins with, such as ``责任编辑：``."""
    if label := _LABEL.match(line):
        yield label[0]


def _reason(count: int, pages: int) -> str:
    return f"stands in {count} of {pages} pages and in no archived text"
