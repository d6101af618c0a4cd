"""Small tools that editions read a tree with: compiled XPath from CSS, and the text of an element."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import cssselect
from lxml.etree import XPath

from zbcrawler.common.text import one_line

if TYPE_CHECKING:
    from cssselect.xpath import XPathExpr
    from lxml.html import HtmlElement

_IN_BRACKETS = re.compile(r"\[[^\]]*\]")
_NAME = re.compile(r"[.#]([A-Za-z_][\w-]*)(?![\w\\-])")
_WORD = re.compile(r"""=\s*['"]([\w-]+)['"]|(?:^|[\s>\[])([a-z]+-[a-z-]+)""")


class _Translator(cssselect.HTMLTranslator):
    """Looks among the attributes, and not at each element: that takes libxml2 a third of the time, or less.

    It does so where a selector names no element, and knows no ``+`` and ``~``.
    """

    def xpath_attrib_exists(self, xpath: XPathExpr, name: str, value: str | None) -> XPathExpr:
        return _among_attributes(xpath, name) or super().xpath_attrib_exists(xpath, name, value)

    def xpath_attrib_equals(self, xpath: XPathExpr, name: str, value: str | None) -> XPathExpr:
        test = f"[. = {self.xpath_literal(value or '')}]"
        return _among_attributes(xpath, name, test) or super().xpath_attrib_equals(xpath, name, value)

    def xpath_attrib_includes(self, xpath: XPathExpr, name: str, value: str | None) -> XPathExpr:
        word, alone = self.xpath_literal(value or ""), self.xpath_literal(f" {value} ")
        test = f"[contains(., {word}) and contains(concat(' ', normalize-space(.), ' '), {alone})]"
        return _among_attributes(xpath, name, test) or super().xpath_attrib_includes(xpath, name, value)


def _among_attributes(xpath: XPathExpr, name: str, test: str = "") -> XPathExpr | None:
    if xpath.element != "*" or xpath.condition:
        return None
    xpath.element = f"*/{name}{test}/parent::*"
    return xpath


@cache
def _compiled(css: str) -> XPath:
    return XPath(_Translator().css_to_xpath(css))


class Needs(NamedTuple):
    """What a page must have for a CSS selector to find anything.

    :ivar names: classes and ids
    :ivar words: values of attributes, and names of elements and attributes that are not HTML's own
    """

    names: frozenset[str]
    words: frozenset[str]


@cache
def needs_of(css: str) -> tuple[Needs, ...]:
    """Return what a CSS selector needs, for each of its alternatives."""
    return tuple(
        Needs(frozenset(_NAME.findall(_IN_BRACKETS.sub("", one))), frozenset(map("".join, _WORD.findall(one))))
        for one in (selector.canonical() for selector in cssselect.parse(css))
    )


_CLASSES, _IDS = XPath("//@class", smart_strings=False), XPath("//@id", smart_strings=False)


def names_of(tree: HtmlElement) -> set[str]:
    """All classes and ids in a page."""
    return {*" ".join(_CLASSES(tree)).split(), *_IDS(tree)}


def all_of(tree: HtmlElement, css: str) -> list[HtmlElement]:
    """Return the elements that a CSS selector finds under ``tree``, in document order."""
    return _compiled(css)(tree)


def first_of(tree: HtmlElement, *selectors: str) -> HtmlElement | None:
    """Return the first element that the first successful of several CSS selectors finds."""
    for css in selectors:
        if found := all_of(tree, css):
            return found[0]
    return None


def text_of(element: HtmlElement | None) -> str:
    """All text of an element as one line, empty if there is no element."""
    return one_line(element.text_content()) if element is not None else ""
