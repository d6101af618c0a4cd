"""Cleans a body: one walk over the page's own tree, letting through only what is allowed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zbcrawler.cleaning import links
from zbcrawler.cleaning.blocks import Blocks, Picture
from zbcrawler.cleaning.noise import Noise
from zbcrawler.cleaning.tables import write_table
from zbcrawler.cleaning.text import drop_unprintable, escape, escape_attribute, fold
from zbcrawler.exceptions import BodyError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lxml.html import HtmlElement

_TEXT_BLOCKS = {"p": "p", "h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
_MARKS = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "sub": "sub", "sup": "sup"}
# Unwrapped, but the words in them stand apart from their neighbours'.
_APART = frozenset(
    "div section article main header footer aside nav address center details summary dl dt dd"
    " fieldset legend hgroup search menu dir html body li caption tr td th tbody thead tfoot".split()
)
_CAPTION_CLASSES = frozenset({"figure-caption", "article-pic-title"})
_QUOTED_POSTS = frozenset({"twitter-tweet", "twitter-video", "instagram-media", "tiktok-embed"})


@dataclass
class CleanBody:
    """What came of a body.

    :ivar lines: HTML, one top-level block each, none holding a line break
    :ivar dropped: how many elements each rule dropped, by the rule's name
    :ivar truncated: whether a paywall stood in the text
    """

    lines: list[str]
    dropped: Counter[str]
    truncated: bool


def clean(raw: Sequence[HtmlElement], origin: str = "") -> CleanBody:
    """Makes blocks of what a page holds of a story. Changes nothing but headings' text in the tree.

    :param raw: lead pictures first, then the body's container
    :param origin: ``scheme://host[:port]`` of the page; posts show the public site instead
    :raises BodyError: if the body is nested deeper than any real one
    """
    try:
        noise = Noise(raw)
        walk = Walk(noise, origin)
        blocks = Blocks()
        for element in raw:
            blocks.boundary()
            walk.inside(element, blocks)
        lines = blocks.lines()
    except RecursionError:
        raise BodyError("the body is nested too deeply to be a story's") from None
    return CleanBody(lines, walk.dropped, any(rule.truncates for rule in noise.values()))


class Walk:
    def __init__(self, noise: Noise, origin: str) -> None:
        self.noise = noise
        self.origin = origin
        self.dropped: Counter[str] = Counter()
        self.figure: list[Picture | None] = []  # of each figure we are inside, its latest picture

    def inside(self, element: HtmlElement, blocks: Blocks) -> None:
        """Writes the content of ``element``, not the element itself."""
        blocks.text(element.text)
        for child in element:
            self.node(child, blocks)
            blocks.text(child.tail)

    def node(self, element: HtmlElement, blocks: Blocks) -> None:
        tag = element.tag
        if not isinstance(tag, str):  # a comment
            return
        if element in self.noise:
            self.dropped[self.noise[element].name] += 1
            if tag not in _INLINE_NOISE:
                blocks.boundary()
        elif tag in _TEXT_BLOCKS:
            outer = blocks.enter(_TEXT_BLOCKS[tag])
            self._apart_or_caption(element, blocks)
            blocks.leave(outer)
        elif tag in _MARKS:
            self._marked(element, blocks, _MARKS[tag])
        elif write := _WRITERS.get(tag):
            write(self, element, blocks)
        elif tag in _APART:
            blocks.boundary()
            self._apart_or_caption(element, blocks)
            blocks.boundary()
        else:
            self.inside(element, blocks)

    def nested(self, element: HtmlElement, blocks: Blocks) -> Blocks:
        """The content of ``element`` as blocks of its own, loose text bare."""
        inner = Blocks(None, blocks.pictures)
        self.inside(element, inner)
        inner.boundary()
        return inner

    def _marked(self, element: HtmlElement, blocks: Blocks, tag: str, attributes: str = "") -> None:
        blocks.start(tag, attributes)
        self.inside(element, blocks)
        blocks.end()

    def _apart_or_caption(self, element: HtmlElement, blocks: Blocks) -> None:
        names = (element.get("class") or "").split()
        if _CAPTION_CLASSES.intersection(names):
            self.caption(element, blocks)
            return
        self.inside(element, blocks)
        if address := element.get("data-href"):  # a Facebook post, its words quoted inside
            self._embed(links.absolute(address, self.origin), blocks)

    # -- one writer an element ------------------------------------------------------------------

    def line_break(self, _: HtmlElement, blocks: Blocks) -> None:
        blocks.line_break()

    def rule(self, _: HtmlElement, blocks: Blocks) -> None:
        blocks.block("<hr>")

    def link(self, element: HtmlElement, blocks: Blocks) -> None:
        address = links.absolute(element.get("href"), self.origin)
        if address:
            self._marked(element, blocks, "a", f' href="{escape_attribute(address)}"')
        else:
            self.inside(element, blocks)

    def quotation(self, element: HtmlElement, blocks: Blocks) -> None:
        inner = self.nested(element, blocks)
        if inner.done:
            blocks.block(f"<blockquote>{inner.inner() if inner.only_bare() else inner.paragraphs()}</blockquote>")
        if _QUOTED_POSTS.intersection((element.get("class") or "").split()):
            found = [link.get("href") for link in element.iter("a") if "/status/" in (link.get("href") or "")]
            address = (found[-1:] or [element.get("data-instgrm-permalink") or element.get("cite")])[0]
            self._embed(links.absolute(address, self.origin), blocks)

    def list(self, element: HtmlElement, blocks: Blocks) -> None:
        items = []
        inner = Blocks(None, blocks.pictures)
        inner.text(element.text)
        for child in element:
            if child.tag == "li" and child not in self.noise:
                items += _wrapped(inner, "li")
                items += _wrapped(self.nested(child, blocks), "li")
                inner = Blocks(None, blocks.pictures)
            else:
                self.node(child, inner)
            inner.text(child.tail)
        items += _wrapped(inner, "li")
        if items:
            blocks.block(f"<{element.tag}>{''.join(items)}</{element.tag}>")

    def table(self, element: HtmlElement, blocks: Blocks) -> None:
        write_table(self, element, blocks)

    def preformatted(self, element: HtmlElement, blocks: Blocks) -> None:
        # Pictures and players cannot stand in it; they come after it.
        after = Blocks("p", blocks.pictures)
        content = "".join(self._preformatted(element, after)).strip("\n")
        if content.strip():
            content = "\n".join(line.rstrip(" ") for line in content.split("\n"))
            blocks.block("<pre>" + content.replace("\n", "&#10;") + "</pre>")
        blocks.extend(after)

    def _preformatted(self, element: HtmlElement, after: Blocks) -> list[str]:
        parts = [_kept_lines(element.text)]
        for child in element:
            if child in self.noise:
                self.dropped[self.noise[child].name] += 1
            elif child.tag == "br":
                parts.append("\n")
            elif child.tag in _SHOWN:
                self.node(child, after)
            elif isinstance(child.tag, str):
                inner = self._preformatted(child, after)
                tag = _MARKS.get(child.tag)
                words = any(part.strip() for part in inner)
                parts += [f"<{tag}>", *inner, f"</{tag}>"] if tag and words else inner
            parts.append(_kept_lines(child.tail))
        return parts

    def figure_element(self, element: HtmlElement, blocks: Blocks) -> None:
        blocks.boundary()
        self.figure.append(None)
        captions = [child for child in element if child.tag == "figcaption" and child not in self.noise]
        # A caption above its picture waits for it.
        early = captions[0] if captions and not _has_picture_before(captions[0], element) else None
        blocks.text(element.text)
        for child in element:
            if child is not early:
                self.node(child, blocks)
            blocks.text(child.tail)
        if early is not None:
            self.caption(early, blocks)
        self.figure.pop()
        blocks.boundary()

    def caption(self, element: HtmlElement, blocks: Blocks) -> None:
        inner = Blocks(None, blocks.pictures)
        self.inside_flat(element, inner)
        blocks.boundary()
        # In a figure it is that figure's, even if its picture shows nothing.
        blocks.caption(self.figure[-1] if self.figure else blocks.last_picture(), inner)

    def inside_flat(self, element: HtmlElement, blocks: Blocks) -> None:
        """As :meth:`inside`, but paragraphs are bare runs: a caption holds words only."""
        blocks.text(element.text)
        for child in element:
            if child.tag in _TEXT_BLOCKS and child not in self.noise:
                blocks.boundary()
                self.inside_flat(child, blocks)
                blocks.boundary()
            else:
                self.node(child, blocks)
            blocks.text(child.tail)

    def image(self, element: HtmlElement, blocks: Blocks) -> None:
        address = links.picture_address(element, self.origin)
        if address is None:
            self.dropped["picture-without-address"] += 1
            blocks.forget_picture()
            return
        alt = _attribute(element, "alt")
        fallback = _attribute(element, "data-caption") or _attribute(element, "title")
        picture = blocks.picture(
            Picture(
                address,
                alt="" if links.is_file_name(alt) else alt,
                fallback="" if links.is_file_name(fallback) else fallback,
            )
        )
        if self.figure:
            self.figure[-1] = picture

    def sources(self, element: HtmlElement, blocks: Blocks) -> None:
        """A ``picture`` element: its ``img`` knows the sources; without one they speak themselves."""
        blocks.boundary()
        if next(element.iter("img"), None) is None:
            self.image(element, blocks)
        self.inside(element, blocks)
        blocks.boundary()

    def player(self, element: HtmlElement, blocks: Blocks) -> None:
        self._embed(links.embed_address(element, self.origin), blocks)

    def _embed(self, address: str | None, blocks: Blocks) -> None:
        blocks.boundary()
        if address:
            blocks.block(f'<p><a href="{escape_attribute(address)}">{escape(address)}</a></p>')


def _wrapped(inner: Blocks, tag: str) -> list[str]:
    content = inner.inner()
    return [f"<{tag}>{content}</{tag}>"] if content else []


def _attribute(element: HtmlElement, name: str) -> str:
    return " ".join(fold(element.get(name) or "").split())


def _kept_lines(text: str | None) -> str:
    lines = (text or "").replace("\r\n", "\n").replace("\r", "\n").expandtabs(4).split("\n")
    return "\n".join(escape(drop_unprintable(line).replace("\u00a0", " ")) for line in lines)


def _has_picture_before(caption: HtmlElement, figure: HtmlElement) -> bool:
    for element in figure.iter("img", "picture", "figcaption"):
        if element is caption:
            return False
        if element.tag != "figcaption":
            return True
    return False


# Dropped without a trace between words; any other noise stood apart from them.
_INLINE_NOISE = frozenset("a img span script style noscript template button b i em strong".split())

# What an element can show besides words.
_SHOWN = frozenset("img picture iframe video-js video audio embed".split())

_WRITERS: dict[str, Callable[[Walk, HtmlElement, Blocks], None]] = {
    "a": Walk.link,
    "br": Walk.line_break,
    "hr": Walk.rule,
    "blockquote": Walk.quotation,
    "ul": Walk.list,
    "ol": Walk.list,
    "table": Walk.table,
    "pre": Walk.preformatted,
    "figure": Walk.figure_element,
    "figcaption": Walk.caption,
    "img": Walk.image,
    "picture": Walk.sources,
    **dict.fromkeys(_SHOWN - {"img", "picture"}, Walk.player),
}
