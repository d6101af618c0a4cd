"""A body's direct children, as a browser sees them, for what the site does to them one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree
from lxml.html import fragment_fromstring

from zbcrawler.replica.markup import attribute, page_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_UNESCAPED = frozenset(("script", "style"))


def children_of(body: str) -> tuple[str, list[HtmlElement]]:
    """The text before the first child, and the children, comments included; the text behind each is its ``tail``."""
    box = fragment_fromstring(body, create_parent="div")
    return box.text or "", list(box)


def is_element(child: HtmlElement) -> bool:
    """Whether a child is an element, and no comment."""
    return isinstance(child.tag, str)


def written(child: HtmlElement) -> str:
    """Return a child as HTML, without the text behind it.

    lxml's own writer would escape the addresses in it anew.
    """
    if not is_element(child):
        return etree.tostring(child, encoding="unicode", with_tail=False)
    opening = f"<{child.tag}" + "".join(f' {name}="{attribute(value)}"' for name, value in child.items()) + ">"
    text = child.text or ""
    inside = text if child.tag in _UNESCAPED else page_text(text)
    inside += "".join(written(one) + page_text(one.tail or "") for one in child)
    # libxml2 takes some of the elements that have no end, such as ``source``, for ones that hold what follows.
    return f"{opening}{inside}" + (f"</{child.tag}>" if child.tag not in _VOID else "")


def first_third(body: str) -> str:
    """Return the first third of a body's children, at least one."""
    start, children = children_of(body)
    kept = children[: max(1, len(children) // 3)]
    return page_text(start) + "".join(written(one) + page_text(one.tail or "") for one in kept)
