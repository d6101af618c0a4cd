"""Compare where links, emphasis, headings, lists, quotations and pictures stand in a body and in the post."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from judge.pictures import absolute, address_of, same_picture_key
from judge.source import is_bare_address, readable
from judge.tree import Element, Node, parse, text_of
from judge.words import bare

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# Post layout, "Kept": what other names of the same thing become.
NAMES = {"b": "strong", "i": "em", "h1": "h2", "h5": "h4", "h6": "h4"}
KINDS = ("h2", "h3", "h4", "li", "blockquote", "pre", "td", "th", "strong", "em", "sup", "sub")


def source_words_in(kind: str, source_html: str) -> str:
    """Return the words of a source body that stand in elements of a kind, in one string.

    One string, because a run of `br` may split an element into several.
    """
    return "".join(_words_in(kind, readable(source_html)))


def post_words_in(kind: str, lines: Sequence[str]) -> str:
    """Return the same for cleaned blocks."""
    return "".join(word for line in lines for word in _words_in(kind, parse(line)))


def expected_links(source_html: str) -> list[tuple[str, str]]:
    """Return each link with an http(s) address: the absolute address and the words (post layout).

    Neighbours with the same address are one link, since a run of `br` or a picture inside may split a link.
    """
    return _joined(_links(readable(source_html)))


def post_links(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Return the same for cleaned blocks, without the lines that stand for embeds."""
    return _joined(link for line in lines for link in _links(parse(line)))


def source_places(source_html: str) -> list[tuple[str, int]]:
    """Return each picture and each `hr`, with the number of characters of words before it."""
    return _places(readable(source_html))


def post_places(lines: Sequence[str]) -> list[tuple[str, int]]:
    """Return the same for cleaned blocks."""
    return _places(parse("".join(lines)))


def _words_in(kind: str, node: Node) -> Iterator[str]:
    if isinstance(node, str) or is_bare_address(node):
        return
    if NAMES.get(node.tag, node.tag) == kind:
        yield bare(text_of(node))
        return
    for child in node.children:
        yield from _words_in(kind, child)


def _links(node: Node) -> Iterator[tuple[str, str]]:
    if isinstance(node, str) or is_bare_address(node):
        return
    href = node.get("href").strip()
    address = absolute(href) if href and not href.startswith("#") else ""
    if node.tag == "a" and address.startswith(("http://", "https://")):
        if words := bare(text_of(node)):
            yield address, words
        return
    for child in node.children:
        yield from _links(child)


def _joined(links: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    by_address = groupby(links, key=itemgetter(0))
    return [(address, "".join(words for _, words in group)) for address, group in by_address]


def _places(root: Element) -> list[tuple[str, int]]:
    places: list[tuple[str, int]] = []
    seen: set[str] = set()
    before = 0

    def walk(node: Node) -> None:
        nonlocal before
        if isinstance(node, str):
            before += len(bare(node))
        elif node.tag == "hr":
            places.append(("hr", before))
        elif node.tag == "img":
            key = same_picture_key(address_of(node))
            if key and key not in seen:
                places.append((key, before))
                seen.add(key)
        elif not is_bare_address(node):
            for child in node.children:
                walk(child)

    walk(root)
    return places
