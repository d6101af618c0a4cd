"""The direct children of a body, as a browser sees them. The site changes them one by one."""

from __future__ import annotations

from lxml import etree
from lxml.html import HtmlElement, fragment_fromstring

from zbcrawler.replica.markup import attribute, page_text

_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_UNESCAPED = frozenset(("script", "style"))


def children_of(body: str) -> tuple[str, list[HtmlElement]]:
    """Return the text before the first child, and all children with comments. The text after a child is its tail."""
    box = fragment_fromstring(body, create_parent="div")
    return box.text or "", list(box)


def is_element(child: HtmlElement) -> bool:
    """Return whether a child is an element and not a comment."""
    return isinstance(child.tag, str)


def written(child: HtmlElement) -> str:
    """Return a child as HTML, without the text after it.

    lxml's own serializer would escape the addresses again.
    """
    if not is_element(child):
        return etree.tostring(child, encoding="unicode", with_tail=False)
    opening = f"<{child.tag}" + "".join(f' {name}="{attribute(value)}"' for name, value in child.items()) + ">"
    text = child.text or ""
    inside = text if child.tag in _UNESCAPED else page_text(text)
    inside += "".join(written(one) + page_text(one.tail or "") for one in child)
    # libxml2 does not know some void elements, such as ``source``, and puts what follows into them.
    return f"{opening}{inside}" + (f"</{child.tag}>" if child.tag not in _VOID else "")


def first_third(body: str) -> str:
    """Return the first third of a body's children, at least one."""
    start, children = children_of(body)
    kept = children[: max(1, len(children) // 3)]
    return page_text(start) + "".join(written(one) + page_text(one.tail or "") for one in kept)
