"""Write the inline content of one block: words, marks such as ``strong``, and the white space between them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from zbcrawler.common.text import BLANKS, escape, fold, keep_lines

_BLANK_RUN = re.compile(" +")
_BLANKS_AT_LINE_END = re.compile(" +\n")
EDGES = BLANKS + "\n"


@dataclass
class BareRun:
    """A run of inline content that has no block element of its own."""

    content: str


@dataclass
class InlineMark:
    """An inline element that is open around the words, such as ``strong``.

    :ivar tag: empty if the same mark is open already
    :ivar start: the start tag, written before the first word
    """

    tag: str
    start: str
    written: bool = False


class InlineText:
    """The block that is being written.

    :ivar tag: the element that the block becomes, None for a bare run
    :ivar marks: the marks that are open, outermost first
    :ivar parts: the block's HTML so far
    """

    def __init__(self, tag: str | None, add: Callable[[str | BareRun], None]) -> None:
        """Begin a block that is empty.

        :param add: takes each block when it is complete
        """
        self.tag = tag
        self.marks: list[InlineMark] = []
        self.parts: list[str] = []
        self._add = add
        # White space, with line breaks as "\n", that is only written if words follow.
        self._gap: list[str] = []

    def text(self, text: str | None) -> None:
        """Add words. White space folds across marks, and is trimmed at the ends of a block."""
        if not text or (text.isspace() and not self.parts and self.tag != "pre"):
            return  # most blanks stand between blocks
        text = keep_lines(text) if self.tag == "pre" else fold(text)
        words = text.strip(EDGES)
        if not words:
            self._gap.append(text)
            return
        start = 0 if len(words) == len(text) else text.index(words[0])
        if start:
            self._gap.append(text[:start])
        if self._gap:
            self._close_gap()
        for mark in self.marks:
            if not mark.written:
                self.parts.append(mark.start)
                mark.written = True
        words_end = start + len(words)
        words = escape(words)
        self.parts.append(_as_lines(words) if self.tag == "pre" else words)
        if words_end < len(text):
            self._gap.append(text[words_end:])

    def line_break(self) -> None:
        """Add a ``br``."""
        self._gap.append("\n")

    def start_mark(self, tag: str, attributes: str = "") -> None:
        """Open an inline mark; a mark that is open already is not doubled."""
        doubled = any(mark.tag == tag for mark in self.marks)
        self.marks.append(InlineMark("" if doubled else tag, "" if doubled else f"<{tag}{attributes}>"))

    def end_mark(self) -> None:
        """Close the innermost mark; a mark without words was never written."""
        mark = self.marks.pop()
        if mark.written and mark.tag:
            self.parts.append(f"</{mark.tag}>")

    def finish(self) -> None:
        """End the block, if it has any words, and begin the next one inside the same marks."""
        self._gap.clear()
        if self.parts:
            self._finish()

    def _finish(self) -> None:
        parts, self.parts = self.parts, []
        for mark in reversed(self.marks):
            if mark.written and mark.tag:
                parts.append(f"</{mark.tag}>")
            mark.written = False
        content = "".join(parts)
        self._add(f"<{self.tag}>{content}</{self.tag}>" if self.tag else BareRun(content))

    def _close_gap(self) -> None:
        gap = "".join(self._gap)
        self._gap.clear()
        if self.tag == "pre":
            # The indent of the first line stays.
            self.parts.append(_as_lines(gap) if self.parts else gap[gap.rfind("\n") + 1 :])
        elif self.parts:
            breaks = gap.count("\n")
            if breaks > 1 and self.tag == "p":
                self._finish()
            elif breaks:
                before, after = gap[: gap.index("\n")], gap[gap.rindex("\n") + 1 :]
                self.parts.append(_BLANK_RUN.sub("", before) + "<br>" + _BLANK_RUN.sub("", after))
            else:
                self.parts.append(_BLANK_RUN.sub(" ", gap))


def _as_lines(text: str) -> str:
    return _BLANKS_AT_LINE_END.sub("\n", text).replace("\n", "&#10;")
