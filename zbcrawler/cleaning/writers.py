"""Write the elements of a body that have a form of their own, such as links, lists, tables and pictures."""

from __future__ import annotations

from lxml.html import HtmlElement

from zbcrawler.cleaning.blocks import Blocks, Picture
from zbcrawler.cleaning.body_walk import Walk, Writer, is_quoted_post
from zbcrawler.cleaning.links import absolute, embed_address, is_file_name, picture_address
from zbcrawler.common.text import escape_attribute, fold

_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
_PICTURES = ("img", "amp-img", "picture")
_ROWS = {"thead": "thead", "tbody": "tbody", "tfoot": "tbody", "tr": "tr"}
_CELLS = {"td": "td", "th": "th"}


def _write_link(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    if address := absolute(element.get("href"), walk.origin):
        walk.write_marked(element, blocks, "a", f' href="{escape_attribute(address)}"')
    else:
        walk.write_content(element, blocks)


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
    """Write the address of an ``embed``, then the content after it, which the parser puts into the element."""
    _write_player(walk, element, blocks)
    walk.write_content(element, blocks)


def _write_quotation(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """Write a ``blockquote``; the address of a quoted post comes after its words."""
    if content := walk.content_of(element, blocks).paragraphs():
        blocks.block(f"<blockquote>{content}</blockquote>")
    if is_quoted_post(element):
        # A tweet ends with the link to itself; its words may link other tweets.
        statuses: list[str] = [href for link in element.iter("a") if "/status/" in (href := link.get("href") or "")]
        address = statuses[-1] if statuses else element.get("data-instgrm-permalink") or element.get("cite")
        blocks.embed(absolute(address, walk.origin))


def _write_table(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """Write a table: its rows and cells as they are; a table without words or pictures is left out.

    A caption, and words of the table outside its cells, come before the table as paragraphs.
    """
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
    """Write an ``img``, as a block of its own."""
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
    for element in figure.iter(*_PICTURES, "figcaption"):
        if element is caption:
            break
        if element.tag != "figcaption":
            return None
    pictures = (picture for sibling in caption.itersiblings() for picture in sibling.iter(*_PICTURES))
    return None if next(pictures, None) is None else caption


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
    return "" if is_file_name(words) else words


WRITERS: dict[str, Writer] = {
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
