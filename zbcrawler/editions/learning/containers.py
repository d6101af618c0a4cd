"""Find the elements that hold a story's text: those with all archived words and the fewest others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from lxml.html import HtmlElement

from zbcrawler.editions.learning.evidence import Example, Span
from zbcrawler.editions.learning.selectors import places_of
from zbcrawler.editions.learnt import outermost

_SAMPLE = 8  # pages that propose selectors; all pages judge them
_MOST_ELEMENTS = 40  # that a selector may find on a page
_MOST_CONTAINERS = 3
_LEAST_SHARE = 0.12  # of the words that an element must hold to be proposed
_FIRST = 12  # selectors that may be the first of several


class _Score(NamedTuple):
    """What a set of selectors finds on one page."""

    blocks: frozenset[int]
    spans: tuple[Span, ...]
    worth: float  # missing words weigh most, then foreign words, then many elements


def find_containers(examples: Sequence[Example]) -> list[str]:
    """Return the selectors of the elements that hold the text; empty if nothing holds most of the text."""
    sample = sorted(examples, key=lambda one: -len(one.blocks))[:_SAMPLE]
    proposed = places_of((((element, "") for element in _holders(one)) for one in sample), max(2, len(sample) * 2 // 5))
    cost = {css: 0.005 * rank for rank, css in enumerate(proposed)}
    scores = {css: [_score(example, css) for example in examples] for css in proposed}

    def worth(css: Sequence[str], found: Sequence[_Score]) -> float:
        return sum(one.worth for one in found) / len(found) - sum(cost[one] + 0.2 for one in css)

    best: tuple[float, list[str]] = (0.0, [])
    for first in sorted(scores, key=lambda css: -worth([css], scores[css]))[:_FIRST]:
        chosen, found = [first], scores[first]
        while len(chosen) <= _MOST_CONTAINERS:
            best = max(best, (worth(chosen, found), chosen), key=lambda pair: pair[0])
            options = []
            for css, more in scores.items():
                if any(two.blocks - one.blocks for one, two in zip(found, more, strict=True)):
                    pairs = zip(examples, found, more, strict=True)
                    union = [_score_spans(example, _merged(one.spans, two.spans)) for example, one, two in pairs]
                    options.append((worth([*chosen, css], union), css, union))
            if not options:
                break
            _, css, found = max(options, key=lambda option: option[:2])
            chosen = [*chosen, css]
    return best[1]


def _holders(example: Example) -> list[HtmlElement]:
    """Return the elements that hold much of the archived text, those with the most words first."""
    held: Counter[HtmlElement] = Counter()
    for number, places in example.text_places.items():
        for element in {one for place in places for one in example.letters.holders(place)}:
            held[element] += len(example.blocks[number].words)
    least = _LEAST_SHARE * held[example.page.tree]
    return [element for element, count in held.most_common(_MOST_ELEMENTS) if count >= least]


def _score(example: Example, css: str) -> _Score:
    found = outermost(example.page.all(css))
    spans = [example.letters.spans[element] for element in found if len(found) <= _MOST_ELEMENTS]
    return _score_spans(example, tuple(span for span in spans if span[0] < span[1]))


def _score_spans(example: Example, spans: tuple[Span, ...]) -> _Score:
    held: dict[int, int] = {}
    for number, places in example.text_places.items():
        if inside := sum(start <= one[0] and one[1] <= end for one in places for start, end in spans):
            held[number] = inside
    words = sum(len(example.blocks[number].words) for number in held)
    doubled = sum((times - 1) * len(example.blocks[number].words) for number, times in held.items())
    neutral = sum(one[1] - one[0] for one in example.neutral if any(start <= one[0] < end for start, end in spans))
    others = max(0, sum(end - start for start, end in spans) - words - neutral) + doubled
    share = others / (words + others) if words else 1.0
    worth = 10 * words / max(example.findable, 1) - 2 * share - 0.12 * (len(spans) - 1)
    return _Score(frozenset(held), spans, worth)


def _merged(one: tuple[Span, ...], other: tuple[Span, ...]) -> tuple[Span, ...]:
    found: list[Span] = []
    for span in sorted({*one, *other}, key=lambda span: (span[0], -span[1])):
        if not found or span[0] >= found[-1][1]:
            found.append(span)
    return tuple(found)
