"""Write pictures: each one a figure with its caption, wherever the page put the two."""

from __future__ import annotations

from lxml.html import HtmlElement

from zbcrawler.cleaning.blocks import Blocks, Picture
from zbcrawler.cleaning.links import is_file_name, picture_address
from zbcrawler.cleaning.walk import Walk
from zbcrawler.common.text import fold

_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})


def write_figure(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
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
            write_caption(walk, early, blocks)
            early = None
    if early is not None:  # none of the pictures shows anything
        write_caption(walk, early, blocks)
    walk.figures.pop()
    blocks.end_block()


def write_caption(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """Write a caption: to the picture right above it, or else as a paragraph."""
    inner = blocks.nested()
    _write_flat(walk, element, inner)
    blocks.end_block()
    picture = blocks.last_picture()
    if walk.figures and walk.figures[-1] is not picture:
        picture = None  # the figure's own picture shows nothing, so this one is another's
    blocks.caption(picture, inner)


def write_image(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
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


def write_picture(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """Write a ``picture``: by its ``img``, which knows the sources, or by the sources if there is no ``img``."""
    blocks.end_block()
    if next(element.iter("img"), None) is None:
        write_image(walk, element, blocks)
    walk.write_content(element, blocks)
    blocks.end_block()


def _caption_above(walk: Walk, figure: HtmlElement) -> HtmlElement | None:
    """Return the first caption of ``figure``, if it stands above the figure's first picture."""
    caption = next((child for child in figure.iterchildren("figcaption") if child not in walk.noise), None)
    if caption is None:
        return None
    for element in figure.iter("img", "amp-img", "picture", "figcaption"):
        if element is caption:
            break
        if element.tag != "figcaption":
            return None
    pictures = (picture for sibling in caption.itersiblings() for picture in sibling.iter("img", "amp-img", "picture"))
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
    value = " ".join(fold(value).split()) if value else ""
    return "" if is_file_name(value) else value
