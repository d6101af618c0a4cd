"""Find the elements that hold a story's text: those with all archived words and the fewest others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from zbcrawler.editions.learning.archived import Example
from zbcrawler.editions.learning.letters_of_page import Span
from zbcrawler.editions.learning.selectors import selectors_of
from zbcrawler.editions.learnt import outermost

_SAMPLE = 8  # pages that propose selectors; all pages judge them
_MOST_SELECTORS = 160
_MOST_ELEMENTS = 40  # that a selector may find on a page
_MOST_CONTAINERS = 3
_LEAST_SHARE = 0.12  # of the words that an element must hold to be proposed


@dataclass(frozen=True)
class Score:
    """What a set of selectors finds on one page."""

    blocks: frozenset[int]
    spans: tuple[Span, ...]
    others: int  # letters that are not archived, or are there twice


def find_containers(examples: Sequence[Example]) -> tuple[str, ...]:
    """Return the selectors of the elements that hold the text; empty if nothing holds most of the text."""
    proposed: Counter[str] = Counter()
    order: dict[str, int] = {}
    sample = sorted(examples, key=lambda one: -len(one.blocks))[:_SAMPLE]
    for example in sample:
        found = dict.fromkeys(css for element in _holders(example) for css in selectors_of(element))
        proposed.update(list(found))
        for place, css in enumerate(found):
            order[css] = min(place, order.get(css, place))
    least = max(2, len(sample) * 2 // 5)
    wanted = [css for css, count in proposed.items() if count >= least]
    wanted = sorted(wanted, key=lambda css: (-proposed[css], order[css], css))[:_MOST_SELECTORS]
    scores = {css: [_score(example, css) for example in examples] for css in wanted}
    cost = {css: 0.005 * order[css] for css in wanted}
    ranked = sorted(scores, key=lambda css: cost[css] - _worth(examples, scores[css]))[:12]
    best: tuple[float, tuple[str, ...]] = (0.0, ())
    for first in ranked:
        best = max(best, _extended(examples, scores, cost, first), key=lambda pair: pair[0])
    return best[1]


def _holders(example: Example) -> list[HtmlElement]:
    """Return the elements that hold much of the archived text, those with the most words first."""
    held: Counter[HtmlElement] = Counter()
    for number, places in example.text_places.items():
        around: set[HtmlElement] = set()
        for place in places:
            holder = example.letters.holder(place)
            around |= {holder, *holder.iterancestors()}
        for element in around:
            held[element] += len(example.blocks[number].words)
    most = held[example.page.tree]
    wanted = [element for element, count in held.items() if count >= _LEAST_SHARE * most]
    sizes = {element: example.letters.spans[element] for element in wanted}
    return sorted(wanted, key=lambda one: (-held[one], sizes[one][1] - sizes[one][0]))[:40]


def _score(example: Example, css: str) -> Score:
    found = outermost(example.page.all(css))
    if len(found) > _MOST_ELEMENTS:
        return Score(frozenset(), (), 0)
    spans = tuple(span for element in found if (span := example.letters.spans[element])[0] < span[1])
    return _score_spans(example, spans)


def _score_spans(example: Example, spans: tuple[Span, ...]) -> Score:
    blocks, doubled = set(), 0
    for number, places in example.text_places.items():
        inside = sum(start <= one[0] and one[1] <= end for one in places for start, end in spans)
        if inside:
            blocks.add(number)
            doubled += (inside - 1) * len(example.blocks[number].words)
    held = sum(len(example.blocks[number].words) for number in blocks)
    held += sum(one[1] - one[0] for one in example.neutral if any(start <= one[0] < end for start, end in spans))
    return Score(frozenset(blocks), spans, max(0, sum(end - start for start, end in spans) - held) + doubled)


def _worth(examples: Sequence[Example], scores: Sequence[Score]) -> float:
    """Return how good a reading is: missing words weigh most, then foreign words, then many elements."""
    total = 0.0
    for example, score in zip(examples, scores, strict=True):
        held = sum(len(example.blocks[number].words) for number in score.blocks)
        share = score.others / (held + score.others) if held else 1.0
        total += 10 * held / max(example.findable, 1) - 2 * share - 0.12 * (len(score.spans) - 1)
    return total / len(examples)


def _extended(
    examples: Sequence[Example], scores: dict[str, list[Score]], cost: dict[str, float], first: str
) -> tuple[float, tuple[str, ...]]:
    """Return the best set of selectors that begins with this one, and its worth."""
    chosen: tuple[str, ...] = (first,)
    found = scores[first]
    worth = _worth(examples, found) - cost[first]
    while len(chosen) < _MOST_CONTAINERS:
        options = []
        for css, more in scores.items():
            if css not in chosen and any(two.blocks - one.blocks for one, two in zip(found, more, strict=True)):
                spans = [_merged(one.spans, two.spans) for one, two in zip(found, more, strict=True)]
                union = [_score_spans(example, merged) for example, merged in zip(examples, spans, strict=True)]
                gained = _worth(examples, union) - sum(cost[one] for one in (*chosen, css)) - 0.2 * len(chosen)
                options.append((gained, css, union))
        if not options or (best := max(options, key=lambda option: option[:2]))[0] <= worth:
            break
        worth, css, found = best
        chosen = (*chosen, css)
    return worth, chosen


def _merged(one: tuple[Span, ...], other: tuple[Span, ...]) -> tuple[Span, ...]:
    spans = sorted({*one, *other}, key=lambda span: (span[0], -span[1]))
    found: list[Span] = []
    for span in spans:
        if not found or span[0] >= found[-1][1]:
            found.append(span)
    return tuple(found)
