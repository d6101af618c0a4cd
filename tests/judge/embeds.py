"""Count the embeds of a body, and the links that stand for them in the post."""

from __future__ import annotations

from typing import TYPE_CHECKING

from judge.source import PLAYERS, is_bare_address, is_noise
from judge.tree import Element, parse

if TYPE_CHECKING:
    from collections.abc import Sequence


def expected_embeds(source_html: str) -> int:
    """Count the players, tweets and Facebook posts of a body (layouts 3.4), without frames inside them.

    A paragraph that is a bare address counts too: in a clean body it stands for an embed.
    """
    return _count(parse(source_html))


def embed_lines(lines: Sequence[str]) -> list[str]:
    """Return the lines that are `<p><a href="ADDRESS">ADDRESS</a></p>` (post layout)."""
    return [line for line in lines if all(is_bare_address(child) for child in parse(line).children)]


def _count(element: Element) -> int:
    if _is_embed(element):
        return 1
    below = [child for child in element.children if isinstance(child, Element)]
    return sum(_count(child) for child in below if child.tag in PLAYERS or not is_noise(child))


def _is_embed(element: Element) -> bool:
    if element.tag in PLAYERS:
        return any(e.get("src").startswith(("https://", "http://", "//")) for e in element.elements())
    if element.tag == "video-js":
        return bool(element.get("data-video-id"))
    if element.tag == "p":
        return is_bare_address(element)
    return bool(element.classes & {"twitter-tweet", "fb-post", "fb-video", "oembed"})
