"""Where the words of a page stand: its letters in one text, and the part of it that each element has."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.html import HtmlElement

from zbcrawler.common.text import letters

Span = tuple[int, int]
_SILENT = frozenset({"script", "style"})
_MOST_PLACES = 12  # of one text in a page


class PageLetters:
    """The letters of a page's tree."""

    def __init__(self, root: HtmlElement) -> None:
        self.root = root
        self.spans: dict[HtmlElement, Span] = {}
        self.edges = {0}  # where a text of its own begins or ends
        parts: list[str] = []
        self._walk(root, parts)
        self.text = "".join(parts)

    def _walk(self, root: HtmlElement, parts: list[str]) -> None:
        length = 0
        waiting: list[tuple[HtmlElement, int]] = [(root, -1)]
        while waiting:
            element, start = waiting.pop()
            if start >= 0:
                self.spans[element] = (start, length)
            else:
                waiting.append((element, length))
                if isinstance(element.tag, str) and element.tag not in _SILENT and (own := letters(element.text or "")):
                    parts.append(own)
                    length += len(own)
                    self.edges.add(length)
                waiting += [(child, -1) for child in reversed(element)]
                continue
            if element is not root and (tail := letters(element.tail or "")):
                parts.append(tail)
                length += len(tail)
                self.edges.add(length)

    def places(self, words: str) -> list[Span]:
        """Return where letters stand, the first few places."""
        found: list[Span] = []
        start = self.text.find(words)
        while start >= 0 and len(found) < _MOST_PLACES:
            found.append((start, start + len(words)))
            start = self.text.find(words, start + len(words))
        return found

    def holder(self, span: Span) -> HtmlElement:
        """Return the innermost element that holds a span."""
        element, inner = self.root, [self.root]
        while inner:
            element = inner[0]
            inner = [one for one in element if _holds(self.spans[one], span)]
        return element

    def exactly(self, span: Span) -> list[HtmlElement]:
        """Return the elements with exactly these letters, the outermost first; empty if there is none."""
        element, found = self.root, []
        while True:
            if self.spans[element] == span:
                found.append(element)
            inner = [one for one in element if _holds(self.spans[one], span)]
            if not inner:
                return found
            element = inner[0]

    def words_of(self, element: HtmlElement) -> str:
        """Return an element's letters."""
        start, end = self.spans[element]
        return self.text[start:end]


def _holds(outer: Span, inner: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def overlap(span: Span, others: list[Span]) -> bool:
    """Whether a span shares letters with any of the others."""
    return any(start < span[1] and span[0] < end for start, end in others)


def parts_of(root: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the elements of a tree without comments."""
    return (element for element in root.iter() if isinstance(element.tag, str))
