"""Build a small element tree with `html.parser`, so that the judges do not share a parser with the cleaner."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:
    from collections.abc import Iterator


def names(text: str) -> frozenset[str]:
    """Return a set of names, written as one string."""
    return frozenset(text.split())


VOID = names("area base br col embed hr img input link meta source track wbr")
# What these hold is not shown to a reader as text.
SILENT = names("script style noscript template iframe video audio object svg head title textarea select")
PHRASING = names(
    "a abbr b bdi bdo big br cite code del em font i img ins kbd mark q s samp small span strike strong sub"
    " sup time tt u var wbr"
)
_OWN_PARAGRAPHS = names("td th li figcaption blockquote div")
_CLOSES = {
    "a": ({"a"}, {"p", "li", "td", "th", "div", "blockquote", "figure"}),
    "li": ({"li"}, {"ul", "ol"}),
    "tr": ({"tr", "td", "th"}, {"table"}),
    "td": ({"td", "th"}, {"tr", "table"}),
    "th": ({"td", "th"}, {"tr", "table"}),
}
# In an attribute, a name without semicolon before "=" is no reference: "&timestamp=" is not "×tamp=".
_AMPERSAND_OF_A_QUERY = re.compile(r"&(?=[A-Za-z][A-Za-z0-9]*=)")

Node = Union["Element", str]


@dataclass
class Element:
    """An element; its text nodes are plain strings among its children."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        return set(self.get("class").split())

    def get(self, name: str) -> str:
        """Return an attribute's value; empty for a missing attribute, or one without a value."""
        return self.attrs.get(name, "")

    def elements(self) -> Iterator[Element]:
        """Yield this element and all below it, in document order."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.elements()

    def has_block_inside(self) -> bool:
        return any(e.tag not in PHRASING for e in self.elements() if e is not self)


def text_of(node: Node) -> str:
    """Return all text nodes of a node, joined."""
    if isinstance(node, str):
        return node
    return "".join(text_of(child) for child in node.children)


def parse(html: str) -> Element:
    """Return the tree of a fragment, under a root element named `body`."""
    builder = _Builder()
    builder.feed(_AMPERSAND_OF_A_QUERY.sub("&amp;", html))
    builder.close()
    return builder.root


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("body")
        self.stack = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._close_what_this_one_ends(tag)
        element = Element(tag, {name: value or "" for name, value in reversed(attrs)})
        self.stack[-1].children.append(element)
        if tag not in VOID:
            self.stack.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in [e.tag for e in self.stack[1:]]:
            while self.stack.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.stack[-1].children.append(data)

    def _close_what_this_one_ends(self, tag: str) -> None:
        """End the elements that a start tag ends: `<p>a<p>b` is two paragraphs, `<li>a<li>b` two items."""
        if tag not in PHRASING and self._within("p", _OWN_PARAGRAPHS):
            self.handle_endtag("p")
        closed, stop = _CLOSES.get(tag, (set(), set()))
        for name in closed:
            if self._within(name, stop):
                self.handle_endtag(name)

    def _within(self, tag: str, stop: frozenset[str] | set[str]) -> bool:
        for element in reversed(self.stack):
            if element.tag == tag:
                return True
            if element.tag in stop:
                return False
        return False
