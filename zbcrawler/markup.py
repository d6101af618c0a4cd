"""Parses HTML, the same way everywhere."""

from __future__ import annotations

import re

from lxml.html import HtmlElement, HTMLParser, document_fromstring

_PAGE_TAGS = re.compile(r"</?(?:html|body)\b[^<>]*>", re.IGNORECASE)


def parse_document(html: str) -> HtmlElement:
    """The root element of a page; an empty ``html`` for a page without any element."""
    # A NUL would end the document for libxml2, and lone surrogates cannot be handed to it.
    data = html.replace("\x00", "").encode("utf-8", "replace")
    # Without huge_tree the parser stops at 256 levels, and silently loses what lies deeper.
    parser = HTMLParser(encoding="utf-8", huge_tree=True)
    return document_fromstring(data if data.strip() else b"<html></html>", parser=parser)


def parse_fragment(html: str) -> HtmlElement:
    """A piece of HTML as the content of one element."""
    # Stray end tags of a page would end the body, and words behind them would be lost.
    root = parse_document(f"<html><body>{_PAGE_TAGS.sub('', html)}</body></html>")
    body = root.find("body")
    # Unbalanced markup can leave words outside the body.
    return root if body is None or len(root) > 1 else body
