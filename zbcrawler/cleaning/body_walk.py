"""Walk over a body, and write what the layout allows: text and marks first, then elements with a form of their own."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from zbcrawler.cleaning.blocks import Blocks, Picture
from zbcrawler.cleaning.links import absolute, embed_address, picture_address
from zbcrawler.cleaning.noise import PICTURES, Noise
from zbcrawler.common.errors import BodyError
from zbcrawler.common.text import escape_attribute, fold

_TEXT_BLOCKS = {"p": "p", "h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4", "pre": "pre"}
_INLINE_MARKS = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "sub": "sub", "sup": "sup"}
# Unwrapped; the words in them form a block of their own.
_APART = frozenset(
    "div section article main header footer aside nav address center details summary dl dt dd"
    " fieldset legend hgroup search menu dir html body li caption tr td th tbody thead tfoot".split()
)
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
_ROWS = {"thead": "thead", "tbody": "tbody", "tfoot": "tbody", "tr": "tr"}
_CELLS = {"td": "td", "th": "th"}
# Noise in these elements does not end a block; any other noise does.
_INLINE_NOISE = frozenset("a img span script style noscript template button b i em strong".split())
# Elements that are captions without being a ``figcaption`` (site-layouts 4.2 and 6.2).
_CAPTION_CLASSES = frozenset({"figure-caption", "article-pic-title"})
_FILE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp|svg|tiff?|avif|heic)$", re.IGNORECASE)
# Posts of other sites; their scripts look for these classes.
_QUOTED_POSTS = frozenset({"twitter-tweet", "twitter-video", "instagram-media", "tiktok-embed", "fb-post", "fb-video"})

# The walk uses at most this many of the 1,000 levels of calls that Python allows: 233 nested elements, or 100 nested
# tables. Python's own limit cannot be used, because code that cleans up at that moment fails as well.
_DEEPEST = 700
_LEVELS, _LEVELS_OF_A_WRITER = 3, 7


@dataclass
class Walk:
    noise: Noise
    origin: str  # ``scheme://host[:port]`` of the page
    removed: list[tuple[str, HtmlElement]] = field(default_factory=list)  # see :attr:`CleanedBody.removed`
    figures: list[Picture | None] = field(default_factory=list)  # of each figure around the element, the latest picture
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
        """Write ``element`` in the form that the layout gives it; raise BodyError if it is nested too deeply."""
        tag = element.tag
        if not isinstance(tag, str):  # a comment
            return
        writer = _WRITERS.get(tag)
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
        elif _has_class(element, _CAPTION_CLASSES):
            _write_caption(self, element, blocks)
        elif block := _TEXT_BLOCKS.get(tag):
            if len(element):
                outer = blocks.enter(block)
                self.write_content(element, blocks)
                blocks.leave(outer)
            else:
                blocks.text_block(block, element.text)
        elif tag in _INLINE_MARKS:
            blocks.start_mark(_INLINE_MARKS[tag])
            self.write_content(element, blocks)
            blocks.end_mark()
        elif tag in _APART:
            blocks.end_block()
            self.write_content(element, blocks)
            blocks.end_block()
            if _has_class(element, _QUOTED_POSTS):
                blocks.embed(absolute(element.get("data-href"), self.origin))
        else:
            self.write_content(element, blocks)
        self._depth -= levels

    def content_of(self, element: HtmlElement, blocks: Blocks) -> Blocks:
        inner = blocks.nested()
        self.write_content(element, inner)
        return inner


def _has_class(element: HtmlElement, wanted: frozenset[str]) -> bool:
    names = element.get("class")
    return bool(names) and not wanted.isdisjoint(names.split())


def _write_link(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    if address := absolute(element.get("href"), walk.origin):
        blocks.start_mark("a", f' href="{escape_attribute(address)}"')
    walk.write_content(element, blocks)
    if address:
        blocks.end_mark()


def _write_list(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """Write a list; content of the list outside its items becomes an item."""
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
    blocks.embed(embed_address(element, walk.origin))


def _write_embed_element(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """Write an ``embed``, and the content after it, which the parser puts into the element."""
    _write_player(walk, element, blocks)
    walk.write_content(element, blocks)


def _write_quotation(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    if content := walk.content_of(element, blocks).paragraphs():
        blocks.block(f"<blockquote>{content}</blockquote>")
    if _has_class(element, _QUOTED_POSTS):
        # A tweet ends with the link to itself; its words may link other tweets.
        statuses: list[str] = [href for link in element.iter("a") if "/status/" in (href := link.get("href") or "")]
        address = statuses[-1] if statuses else element.get("data-instgrm-permalink") or element.get("cite")
        blocks.embed(absolute(address, walk.origin))


def _write_table(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """Write a table, unless its cells are empty; words outside the cells come before it as paragraphs."""
    stray = blocks.nested("p")
    cells: list[str] = []
    rows = _rows_or_cells(walk, element, stray, cells)
    for line in stray.lines():
        blocks.block(line)
    if any(cells):
        blocks.block(f"<table>{rows}</table>")


def _rows_or_cells(walk: Walk, parent: HtmlElement, stray: Blocks, cells: list[str]) -> str:
    """Return the rows of a table or group, or the cells of a row; add to ``cells`` what each cell holds."""
    tags, parts = _CELLS if parent.tag == "tr" else _ROWS, []
    stray.text(parent.text)
    for child in parent:
        tag = tags.get(child.tag) if child not in walk.noise else None
        if tag is None:
            stray.end_block()
            walk.write(child, stray)
        elif tags is _CELLS:
            spans = "".join(f' {name}="{value}"' for name in ("colspan", "rowspan") if (value := _span(child, name)))
            cells.append(walk.content_of(child, stray).inner())
            parts.append(f"<{tag}{spans}>{cells[-1]}</{tag}>")
        elif content := _rows_or_cells(walk, child, stray, cells):
            parts.append(f"<{tag}>{content}</{tag}>")
        stray.text(child.tail)
    stray.end_block()
    return "".join(parts)


def _span(cell: HtmlElement, name: str) -> str:
    value = (cell.get(name) or "").strip()
    return value if value.isascii() and value.isdigit() and 1 < int(value[:5]) <= 1000 else ""


def _write_figure(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """Write a ``figure``; a caption above its picture is written after the picture."""
    blocks.end_block()
    walk.figures.append(None)
    early = _caption_above(walk, element)
    blocks.text(element.text)
    for child in element:
        if child is not early:
            walk.write(child, blocks)
        blocks.text(child.tail)
        if early is not None and walk.figures[-1] is not None:
            _write_caption(walk, early, blocks)
            early = None
    if early is not None:  # no picture of the figure shows anything
        _write_caption(walk, early, blocks)
    walk.figures.pop()
    blocks.end_block()


def _write_caption(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """Write a caption: to the picture right above it, or else as a paragraph."""
    inner = blocks.nested()
    _write_flat(walk, element, inner)
    blocks.end_block()
    picture = blocks.last_picture()
    if walk.figures and walk.figures[-1] is not picture:
        picture = None  # the figure's own picture shows nothing, so the latest picture is another figure's
    blocks.caption(picture, inner)


def _write_image(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    address = picture_address(element, walk.origin)
    if address is None:
        walk.removed.append(("picture-without-address", element))
        blocks.forget_picture()
        return
    fallback = _readable(element, "data-caption") or _readable(element, "title")
    picture = blocks.picture(Picture(address, _readable(element, "alt"), fallback=fallback))
    if walk.figures:
        walk.figures[-1] = picture


def _write_picture(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """Write a ``picture``: by its ``img``, which knows the sources, or by the sources if there is no ``img``."""
    blocks.end_block()
    if next(element.iter("img"), None) is None:
        _write_image(walk, element, blocks)
    walk.write_content(element, blocks)
    blocks.end_block()


def _caption_above(walk: Walk, figure: HtmlElement) -> HtmlElement | None:
    """Return the first caption of ``figure``, if it stands above the figure's first picture."""
    caption = next((child for child in figure.iterchildren("figcaption") if child not in walk.noise), None)
    if caption is None:
        return None
    first = next(one for one in figure.iter(*PICTURES, "figcaption") if one is caption or one.tag != "figcaption")
    below = (picture for sibling in caption.itersiblings() for picture in sibling.iter(*PICTURES))
    return caption if first is caption and next(below, None) is not None else None


def _write_flat(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """Write the content of ``element``, its paragraphs as bare runs: a caption holds words only."""
    blocks.text(element.text)
    for child in element:
        if child.tag in _PARAGRAPHS and child not in walk.noise:
            blocks.end_block()
            _write_flat(walk, child, blocks)
            blocks.end_block()
        else:
            walk.write(child, blocks)
        blocks.text(child.tail)


def _readable(element: HtmlElement, name: str) -> str:
    """Return an attribute's words; the name of a file counts as no words."""
    value = element.get(name)
    words = " ".join(fold(value).split()) if value else ""
    return "" if _FILE_NAME.search(words) else words


_WRITERS: dict[str, Callable[[Walk, HtmlElement, Blocks], None]] = {
    "a": _write_link,
    "br": lambda _, __, blocks: blocks.line_break(),
    "hr": lambda _, __, blocks: blocks.block("<hr>"),
    "blockquote": _write_quotation,
    "table": _write_table,
    "figure": _write_figure,
    "figcaption": _write_caption,
    "picture": _write_picture,
    "embed": _write_embed_element,
    **dict.fromkeys(("ul", "ol"), _write_list),
    **dict.fromkeys(("img", "amp-img"), _write_image),
    **dict.fromkeys("iframe amp-iframe video-js video audio".split(), _write_player),
}
