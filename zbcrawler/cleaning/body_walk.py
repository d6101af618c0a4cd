"""Walk over a body, and let through only what the layout allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from zbcrawler.cleaning.blocks import Blocks, Picture
from zbcrawler.cleaning.links import absolute
from zbcrawler.cleaning.noise import Noise
from zbcrawler.common.errors import BodyError

_TEXT_BLOCKS = {"p": "p", "h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4", "pre": "pre"}
_INLINE_MARKS = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "sub": "sub", "sup": "sup"}
# Unwrapped; the words in them form a block of their own.
_APART = frozenset(
    "div section article main header footer aside nav address center details summary dl dt dd"
    " fieldset legend hgroup search menu dir html body li caption tr td th tbody thead tfoot".split()
)
# Noise in these elements does not end a block; any other noise does.
_INLINE_NOISE = frozenset("a img span script style noscript template button b i em strong".split())
# Elements that are captions without being a ``figcaption`` (site-layouts 4.2 and 6.2).
_CAPTION_CLASSES = frozenset({"figure-caption", "article-pic-title"})
# Posts of other sites; their scripts look for these classes.
_QUOTED_POSTS = frozenset({"twitter-tweet", "twitter-video", "instagram-media", "tiktok-embed", "fb-post", "fb-video"})

# The walk uses at most this many of the 1,000 levels of calls that Python allows: 233 nested elements, or 100 nested
# tables. Python's own limit cannot be used, because code that cleans up at that moment fails as well.
_DEEPEST = 700
_LEVELS, _LEVELS_OF_A_WRITER = 3, 7


@dataclass
class Walk:
    """The walk over one body."""

    noise: Noise
    origin: str  # ``scheme://host[:port]`` of the page
    writers: Mapping[str, Writer]  # by tag, for elements with a form of their own; has ``figcaption``
    # The rule's name and the element, for everything that was dropped.
    removed: list[tuple[str, HtmlElement]] = field(default_factory=list)
    # For each figure around the current element, the figure's latest picture.
    figures: list[Picture | None] = field(default_factory=list)
    _depth: int = 0

    def write_content(self, element: HtmlElement, blocks: Blocks) -> None:
        """Write the content of ``element``, not the element itself."""
        if text := element.text:
            blocks.text(text)
        for child in element:
            self.write(child, blocks)
            if text := child.tail:
                blocks.text(text)

    def write(self, element: HtmlElement, blocks: Blocks) -> None:
        """Write ``element`` in the form that the layout gives it.

        :raises BodyError: if the element is nested more deeply than in any real story
        """
        tag = element.tag
        if not isinstance(tag, str):  # a comment
            return
        writer = self.writers.get(tag)
        levels = _LEVELS_OF_A_WRITER if writer else _LEVELS
        self._depth += levels
        if self._depth > _DEEPEST:
            raise BodyError("the body is nested too deeply to be a story's")
        if element in self.noise:
            self.removed.append((self.noise[element].name, element))
            if tag not in _INLINE_NOISE:
                blocks.end_block()
        elif writer:
            writer(self, element, blocks)
        elif (names := element.get("class")) and not _CAPTION_CLASSES.isdisjoint(names.split()):
            self.writers["figcaption"](self, element, blocks)
        elif block := _TEXT_BLOCKS.get(tag):
            if len(element):
                outer = blocks.enter(block)
                self.write_content(element, blocks)
                blocks.leave(outer)
            else:
                blocks.text_block(block, element.text)
        elif tag in _INLINE_MARKS:
            self.write_marked(element, blocks, _INLINE_MARKS[tag])
        elif tag in _APART:
            blocks.end_block()
            self.write_content(element, blocks)
            blocks.end_block()
            if is_quoted_post(element):
                blocks.embed(absolute(element.get("data-href"), self.origin))
        else:
            self.write_content(element, blocks)
        self._depth -= levels

    def content_of(self, element: HtmlElement, blocks: Blocks) -> Blocks:
        """Return the content of ``element`` as blocks of its own, loose text bare."""
        inner = blocks.nested()
        self.write_content(element, inner)
        inner.end_block()
        return inner

    def write_marked(self, element: HtmlElement, blocks: Blocks, tag: str, attributes: str = "") -> None:
        """Write the content of ``element`` inside an inline mark."""
        blocks.start_mark(tag, attributes)
        self.write_content(element, blocks)
        blocks.end_mark()


Writer = Callable[[Walk, HtmlElement, Blocks], None]


def is_quoted_post(element: HtmlElement) -> bool:
    """Whether ``element`` is a post of another site, its words quoted inside."""
    names = element.get("class")
    return bool(names) and not _QUOTED_POSTS.isdisjoint(names.split())
