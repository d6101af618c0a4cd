"""Writes pictures: each one a figure with its caption, wherever the page put the two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zbcrawler.cleaning import links
from zbcrawler.cleaning.blocks import Blocks, Picture
from zbcrawler.common.text import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from zbcrawler.cleaning.body import Walk

# Site-layouts 4.2 and 6.2.
_CAPTION_CLASSES = frozenset({"figure-caption", "article-pic-title"})
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})


def is_caption(names: str) -> bool:
    """Whether an element of these classes that is no ``figcaption`` stands for one."""
    return not _CAPTION_CLASSES.isdisjoint(names.split())


def write_figure(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """A ``figure``; a caption above its picture waits for it."""
    blocks.boundary()
    walk.figures.append(None)
    early = _caption_above(walk, element)
    blocks.text(element.text)
    for child in element:
        if child is not early:
            walk.node(child, blocks)
        blocks.text(child.tail)
        if early is not None and walk.figures[-1] is not None:
            write_caption(walk, early, blocks)
            early = None
    if early is not None:  # none of the pictures shows anything
        write_caption(walk, early, blocks)
    walk.figures.pop()
    blocks.boundary()


def write_caption(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """A caption: that of the picture right above it, else a paragraph."""
    inner = blocks.nested()
    _flat(walk, element, inner)
    blocks.boundary()
    picture = blocks.last_picture()
    if walk.figures and walk.figures[-1] is not picture:
        picture = None  # the figure's own picture shows nothing, so this one is another's
    blocks.caption(picture, inner)


def write_image(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """An ``img``, as a block of its own."""
    address = links.picture_address(element, walk.origin)
    if address is None:
        walk.removed.append(("picture-without-address", element))
        blocks.forget_picture()
        return
    fallback = _worth_reading(element, "data-caption") or _worth_reading(element, "title")
    picture = blocks.picture(Picture(address, _worth_reading(element, "alt"), fallback=fallback))
    if walk.figures:
        walk.figures[-1] = picture


def write_picture(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """A ``picture``: its ``img`` knows the sources; without one they speak themselves."""
    blocks.boundary()
    if next(element.iter("img"), None) is None:
        write_image(walk, element, blocks)
    walk.inside(element, blocks)
    blocks.boundary()


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


def _flat(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """The content of ``element``, its paragraphs as bare runs: a caption holds words only."""
    blocks.text(element.text)
    for child in element:
        if child.tag in _PARAGRAPHS and child not in walk.noise:
            blocks.boundary()
            _flat(walk, child, blocks)
            blocks.boundary()
        else:
            walk.node(child, blocks)
        blocks.text(child.tail)


def _worth_reading(element: HtmlElement, name: str) -> str:
    """Return an attribute's words; the name of a file is none."""
    value = element.get(name)
    value = " ".join(fold(value).split()) if value else ""
    return "" if links.is_file_name(value) else value
