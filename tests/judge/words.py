"""Compare the words of a body with those of the post: the same words in the same order, and no others."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from judge.pictures import address_of, same_picture_key
from judge.source import is_bare_address, readable
from judge.tree import Element, Node, parse, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

# Post layout, white space: these are dropped. U+200D stays, since it joins emoji.
ZERO_WIDTH = frozenset("\u200b\u2060\ufeff")
BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def reader_words(source_html: str) -> str:
    """Return what a reader of the source body must find in the post, without white space."""
    reader = _Reader()
    reader.read(readable(source_html))
    return reader.words


def post_words(lines: Sequence[str]) -> str:
    """Return the words of cleaned blocks, without white space and without the addresses that stand for embeds."""
    reader = _Reader()
    for line in lines:
        reader.read(parse(line))
    return reader.words


def first_difference(expected: str, found: str, around: int = 20) -> str:
    """Return where two strings of words begin to differ, for a message of one line; empty if they are equal."""
    if expected == found:
        return ""
    pairs = enumerate(zip(expected, found, strict=False))
    at = next((i for i, (a, b) in pairs if a != b), min(len(expected), len(found)))
    near = slice(max(0, at - around), at + around)
    return f"at {at}: expected …{expected[near]!r}, found …{found[near]!r}"


def bare(text: str) -> str:
    """Return a text without white space, control and zero-width characters."""
    return "".join(ch for ch in text if not _is_invisible(ch))


@dataclass
class _Reader:
    """Reads from top to bottom, and skips a caption that was read before under the same picture."""

    words: str = ""
    picture: str = ""
    captions: dict[str, set[str]] = field(default_factory=dict)

    def read(self, node: Node) -> None:
        if isinstance(node, str):
            self.words += bare(node)
        elif node.tag == "img":
            self.picture = same_picture_key(address_of(node))
        elif not is_bare_address(node) and not self._is_said_before(node):
            for child in node.children:
                self.read(child)

    def _is_said_before(self, element: Element) -> bool:
        """Whether a caption repeats that of the same picture, or is a `div.article-pic-title` after it (layouts 6.2)."""
        caption = bare(text_of(element))
        if "article-pic-title" in element.classes:
            return bool(caption) and self.words.endswith(caption)
        if element.tag != "figcaption" or not self.picture:
            return False
        known = self.captions.setdefault(self.picture, set())
        repeated = caption in known
        known.add(caption)
        return repeated


def _is_invisible(ch: str) -> bool:
    return ch.isspace() or ch in ZERO_WIDTH or ch in BIDI_CONTROLS or unicodedata.category(ch) == "Cc"
