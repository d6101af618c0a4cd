"""Clean a body: walk once over the page's own tree, with a writer for each element that has a form of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from zbcrawler.cleaning.blocks import Blocks
from zbcrawler.cleaning.figures import write_caption, write_figure, write_image, write_picture
from zbcrawler.cleaning.finding import find_noise
from zbcrawler.cleaning.links import absolute, embed_address
from zbcrawler.cleaning.rules import Rule
from zbcrawler.cleaning.tables import write_table
from zbcrawler.cleaning.walk import Walk, Writer, is_quoted_post
from zbcrawler.common.text import escape_attribute


@dataclass
class CleanedBody:
    """The result of cleaning a body.

    :ivar lines: HTML, one top-level block each, none holding a line break
    :ivar removed: what was dropped, in reading order: the rule's name and the element
    :ivar truncated: whether a paywall stood in the text
    """

    lines: list[str]
    removed: list[tuple[str, HtmlElement]]
    truncated: bool

    @property
    def dropped(self) -> Counter[str]:
        """How many elements each rule dropped, by the rule's name."""
        return Counter(rule for rule, _ in self.removed)


def clean(raw: Sequence[HtmlElement], origin: str = "", noise: Mapping[HtmlElement, Rule] | None = None) -> CleanedBody:
    """Make blocks of a story's raw body.

    The tree changes in one way only: loose text that is the site's own gets an element around it.

    :param raw: lead pictures first, then the body's container
    :param origin: ``scheme://host[:port]`` of the page; posts show the public site instead
    :param noise: elements to drop besides those that the rules find
    :raises BodyError: if the body is nested deeper, or takes more steps, than any real one
    """
    found = find_noise(raw, noise or {})
    walk = Walk(found, origin, _WRITERS)
    blocks = Blocks()
    for element in raw:
        blocks.end_block()
        walk.write_content(element, blocks)
    return CleanedBody(blocks.lines(), walk.removed, any(rule.truncates for rule in found.values()))


def _write_line_break(_: Walk, __: HtmlElement, blocks: Blocks) -> None:
    blocks.line_break()


def _write_rule(_: Walk, __: HtmlElement, blocks: Blocks) -> None:
    blocks.block("<hr>")


def _write_link(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    if address := absolute(element.get("href"), walk.origin):
        walk.write_marked(element, blocks, "a", f' href="{escape_attribute(address)}"')
    else:
        walk.write_content(element, blocks)


def _write_list(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """Write a list; content that stands in the list but in no item becomes an item."""
    items = []
    stray = blocks.nested()
    stray.text(element.text)
    for child in element:
        if child.tag == "li" and child not in walk.noise:
            items += [stray.inner(), walk.content_of(child, blocks).inner()]
            stray = blocks.nested()
        else:
            walk.write(child, stray)
        stray.text(child.tail)
    items.append(stray.inner())
    if content := "".join(f"<li>{item}</li>" for item in items if item):
        blocks.block(f"<{element.tag}>{content}</{element.tag}>")


def _write_player(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """Write the address of an ``iframe`` or another player."""
    blocks.embed(embed_address(element, walk.origin))


def _write_embed_element(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """Write the address of an ``embed``, then the content after it, which the parser puts into the element."""
    _write_player(walk, element, blocks)
    walk.write_content(element, blocks)


def _write_quotation(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """Write a ``blockquote``; the address of a quoted post comes after its words."""
    if content := walk.content_of(element, blocks).paragraphs():
        blocks.block(f"<blockquote>{content}</blockquote>")
    if is_quoted_post(element):
        blocks.embed(absolute(_address_of_post(element), walk.origin))


def _address_of_post(quotation: HtmlElement) -> str | None:
    # A tweet ends in the link to itself; others may stand in its words.
    statuses: list[str] = [href for link in quotation.iter("a") if "/status/" in (href := link.get("href") or "")]
    return statuses[-1] if statuses else quotation.get("data-instgrm-permalink") or quotation.get("cite")


_WRITERS: dict[str, Writer] = {
    "a": _write_link,
    "br": _write_line_break,
    "hr": _write_rule,
    "blockquote": _write_quotation,
    "ul": _write_list,
    "ol": _write_list,
    "table": write_table,
    "figure": write_figure,
    "figcaption": write_caption,
    "img": write_image,
    "amp-img": write_image,
    "picture": write_picture,
    "embed": _write_embed_element,
    **dict.fromkeys("iframe amp-iframe video-js video audio".split(), _write_player),
}
