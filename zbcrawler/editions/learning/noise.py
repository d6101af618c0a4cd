"""Find what stands in a text and is not the story: in several pages, and in no archived text."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from os.path import commonprefix

from lxml.html import HtmlElement

from zbcrawler.cleaning.find_noise import find_noise
from zbcrawler.cleaning.links import embed_address
from zbcrawler.common.markup import parse_fragment
from zbcrawler.common.text import letters
from zbcrawler.editions.arranging import blocks_of, is_story_link
from zbcrawler.editions.learning.evidence import Example, overlap
from zbcrawler.editions.learning.selectors import places_of
from zbcrawler.editions.page import text_of

_LEAST_PAGES = 2  # with the same noise
_LEAST_PAGES_OF_WORDS = 3  # with the same beginning, or with links
_LABEL = re.compile(r"[^：:｜|／/]{2,10}[：:｜|／/]")  # such as 责任编辑：
_SHORTEST_BEGINNING = 4
_ADDRESS = re.compile(r"https?://")
# The keys of data are few and fixed: one that holds no archived words on a single page says enough.
_KEY = re.compile(r'data\[key="[^"]*"\]')


def find_noise_rules(examples: Sequence[Example]) -> list[dict[str, str]]:
    """Return the rules that drop what is not archived on several pages, each with its reason."""
    count = Counter(name for one in examples for name in set().union(*(names for _, _, names in one.shown)))
    repeated = {name for name, number in count.items() if number > 1}
    sorted_out = [_sorted_out(example, repeated) for example in examples]
    rules = list(_rules_of_selectors(examples, sorted_out))
    dropped = {element for rule in rules for one in examples for element in one.page.all(rule["css"])}
    left = [[one for one in found if dropped.isdisjoint([one, *one.iterancestors()])] for _, found in sorted_out]
    return rules + list(_rules_of_words(examples, left))


def _sorted_out(example: Example, repeated_pictures: set[str]) -> tuple[set[HtmlElement], list[HtmlElement]]:
    """Return a text's elements with archived words or pictures, and the outermost elements without."""
    names = {element: shown for element, shown in example.names_shown.items() if element.tag != "source"}
    pictures, spans = set().union(*example.pictures), list(example.matches.values())
    words = {block.words for block in example.blocks}
    story = set(example.roots)
    for element in [element for root in example.roots for element in root.iter() if isinstance(element.tag, str)]:
        embeds = [embed_address(element, example.page.origin) or "", *element.values()] if element.keys() else []
        is_embed = not words.isdisjoint(letters(value) for value in embeds if _ADDRESS.match(value))
        if overlap(example.letters.spans[element], spans) or names.get(element, set()) & pictures or is_embed:
            story |= {element, *element.iterancestors()}
    known = find_noise(example.roots, {})
    foreign, waiting = [], [child for root in example.roots for child in root]
    while waiting:
        element = waiting.pop()
        # The search for known noise puts elements around some texts.
        if element in known or element not in example.letters.spans or not isinstance(element.tag, str):
            continue
        if element in story:
            waiting += element
        elif any(map(str.strip, known.texts(element))) or any(
            names.get(one, set()) & repeated_pictures for one in element.iter()
        ):
            foreign.append(element)
    return story, foreign


def _rules_of_selectors(
    examples: Sequence[Example], sorted_out: Sequence[tuple[set[HtmlElement], list[HtmlElement]]]
) -> Iterator[dict[str, str]]:
    left = {element for _, foreign in sorted_out for element in foreign}
    for css in places_of((((element, "") for element in foreign) for _, foreign in sorted_out), least=1):
        least = 1 if _KEY.fullmatch(css) else _LEAST_PAGES
        found = [set(example.page.all(css)) for example in examples]
        eats_story = any(elements & story for elements, (story, _) in zip(found, sorted_out, strict=True))
        is_bare = css.isalnum()  # nothing but the tag of an element that stands for nothing in particular
        if is_bare or "nth-of" in css or eats_story or sum(bool(one & left) for one in found) < least:
            continue
        left -= set().union(*found)
        yield {"css": css, "reason": _reason(sum(map(bool, found)), len(examples))}


def _rules_of_words(examples: Sequence[Example], left: list[list[HtmlElement]]) -> Iterator[dict[str, str]]:
    """Yield rules for blocks that only their words tell from the story's."""
    blocks = [[block for element in elements for block in blocks_of(element)] for elements in left]
    honest = [parse_fragment(line) for example in examples for line in example.story.body]
    linking = sum(any(map(is_story_link, found)) for found in blocks)
    drops_links = linking >= _LEAST_PAGES_OF_WORDS and not any(map(is_story_link, honest))
    if drops_links:
        yield {"links": "yes", "reason": _reason(linking, len(examples))}
    where: defaultdict[str, set[int]] = defaultdict(set)
    for number, found in enumerate(blocks):
        for line in [text_of(block) for block in found if not (drops_links and is_story_link(block))]:
            where[line].add(number)
    archived = list(map(text_of, honest))
    starts = {label[0] for line in where if (label := _LABEL.match(line))}
    starts |= set(map(commonprefix, pairwise(sorted(where))))
    for start in sorted(starts, key=lambda start: (len(start), start)):
        lines = [line for line in where if line.startswith(start)]
        numbers = set().union(*(where[line] for line in lines))
        # Edits may add paragraphs that begin alike; labels such as 责任编辑： are not the story's.
        least = _LEAST_PAGES_OF_WORDS if _LABEL.fullmatch(start) else max(_LEAST_PAGES_OF_WORDS, len(examples) // 3)
        is_long = _LABEL.fullmatch(start) or len(start) >= _SHORTEST_BEGINNING
        is_honest = any(line.startswith(start) for line in archived)
        if is_long and len(lines) > 1 and len(numbers) >= least and not is_honest:
            yield {"begins": start, "reason": _reason(len(numbers), len(examples))}
            for line in lines:
                del where[line]
    for line, numbers in where.items():
        if len(numbers) >= _LEAST_PAGES and line not in archived and letters(line):
            yield {"sentence": line, "reason": _reason(len(numbers), len(examples))}


def _reason(count: int, pages: int) -> str:
    return f"stands in {count} of {pages} pages and in no archived text"
