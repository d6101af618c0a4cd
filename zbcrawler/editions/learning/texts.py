"""Find the text of a story: which elements hold it, in which order, and what its elements stand for."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lxml.html import HtmlElement

from zbcrawler.editions.arranging import order_of
from zbcrawler.editions.learning.evidence import Example, Span, overlap
from zbcrawler.editions.learning.selectors import places_of
from zbcrawler.editions.learnt import outermost

_SAMPLE = 8  # pages that propose selectors; all pages judge them
_MOST_ELEMENTS = 40  # that a selector may find on a page
_MOST_CONTAINERS = 3
_LEAST_HELD = 0.12  # of the words that an element must hold to be proposed
_FIRST = 12  # selectors that may be the first of several
_MARKS = frozenset("strong em sub sup a".split())  # inside a block; of several elements, the innermost stands for it
_NO_FORMS = frozenset({"figure", "img"})
_COMMON = frozenset("p div span a b td tr li section article data img table ul".split())
_LAYOUT = frozenset({"tr", "tbody", "td"})
# The kinds of a build's own elements are few and fixed: one of them says enough.
_KIND = re.compile(r'data\[(?!key=)\w+="[^"]+"\]|[a-z]+-[a-z-]+(?:\[[\w-]+(?:="[^"]+")?\])?')
_MOST_KINDS = 20
_KIND_NAME = re.compile(r"[\w-]{0,20}")
_NO_KINDS = frozenset({"key", "raw", "alt"})
HEADINGS = frozenset({"h2", "h3", "h4"})
_LEAST_SHARE = 0.95  # of the elements that a selector finds must stand for the same thing


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
    least = _LEAST_HELD * held[example.page.tree]
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


def find_breaks(examples: Sequence[Example]) -> int:
    """Return how many ``br`` in a row end a paragraph; 0 if paragraphs are elements, or the cleaner knows them."""
    count: Counter[int] = Counter()
    for breaks in (0, 2, 1):
        for example in [one.declaring(one.declared | {"breaks": breaks}) for one in examples]:
            count[breaks] += sum(bool(example.letters.exactly(span)) for span in example.matches.values())
    return max((0, 2, 1), key=lambda breaks: count[breaks])


def find_order(examples: Sequence[Example]) -> str:
    """Return the attribute that orders a shuffled text, empty if the text is in order."""
    shuffled, right = 0, Counter[str]()
    for example in examples:
        spans = list(example.matches.values())
        if spans == sorted(spans):
            continue
        shuffled += 1
        holders = [found for span in spans if (found := example.letters.exactly(span))]
        chains = [[*found[::-1], *found[0].iterancestors()][:4] for found in holders]
        for name in {name for chain in chains for element in chain for name, _ in element.items()}:
            values = [next((one.get(name, "") for one in chain if one.get(name)), "") for chain in chains]
            numbers = [number for value in values if (number := order_of(value)) is not None]
            # A block without a number keeps its place, and blocks of one part have the same number.
            tells = 2 * len(set(numbers)) > len(values)
            right[name] += tells and numbers == sorted(numbers)
    name, count = max(right.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    return name if count > shuffled // 2 and shuffled > 1 else ""


def find_kinds(examples: Sequence[Example]) -> dict[str, list[str]]:
    """Return the attributes that tell the kinds of a build's own elements apart, each with its known values."""
    values: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for example in examples:
        spans = list(example.matches.values())
        for element in [one for root in example.containers for one in root.iter() if isinstance(one.tag, str)]:
            if (element.tag == "data" or "-" in element.tag) and overlap(example.letters.spans[element], spans):
                for name, value in element.items():
                    if name not in _NO_KINDS and _KIND_NAME.fullmatch(value):
                        values[f"{element.tag}[{name}] @{name}"][value] += 1
    return {
        place: sorted(count) for place, count in values.items() if len(count) <= min(_MOST_KINDS, count.total() // 2)
    }


def find_forms(examples: Sequence[Example]) -> dict[str, str]:
    """Return what elements stand for that the cleaner does not know: a tag by selector."""
    unknown = [list(_unknown_forms(example)) for example in examples]
    wanted = {element: tag for found in unknown for element, tag in reversed(found)}
    declared = examples[0].declared
    roots = [*declared["body"], *declared.get("lead", ())]
    ordered = places_of((((element, "") for element, _ in found) for found in unknown), least=1)
    ordered = [css for css in ordered if not any("nth-of" in css.removeprefix(root) for root in declared["body"])]
    ordered += dict.fromkeys(css for element in wanted for css in _within(element, roots))
    archived = {
        element
        for example in examples
        for element, span in example.letters.spans.items()
        if overlap(span, list(example.matches.values()))
    }
    elements = {css: {one for example in examples for one in example.page.all(css)} & archived for css in ordered}
    forms: dict[str, str] = {}
    # A build may write headings of all levels alike, or all lists.
    tries = [(css, alike) for alike in (frozenset(), HEADINGS, frozenset({"ul", "ol"})) for css in ordered]
    while found := next(
        ((css, tag) for css, alike in tries if (tag := _tag_of(css, elements[css], wanted, alike))), None
    ):
        css, forms[css] = found
        archived -= elements[css]
        elements = {css: left & archived for css, left in elements.items()}
    return forms


def _tag_of(css: str, elements: set[HtmlElement], wanted: dict[HtmlElement, str], alike: frozenset[str]) -> str:
    """Return the tag that elements stand for, as far as the archive tells; empty if they stand for several."""
    tags = Counter(wanted.get(element, "") for element in elements)
    tag, count = max(tags.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    count = sum(number for one, number in tags.items() if one == tag or {one, tag} <= alike)
    is_enough = count > (0 if _KIND.fullmatch(css) else 1) and count >= _LEAST_SHARE * len(elements)
    return tag if is_enough else ""


def _within(element: HtmlElement, containers: Sequence[str]) -> Iterator[str]:
    """Yield selectors of an element without a name, by its tag and its neighbours in the text."""
    before = element.getprevious()
    if element.tag not in _COMMON:  # a common tag alone would take honest elements, too
        yield str(element.tag)
        yield from (f"{css} {element.tag}" for css in containers)
    for css in containers:
        if next(element.iter("img"), None) is not None:
            yield f"{css} {element.tag}:has(img)"
        if before is not None and isinstance(before.tag, str) and next(before.iter("img"), None) is not None:
            yield f"{css} {before.tag}:has(img) + {element.tag}"


def _unknown_forms(example: Example) -> Iterator[tuple[HtmlElement, str]]:
    """Yield the elements that hold an archived element's words, and come out of the cleaner as another element."""
    made = {(tag, block.words[start:end]) for block in example.made or () for tag, start, end in block.parts}
    for number, (start, end) in example.matches.items():
        block = example.blocks[number]
        if block.pictures and ("figcaption", block.words) not in made:
            yield from _forms_of_figure(example, (start, end))
            continue
        nested = Counter((first, last) for _, first, last in block.parts)
        seen: Counter[Span] = Counter()
        for tag, first, last in block.parts:
            seen[first, last] += 1
            is_innermost = tag in _MARKS or 1 < seen[first, last] == nested[first, last]
            if first < last and tag not in _NO_FORMS and (tag, block.words[first:last]) not in made:
                holders = _inside(example, (start + first, start + last))
                if holders:
                    yield holders[-1 if is_innermost else min(seen[first, last], len(holders)) - 1], tag


def _forms_of_figure(example: Example, caption: Span) -> Iterator[tuple[HtmlElement, str]]:
    """Yield the element of a caption, and the table around the caption and its picture, if there is one."""
    if not (holders := _inside(example, caption)):
        return
    yield holders[-1], "figcaption"
    for around in [*holders[-2::-1], *holders[0].iterancestors()]:
        has_picture = next(around.iter("img"), None) is not None
        if around in example.containers or (has_picture and around.tag not in {*_LAYOUT, "table"}):
            return
        if has_picture and around.tag == "table":
            yield around, "figure"
            return


def _inside(example: Example, span: Span) -> list[HtmlElement]:
    return [one for one in example.letters.exactly(span) if one not in example.containers]
