"""From a body as the site wrote it to the blocks of a post. Imports only ``common``."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lxml.html import HtmlElement

from zbcrawler.cleaning.blocks import Blocks
from zbcrawler.cleaning.body_walk import Walk
from zbcrawler.cleaning.find_noise import find_noise
from zbcrawler.cleaning.noise_rules import Rule

__all__ = ["CleanedBody", "clean"]


class CleanedBody(NamedTuple):
    lines: list[str]  # HTML, one top-level block each, without line breaks
    removed: list[tuple[str, HtmlElement]]  # what was dropped, in reading order, and by which rule
    truncated: bool  # whether a paywall cuts the text


def clean(raw: Sequence[HtmlElement], origin: str = "", noise: Mapping[HtmlElement, Rule] | None = None) -> CleanedBody:
    """Make blocks of a story's raw body: walk once over the page's own tree.

    The tree changes in one way only: loose text that is the site's own gets an element around it.

    :param raw: lead pictures first, then the body's container
    :param origin: ``scheme://host[:port]`` of the page; posts show the public site instead
    :param noise: elements to drop besides those that the rules find
    :raises BodyError: if the body is nested deeper, or takes more steps, than any real body
    """
    found = find_noise(raw, noise or {})
    walk, blocks = Walk(found, origin), Blocks()
    for element in raw:
        blocks.end_block()
        walk.write_content(element, blocks)
    return CleanedBody(blocks.lines(), walk.removed, any(rule.truncates for rule in found.values()))
