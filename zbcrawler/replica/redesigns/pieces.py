"""A story as neutral pieces, which every redesign writes in its own markup.

The pieces are made of the lines that a clean post must hold. So no markup of another edition is left in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from lxml.html import HtmlElement, fragment_fromstring

from zbcrawler.replica.content import Block, Figure
from zbcrawler.replica.markup import attribute, page_text
from zbcrawler.replica.pictures import STORE, Picture
from zbcrawler.replica.pieces import children_of, is_element, written
from zbcrawler.replica.story import ReplicaStory

Kind = Literal["paragraph", "heading", "list", "quote", "table", "picture", "embed", "rule", "pre"]
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("h2", "h3", "h4"), "heading"),
    **dict.fromkeys(("ul", "ol"), "list"),
    "blockquote": "quote",
    "table": "table",
    "figure": "picture",
    "hr": "rule",
    "pre": "pre",
}
_EMBED = re.compile("media_embed|oembed-video|brightcove-player|<iframe")


@dataclass(frozen=True)
class Piece:
    """One block of a story.

    :ivar html: the whole block in plain markup, without any attribute of a build
    :ivar inner: what is inside its element, as HTML
    :ivar parts: the items of a list or the paragraphs of a quotation, as HTML
    """

    kind: Kind
    html: str
    tag: str = "p"
    inner: str = ""
    parts: tuple[str, ...] = ()
    picture: Picture | None = None


def pieces_of(story: ReplicaStory) -> list[Piece]:
    """Return the blocks of a story's body; of a locked story the first third. Lead pictures are not among them."""
    if story.visible:
        return [piece for block in story.visible.blocks for piece in _of_block(block)]
    start, children = children_of(story.raw_html("react"))
    loose = [Piece("paragraph", f"<p>{page_text(start)}</p>", inner=page_text(start))] if start.strip() else []
    return loose + [_of_element(child) for child in children if is_element(child)]


def write(pieces: Iterable[Piece], forms: Mapping[str, str], store: str = STORE) -> list[str]:
    """Return each piece in a build's markup.

    :param forms: a template for each kind of piece, and ``caption`` and ``part`` for what is inside; plain markup
        where one is missing
    :param store: the address of the picture store in the build's pages
    """
    return [_written(piece, forms, store) for piece in pieces]


def pictures(lead: Iterable[Picture], forms: Mapping[str, str], kind: str = "lead", store: str = STORE) -> str:
    """Return pictures above the text in a build's markup.

    :param forms: the templates ``kind`` and ``caption``, the second for pictures that have one
    """
    return "".join(_picture(one, forms, kind, store) for one in lead)


def moved(address: str, store: str) -> str:
    """Return the address of a picture as a build's pages write it."""
    path = address.removeprefix(STORE)
    return address if path == address else store + path


def _written(piece: Piece, forms: Mapping[str, str], store: str) -> str:
    if piece.picture:
        return _picture(piece.picture, forms, "picture", store)
    parts = "".join(forms.get("part", "<li>{part}</li>").format(part=part) for part in piece.parts)
    form = forms.get(piece.tag) or forms.get(piece.kind, "{html}")
    return form.format(html=piece.html, tag=piece.tag, inner=piece.inner, parts=parts, level=piece.tag[-1])


def _picture(one: Picture, forms: Mapping[str, str], kind: str, store: str) -> str:
    words = page_text(one.caption)
    caption = forms.get("caption", "<figcaption>{words}</figcaption>").format(words=words) if words else ""
    usual = '<figure><img src="{address}" alt="{alt}">{caption}</figure>'
    return forms.get(kind, usual).format(
        address=attribute(moved(one.address, store)),
        alt=attribute(one.post_alt),
        caption=caption,
        title=attribute(one.caption),
    )


def _of_block(block: Block) -> list[Piece]:
    if isinstance(block, Figure):
        return [] if block.repeats else [Piece("picture", "", "figure", picture=block.picture)]
    html = block.page("drupal")
    if _EMBED.search(html) and block.post("react"):
        return [Piece("embed", html, "div", html)]
    return [_of_element(fragment_fromstring(line)) for line in block.post("react")]


def _of_element(element: HtmlElement) -> Piece:
    html, tag = written(element), str(element.tag)
    if _EMBED.search(html):
        return Piece("embed", html, "div", html)
    kind = _KINDS.get(tag, "paragraph")
    image = element.find("img") if kind == "picture" else None
    if image is not None:
        caption = element.findtext("figcaption") or ""
        return Piece(
            "picture", html, tag, picture=Picture(image.get("src", ""), caption, post_alt=image.get("alt", ""))
        )
    inner = _inside(element)
    parts = tuple(_inside(child) for child in element if child.tag in {"li", "p"})
    return Piece(kind, html, tag, inner, parts)


def _inside(element: HtmlElement) -> str:
    return page_text(element.text or "") + "".join(written(one) + page_text(one.tail or "") for one in element)
