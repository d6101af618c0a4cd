"""Write a table: rows and cells as they are, everything around them put where HTML allows it."""

from __future__ import annotations

from lxml.html import HtmlElement

from zbcrawler.cleaning.blocks import Blocks
from zbcrawler.cleaning.walk import Walk

_GROUPS = {"thead": "thead", "tbody": "tbody", "tfoot": "tbody"}
_SPANS = ("colspan", "rowspan")


def write_table(walk: Walk, element: HtmlElement, blocks: Blocks) -> None:
    """Write a table; a table without words or pictures is left out.

    A caption, and words that stand in a table but in no cell, come before it as paragraphs.
    """
    table = _Table(walk, blocks)
    rows = table.rows(element)
    for line in table.stray.lines():
        blocks.block(line)
    if table.has_content:
        blocks.block(f"<table>{rows}</table>")


class _Table:
    def __init__(self, walk: Walk, blocks: Blocks) -> None:
        self.walk = walk
        self.blocks = blocks
        self.stray = blocks.nested("p")
        self.has_content = False

    def rows(self, parent: HtmlElement) -> str:
        rows = []
        self.stray.text(parent.text)
        for child in parent:
            if child.tag in _GROUPS and child not in self.walk.noise:
                rows.append(_element(_GROUPS[child.tag], self.rows(child)))
            elif child.tag == "tr" and child not in self.walk.noise:
                rows.append(_element("tr", self.cells(child)))
            else:
                self.aside(child)
            self.stray.text(child.tail)
        self.stray.end_block()
        return "".join(rows)

    def cells(self, row: HtmlElement) -> str:
        cells = []
        self.stray.text(row.text)
        for child in row:
            if child.tag in ("td", "th") and child not in self.walk.noise:
                spans = "".join(f' {name}="{value}"' for name in _SPANS if (value := _span(child, name)))
                content = self.walk.content_of(child, self.blocks).inner()
                self.has_content = self.has_content or bool(content)
                cells.append(f"<{child.tag}{spans}>{content}</{child.tag}>")
            else:
                self.aside(child)
            self.stray.text(child.tail)
        self.stray.end_block()
        return "".join(cells)

    def aside(self, element: HtmlElement) -> None:
        self.stray.end_block()
        self.walk.write(element, self.stray)


def _element(tag: str, content: str) -> str:
    return f"<{tag}>{content}</{tag}>" if content else ""


def _span(cell: HtmlElement, name: str) -> str:
    value = (cell.get(name) or "").strip()
    return value if value.isascii() and value.isdigit() and 1 < int(value[:5]) <= 1000 else ""
