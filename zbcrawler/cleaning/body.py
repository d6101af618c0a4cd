"""Cleans a body: one walk over the page's own tree, letting through only what is allowed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zbcrawler.cleaning import links
from zbcrawler.cleaning.blocks import Blocks, Picture
from zbcrawler.cleaning.embeds import is_quoted_post, write_embed, write_player, write_quotation
from zbcrawler.cleaning.figures import is_caption, write_caption, write_figure, write_image, write_picture
from zbcrawler.cleaning.noise import Noise
from zbcrawler.cleaning.tables import write_table
from zbcrawler.common.errors import BodyError
from zbcrawler.common.text import escape_attribute

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lxml.html import HtmlElement

    from zbcrawler.cleaning.rules import Rule

_TEXT_BLOCKS = {"p": "p", "h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4", "pre": "pre"}
_MARKS = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "sub": "sub", "sup": "sup"}
# Unwrapped, but the words in them stand apart from their neighbours'.
_APART = frozenset(
    "div section article main header footer aside nav address center details summary dl dt dd"
    " fieldset legend hgroup search menu dir html body li caption tr td th tbody thead tfoot".split()
)
# Dropped without a trace between words; any other noise stood apart from them.
_INLINE_NOISE = frozenset("a img span script style noscript template button b i em strong".split())

# The walk goes so many of Python's levels deep, of the 1,000 that Python allows: 233 elements, or 100 tables, one in
# the other. Python's own limit is no use: whatever else Python cleans up while it is there fails as well.
_DEEPEST = 700
_LEVELS, _LEVELS_OF_A_WRITER = 3, 7


@dataclass
class CleanedBody:
    """What came of a body.

    :ivar lines: HTML, one top-level block each, none holding a line break
    :ivar removed: what was dropped, in reading order: the rule's name, and the element
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
    """Make blocks of what a page holds of a story. Changes the tree only where the site's own words stand loose in it.

    :param raw: lead pictures first, then the body's container
    :param origin: ``scheme://host[:port]`` of the page; posts show the public site instead
    :param noise: elements to drop beside those that the rules find
    :raises BodyError: if the body is nested deeper, or made more laboriously, than any real one
    """
    noise = Noise(raw, noise or {})
    walk = Walk(noise, origin)
    blocks = Blocks()
    for element in raw:
        blocks.boundary()
        walk.inside(element, blocks)
    lines = blocks.lines()
    return CleanedBody(lines, walk.removed, any(rule.truncates for rule in noise.values()))


class Walk:
    """The walk over one body.

    :ivar noise: the elements to drop
    :ivar origin: ``scheme://host[:port]`` of the page
    :ivar removed: the rule and the element, for all that was dropped
    :ivar figures: of each figure that we are inside of, its latest picture
    """

    def __init__(self, noise: Noise, origin: str) -> None:
        self.noise = noise
        self.origin = origin
        self.removed: list[tuple[str, HtmlElement]] = []
        self.figures: list[Picture | None] = []
        self._depth = 0

    def inside(self, element: HtmlElement, blocks: Blocks) -> None:
        """Write the content of ``element``, not the element itself."""
        if text := element.text:
            blocks.text(text)
        for child in element:
            self.node(child, blocks)
            if text := child.tail:
                blocks.text(text)

    def node(self, element: HtmlElement, blocks: Blocks) -> None:
        """Write ``element``, as what the layout makes of it."""
        tag = element.tag
        if not isinstance(tag, str):  # a comment
            return
        levels = _LEVELS_OF_A_WRITER if tag in _WRITERS else _LEVELS
        self._depth += levels
        if self._depth > _DEEPEST:
            raise BodyError("the body is nested too deeply to be a story's")
        if element in self.noise:
            self.removed.append((self.noise[element].name, element))
            if tag not in _INLINE_NOISE:
                blocks.boundary()
        elif write := _WRITERS.get(tag):
            write(self, element, blocks)
        elif (names := element.get("class")) and is_caption(names):
            write_caption(self, element, blocks)
        elif block := _TEXT_BLOCKS.get(tag):
            if len(element):
                outer = blocks.enter(block)
                self.inside(element, blocks)
                blocks.leave(outer)
            else:
                blocks.words(block, element.text)
        elif tag in _MARKS:
            self.marked(element, blocks, _MARKS[tag])
        elif tag in _APART:
            blocks.boundary()
            self.inside(element, blocks)
            blocks.boundary()
            if is_quoted_post(element):
                write_embed(links.absolute(element.get("data-href"), self.origin), blocks)
        else:
            self.inside(element, blocks)
        self._depth -= levels

    def nested(self, element: HtmlElement, blocks: Blocks) -> Blocks:
        """Return the content of ``element`` as blocks of its own, loose text bare."""
        inner = blocks.nested()
        self.inside(element, inner)
        inner.boundary()
        return inner

    def marked(self, element: HtmlElement, blocks: Blocks, tag: str, attributes: str = "") -> None:
        """The content of ``element`` in an inline mark."""
        blocks.start(tag, attributes)
        self.inside(element, blocks)
        blocks.end()


def _write_line_break(_: Walk, __: HtmlElement, blocks: Blocks) -> None:
    blocks.line_break()


def _write_rule(_: Walk, __: HtmlElement, blocks: Blocks) -> None:
    blocks.block("<hr>")


def _write_link(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    if address := links.absolute(element.get("href"), walk.origin):
        walk.marked(element, blocks, "a", f' href="{escape_attribute(address)}"')
    else:
        walk.inside(element, blocks)


def _write_embed_element(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    write_player(walk, element, blocks)
    # The parser knows of no end to it: it takes what follows for its content.
    walk.inside(element, blocks)


def _write_list(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """A list; what stands in it but in no item becomes an item."""
    items = []
    stray = blocks.nested()
    stray.text(element.text)
    for child in element:
        if child.tag == "li" and child not in walk.noise:
            items += [stray.inner(), walk.nested(child, blocks).inner()]
            stray = blocks.nested()
        else:
            walk.node(child, stray)
        stray.text(child.tail)
    items.append(stray.inner())
    if content := "".join(f"<li>{item}</li>" for item in items if item):
        blocks.block(f"<{element.tag}>{content}</{element.tag}>")


_WRITERS: dict[str, Callable[[Walk, HtmlElement, Blocks], None]] = {
    "a": _write_link,
    "br": _write_line_break,
    "hr": _write_rule,
    "blockquote": write_quotation,
    "ul": _write_list,
    "ol": _write_list,
    "table": write_table,
    "figure": write_figure,
    "figcaption": write_caption,
    "img": write_image,
    "amp-img": write_image,
    "picture": write_picture,
    "embed": _write_embed_element,
    **dict.fromkeys("iframe amp-iframe video-js video audio".split(), write_player),
}
