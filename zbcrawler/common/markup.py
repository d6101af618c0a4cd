"""Parses HTML, the same way everywhere."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlComment, HtmlElement, HTMLParser, HtmlProcessingInstruction, document_fromstring

from zbcrawler.common.errors import PageTooHardError

# Pages of the site have under half a million characters; what has more than this was made to be hard.
MOST_CHARACTERS = 4_000_000
MOST_ATTRIBUTES = 1_000
# The parser's time grows with the square of an element's attributes. What fits into so many bytes takes it a few
# seconds; to count them takes longer than to parse the page.
_HARMLESS = 320_000

# Without huge_tree the parser stops at 256 levels, and silently loses what lies deeper.
_PARSER = HTMLParser(encoding="utf-8", huge_tree=True)
# The parser's own way to an element's class asks Python each time, for classes of forms that nobody needs here.
_PARSER.set_element_class_lookup(
    etree.ElementDefaultClassLookup(element=HtmlElement, comment=HtmlComment, pi=HtmlProcessingInstruction)
)

_PAGE_TAGS = re.compile(r"</?(?:html|body)\b[^<>]*>", re.IGNORECASE)


def parse_document(html: str) -> HtmlElement:
    """Return the root element of a page; an empty ``html`` for a page without any element.

    :raises PageTooHardError: if it has more characters, or an element with more attributes, than any real page
    """
    if len(html) > MOST_CHARACTERS:
        raise PageTooHardError(f"{len(html)} characters of markup are more than any story's page has")
    # A NUL would end the document for libxml2, and lone surrogates cannot be handed to it.
    data = (html.replace("\x00", "") if "\x00" in html else html).encode("utf-8", "replace")
    if len(data) > _HARMLESS and _most_attributes(data) > MOST_ATTRIBUTES:
        raise PageTooHardError(f"an element with over {MOST_ATTRIBUTES} attributes is none of a story's page")
    try:
        return document_fromstring(data, parser=_PARSER)
    except etree.ParserError:  # nothing, or nothing but comments
        return document_fromstring(b"<html></html>", parser=_PARSER)


def parse_fragment(html: str) -> HtmlElement:
    """Return a piece of HTML as the content of one element."""
    # Stray end tags of a page would end the body, and words behind them would be lost.
    root = parse_document(f"<html><body>{_PAGE_TAGS.sub('', html)}</body></html>")
    # Unbalanced markup can leave words outside the body.
    return root[0] if len(root) == 1 and root[0].tag == "body" else root


class _CountAttributes:
    """A target of lxml's parser, which builds no tree and so takes no time for many attributes."""

    most = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.most = max(self.most, len(attributes))

    def close(self) -> int:
        return self.most


def _most_attributes(data: bytes) -> int:
    return etree.fromstring(data, parser=etree.HTMLParser(target=_CountAttributes(), encoding="utf-8", huge_tree=True))
