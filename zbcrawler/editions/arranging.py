"""Bring a text into the form that the cleaner reads: in order, with its paragraphs as elements."""

import base64
import re
from collections.abc import Callable, Iterator

from lxml.html import HtmlElement, builder

from zbcrawler.editions.page import text_of

_NUMBER = re.compile(r"\d+")
_ORDER_IN_STYLE = re.compile(r"\border\s*:\s*\d+")
_IN_SOURCES = re.compile(r"(.+?)(?:,?\s[\d.]+[wx]\b|,\s|,?$)")  # an address may hold blanks
_IN_STYLE = re.compile(r"""url\(\s*["']?([^"')\s]+)""")
_BLOCKS = frozenset("p div section article h1 h2 h3 h4 h5 h6 li ul ol table blockquote figure data".split())
# Elements with lines that are no paragraphs.
_KEEPS_BREAKS = frozenset("td th li figcaption h1 h2 h3 h4 h5 h6".split())


def address_in(value: str) -> str:
    """Return the first address in an attribute such as ``src``, ``srcset`` or ``style``."""
    if found := _IN_STYLE.search(value):
        return found[1]
    return found[1] if (found := _IN_SOURCES.match(value.strip())) else ""


def put_in_order(box: HtmlElement, attribute: str, number_of: Callable[[str], int | None] | None = None) -> None:
    """Sort the children of an element by the number in an attribute; children without a number keep their places.

    The text behind a child keeps its place too.
    """
    read = number_of or order_of
    numbers = {child: number for child in box if (number := read(child.get(attribute) or "")) is not None}
    ordered = iter(sorted(numbers, key=numbers.__getitem__))
    children, tails = list(box), [child.tail for child in box]
    placed = [next(ordered) if child in numbers else child for child in children]
    if placed != children:
        box[:] = placed
        for child, tail in zip(placed, tails, strict=True):
            child.tail = tail


def order_of(value: str) -> int | None:
    """Return the number in an attribute by which elements are ordered; None if there is none."""
    if (hidden := hidden_number(value)) is not None:
        return hidden
    number = _ORDER_IN_STYLE.search(value) or _NUMBER.search(value)
    return int(number[0].rpartition(":")[2][:9]) if number else None


def hidden_number(value: str) -> int | None:
    """Return the number that three random characters and the base32 of its digits hide, None if there is none.

    The mainland's edition ordered its paragraphs so (site-layouts 5).
    """
    written = value.strip()[3:].rstrip("=")
    if not 1 <= len(written) <= 24:  # more digits than any number of paragraphs has
        return None
    try:
        digits = base64.b32decode(written + "=" * (-len(written) % 8))
    except ValueError:
        return None
    return int(digits) if digits.isdigit() else None


def blocks_of(root: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the innermost blocks of a body."""
    for element in root.iter():
        is_block = element.tag in _BLOCKS or (element.getparent() is root and isinstance(element.tag, str))
        if is_block and not any(inner.tag in _BLOCKS for inner in element.iterdescendants()):
            yield element


def is_story_link(block: HtmlElement) -> bool:
    """Whether a block is nothing but a link to a story."""
    links = list(block.iter("a"))
    return len(links) == 1 and "/story" in (links[0].get("href") or "") and text_of(links[0]) == text_of(block)


def break_into_paragraphs(root: HtmlElement, least: int) -> None:
    """Make a paragraph of each text that ends with at least so many ``br`` in a row."""
    boxes = [box for box in root.iter() if any(child.tag == "br" for child in box)]
    for box in [box for box in boxes if box is root or box.tag not in _KEEPS_BREAKS]:
        pieces = [(None, box.text), *((child, child.tail) for child in box)]
        runs, pending = [builder.E.p()], []
        box.text = None
        for child, text in pieces:
            if child is not None:
                child.tail = None
                if child.tag == "br":
                    pending.append(child)
                else:
                    _end_run(runs, pending, least)
                    if child.tag in _BLOCKS:
                        runs += [child, builder.E.p()]
                    else:
                        runs[-1].append(child)
            if text and text.strip():
                _end_run(runs, pending, least)
                if len(runs[-1]):
                    runs[-1][-1].tail = text
                else:
                    runs[-1].text = text
        box[:] = [run for run in runs if len(run) or run.text or run.tag != "p"]


def _end_run(runs: list[HtmlElement], pending: list[HtmlElement], least: int) -> None:
    if len(pending) >= least:
        runs.append(builder.E.p())
    elif len(runs[-1]) or runs[-1].text:
        runs[-1].extend(pending)
    pending.clear()
