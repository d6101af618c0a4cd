"""Small tools that editions read a tree with: compiled XPath from CSS, and the text of an element."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from cssselect import HTMLTranslator
from lxml.etree import XPath

from zbcrawler.cleaning.text import one_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement


@cache
def _compiled(css: str) -> XPath:
    return XPath(HTMLTranslator().css_to_xpath(css))


def all_of(tree: HtmlElement, css: str) -> list[HtmlElement]:
    """The elements that a CSS selector finds under ``tree``, in document order."""
    return _compiled(css)(tree)


def first_of(tree: HtmlElement, *selectors: str) -> HtmlElement | None:
    """The first element that the first successful of several CSS selectors finds."""
    for css in selectors:
        if found := all_of(tree, css):
            return found[0]
    return None


def text_of(element: HtmlElement | None) -> str:
    """All text of an element as one line, empty if there is no element."""
    return one_line(element.text_content()) if element is not None else ""


def meta(tree: HtmlElement, name: str) -> str:
    """The content of ``<meta property=NAME>``, empty if there is none."""
    element = first_of(tree, f'meta[property="{name}"]', f'meta[name="{name}"]')
    return one_line(element.get("content") or "") if element is not None else ""
