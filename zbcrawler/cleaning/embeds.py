"""Writes what a page embeds: quoted words, and the address of what only a browser can play."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zbcrawler.cleaning import links
from zbcrawler.common.text import escape, escape_attribute

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from zbcrawler.cleaning.blocks import Blocks
    from zbcrawler.cleaning.body import Walk

# Their scripts look for these classes.
_QUOTED_POSTS = frozenset({"twitter-tweet", "twitter-video", "instagram-media", "tiktok-embed", "fb-post", "fb-video"})


def is_quoted_post(element: HtmlElement) -> bool:
    """Whether ``element`` is a post of another site, its words quoted inside."""
    names = element.get("class")
    return bool(names) and not _QUOTED_POSTS.isdisjoint(names.split())


def write_embed(address: str | None, blocks: Blocks) -> None:
    """The line that stands for an embed."""
    blocks.boundary()
    if address:
        blocks.block(f'<p><a href="{escape_attribute(address)}">{escape(address)}</a></p>')


def write_player(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """An ``iframe`` or another player."""
    write_embed(links.embed_address(element, walk.origin), blocks)


def write_quotation(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """A ``blockquote``; a quoted post's address comes after its words."""
    if content := walk.nested(element, blocks).paragraphs():
        blocks.block(f"<blockquote>{content}</blockquote>")
    if is_quoted_post(element):
        write_embed(links.absolute(_address_of_post(element), walk.origin), blocks)


def _address_of_post(quotation: HtmlElement) -> str | None:
    # A tweet ends in the link to itself; others may stand in its words.
    statuses = [href for link in quotation.iter("a") if "/status/" in (href := link.get("href") or "")]
    return statuses[-1] if statuses else quotation.get("data-instgrm-permalink") or quotation.get("cite")
