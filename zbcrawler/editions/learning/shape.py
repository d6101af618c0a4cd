"""Find the shape of a text: the order of its parts, its paragraphs, and what its elements stand for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from lxml.html import HtmlElement

from zbcrawler.cleaning import clean
from zbcrawler.common.errors import BodyError, PageError
from zbcrawler.editions.learning.archived import Block, Example, blocks_of_lines
from zbcrawler.editions.learning.letters_of_page import Span, overlap
from zbcrawler.editions.learning.selectors import selectors_of
from zbcrawler.editions.learnt import LearntEdition, order_of

_SHOWN_BY_PICTURES = frozenset({"figure", "img"})
_COMMON = frozenset("p div span a b td tr li section article data img table ul".split())
_ROWS = frozenset({"tr", "tbody", "td"})
_MARKS = frozenset("strong em sub sup a".split())  # inside a block; of several elements, the innermost stands for it
_KIND = re.compile(r'data\[(?!key=)\w+="[^"]+"\]|[a-z]+-[a-z-]+(?:\[[\w-]+(?:="[^"]+")?\])?')
_MOST_KINDS = 20
_NEAR = 60  # letters between a short block and the one before
_LEAST_SHARE = 0.95  # of the elements that a selector finds must stand for the same thing


def edition_of(story: dict[str, Any]) -> LearntEdition:
    """Return the edition that a declaration of story pages makes."""
    whole = {"landmarks": ["html"], "title": [], "published": []} | story
    return LearntEdition({"name": "learnt", "story": whole})


def find_breaks(examples: Sequence[Example], story: dict[str, Any]) -> int:
    """Return how many ``br`` in a row end a paragraph; 0 if paragraphs are elements, or the cleaner knows them."""
    count = {breaks: _found_as_elements(examples, story | {"breaks": breaks}) for breaks in (0, 2, 1)}
    return max(count, key=lambda breaks: (count[breaks], breaks == 0, breaks))


def _found_as_elements(examples: Sequence[Example], story: dict[str, Any]) -> int:
    found = 0
    for example in arranged(examples, story):
        roots = bodies(example, story)
        for places in example.places.values():
            found += any(inside(example, place, roots) and example.letters.exactly(place) for place in places)
    return found


def arranged(examples: Sequence[Example], story: dict[str, Any]) -> list[Example]:
    """Return the examples with their pages arranged as a declaration says; without those that it cannot read."""
    edition, found = edition_of(story), []
    for example in examples:
        try:
            page = edition.arranged(example.page)
        except PageError:
            continue
        found.append(Example(example.story, page, example.blocks))
    return found


def bodies(example: Example, story: dict[str, Any]) -> list[HtmlElement]:
    """Return the elements that a declaration takes as a story's pictures and text."""
    try:
        roots: list[HtmlElement] = edition_of(story).body(example.page).value
    except PageError:
        return []
    return roots


def inside(example: Example, span: Span, roots: Sequence[HtmlElement]) -> bool:
    """Whether a span lies in one of the elements."""
    around = (example.letters.spans[root] for root in roots)
    return any(start <= span[0] and span[1] <= end for start, end in around)


def matched(example: Example, roots: Sequence[HtmlElement]) -> dict[int, Span]:
    """Return where each archived block stands in a body: in the archived order as far as possible."""
    found: dict[int, Span] = {}
    reached = 0
    for number, places in example.places.items():
        here = [place for place in places if inside(example, place, roots)]
        if here:
            found[number] = next((place for place in here if place[0] >= reached), here[0])
            reached = found[number][1]
    return found | _short(example, found)


def _short(example: Example, found: dict[int, Span]) -> dict[int, Span]:
    """Return where the blocks stand that are too short to be searched alone: right between their neighbours."""
    short: dict[int, Span] = {}
    for number, block in enumerate(example.blocks):
        if block.words and number not in example.places and number - 1 in found:
            start = found[number - 1][1]
            end = found.get(number + 1, (start + _NEAR, 0))[0]
            place = example.letters.text.find(block.words, start, end)
            if place >= 0:
                short[number] = (place, place + len(block.words))
    return short


def find_order(examples: Sequence[Example], story: dict[str, Any]) -> str:
    """Return the attribute that orders a shuffled text, empty if the text is in order."""
    shuffled, right = 0, Counter[str]()
    for example in examples:
        spans = list(matched(example, bodies(example, story)).values())
        if spans == sorted(spans):
            continue
        shuffled += 1
        holders = [example.letters.exactly(span) for span in spans]
        chains = [[*found[::-1], *found[0].iterancestors()] for found in holders if found]
        names = Counter(name for chain in chains for name in {name for one in chain[:4] for name, _ in one.items()})
        for name in (name for name, count in names.items() if count > len(chains) // 2):
            numbers = [next((order_of(one.get(name) or "") for one in chain if one.get(name)), 0) for chain in chains]
            right[name] += numbers == sorted(set(numbers))
    name, count = next(iter(right.most_common(1)), ("", 0))
    return name if count > shuffled // 2 and shuffled > 1 else ""


def find_kinds(examples: Sequence[Example], story: dict[str, Any]) -> dict[str, Any]:
    """Return the attribute that names the kinds of blocks in data, and the known kinds; empty if there is none."""
    for css in story["body"]:
        boxes = [box for example in examples for box in example.page.all(css) if box.tag == "data"]
        children = [child for box in boxes for child in box if child.tag == "data"]
        names = Counter(name for child in children for name in child.keys() if name not in {"key", "raw"})  # noqa: SIM118
        name, count = next(iter(names.most_common(1)), ("", 0))
        known = sorted({child.get(name, "") for child in children}) if count else []
        if count and count == len(children) and len(known) <= _MOST_KINDS:
            return {"at": f"{css} > data @{name}", "known": known}
    return {}


def cleaned(example: Example, story: dict[str, Any]) -> list[Block] | None:
    """Return the blocks that a declaration makes of a page; None if the page cannot be read."""
    try:
        reading = edition_of(story).story(example.page)
        return blocks_of_lines(clean(reading.raw, example.page.origin, reading.noise).lines)
    except (PageError, BodyError):
        return None


def find_forms(examples: Sequence[Example], story: dict[str, Any]) -> dict[str, str]:
    """Return what elements stand for that the cleaner does not know: a tag by selector.

    :param examples: arranged
    """
    order: dict[str, int] = {}
    wanted: dict[HtmlElement, str] = {}
    roots = [*story["body"], *story.get("lead", [])]
    for example in examples:
        for element, tag in _unknown_forms(example, story):
            wanted.setdefault(element, tag)
            for place, css in enumerate([*selectors_of(element), *_within(element, roots)]):
                order[css] = min(place, order.get(css, place))
    archived = set().union(*(_with_archived_words(example, story) for example in examples))
    elements = {css: archived.intersection(*[{e for x in examples for e in x.page.all(css)}]) for css in order}
    forms: dict[str, str] = {}
    ordered = sorted(order, key=lambda css: (order[css], -len(elements[css]), css))
    while found := next(((css, tag) for css in ordered if (tag := _tag_of(css, elements[css], wanted))), None):
        forms[found[0]] = found[1]
        archived -= elements[found[0]]
        elements = {css: left & archived for css, left in elements.items()}
    return forms


def _tag_of(css: str, elements: set[HtmlElement], wanted: dict[HtmlElement, str]) -> str:
    """Return the tag that elements stand for, as far as the archive tells; empty if they stand for several."""
    tags = Counter(wanted.get(element, "") for element in elements)
    tag, count = next(iter(tags.most_common(1)), ("", 0))
    # The kinds of a build's own elements are few and fixed: one of them says enough.
    enough = count > (0 if _KIND.fullmatch(css) else 1) and count >= _LEAST_SHARE * len(elements)
    return tag if enough else ""


def _with_archived_words(example: Example, story: dict[str, Any]) -> set[HtmlElement]:
    spans = list(matched(example, bodies(example, story)).values())
    return {element for element, span in example.letters.spans.items() if overlap(span, spans)}


def _forms_of_figure(
    example: Example, caption: Span, containers: set[HtmlElement]
) -> Iterator[tuple[HtmlElement, str]]:
    """Yield the element of a caption, and the table around the caption and its picture, if there is one."""
    holders = [one for one in example.letters.exactly(caption) if one not in containers]
    if not holders:
        return
    yield holders[-1], "figcaption"
    for around in holders[0].iterancestors():
        if around in containers:
            return
        if next(around.iter("img"), None) is not None:
            if around.tag == "table":
                yield around, "figure"
                return
            if around.tag not in _ROWS:
                return


def _within(element: HtmlElement, containers: Sequence[str]) -> Iterator[str]:
    """Yield selectors of an element without a name, by its tag and its neighbours in the text."""
    if element.tag not in _COMMON:
        yield str(element.tag)
    before, parent = element.getprevious(), element.getparent()
    for css in containers:
        yield f"{css} {element.tag}"
        if parent is not None:
            yield f"{css} {parent.tag} > {element.tag}"
        if next(element.iter("img"), None) is not None:
            yield f"{css} {element.tag}:has(img)"
        if before is not None and isinstance(before.tag, str) and next(before.iter("img"), None) is not None:
            yield f"{css} {before.tag}:has(img) + {element.tag}"


def _unknown_forms(example: Example, story: dict[str, Any]) -> Iterator[tuple[HtmlElement, str]]:
    """Yield the elements that hold an archived element's words, and come out of the cleaner as another element."""
    roots = bodies(example, story)
    containers = {element for css in story["body"] for element in example.page.all(css)}
    made = {(tag, block.words[start:end]) for block in cleaned(example, story) or () for tag, start, end in block.parts}
    for number, (start, _) in matched(example, roots).items():
        block = example.blocks[number]
        if block.pictures and ("figcaption", block.words) not in made:
            yield from _forms_of_figure(example, (start, start + len(block.words)), containers)
            continue
        seen: Counter[Span] = Counter()
        for tag, first, end in block.parts:
            depth, seen[first, end] = seen[first, end], seen[first, end] + 1
            if first == end or tag in _SHOWN_BY_PICTURES or (tag, block.words[first:end]) in made:
                continue
            holders = [one for one in example.letters.exactly((start + first, start + end)) if one not in containers]
            if holders:
                yield holders[-1 if tag in _MARKS else min(depth, len(holders) - 1)], tag
