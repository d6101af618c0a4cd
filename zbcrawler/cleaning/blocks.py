"""Writes blocks: takes text, inline marks and pictures in reading order, gives finished lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zbcrawler.cleaning.links import picture_key
from zbcrawler.common.text import BLANKS, escape, escape_attribute, fold, keep_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK_RUN = re.compile(" +")
_BLANKS_AT_LINE_END = re.compile(" +\n")
_EDGES = BLANKS + "\n"
_NOT_WORDS = re.compile(r"<[^>]*>|\s")

# What stands as paragraphs inside these is still a heading, or preformatted.
_STRONGER_THAN_P = frozenset({"h2", "h3", "h4", "pre"})


@dataclass
class Picture:
    """A picture and its caption; a caption may come after the picture has been placed.

    :ivar address: absolute address
    :ivar alt: the source's ``alt``, empty if it has none worth keeping
    :ivar caption: HTML of the caption that stands on the page
    :ivar fallback: plain text from the picture's own attributes, shown if no caption stands there
    :ivar written: whether it has become HTML inside another block, where no caption can reach it
    """

    address: str
    alt: str = ""
    caption: str = ""
    fallback: str = ""
    written: bool = False

    def html(self) -> str:
        caption = self.caption or escape(self.fallback)
        shown = f'<img src="{escape_attribute(self.address)}" alt="{escape_attribute(self.alt)}">'
        return f"<figure>{shown}<figcaption>{caption}</figcaption></figure>" if caption else f"<figure>{shown}</figure>"


@dataclass
class Bare:
    """A run of inline content that has no block element of its own."""

    content: str


@dataclass
class _Mark:
    tag: str
    start: str
    written: bool = False


@dataclass
class Blocks:
    """The blocks of one container.

    :ivar loose: element for text that stands directly in the container; None leaves it bare
    :ivar pictures: the pictures placed so far in the whole body, by what identifies them
    :ivar done: finished blocks, in reading order
    """

    loose: str | None = "p"
    pictures: dict[str, Picture] = field(default_factory=dict)
    done: list[str | Bare | Picture] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._tag = self.loose
        self._parts: list[str] = []
        self._marks: list[_Mark] = []
        # White space, with line breaks as "\n", that is only written if words follow.
        self._gap: list[str] = []
        self._latest: Picture | None = None

    def nested(self, loose: str | None = None) -> Blocks:
        """Blocks of an element in this container; the marks around that go on inside it."""
        inner = Blocks(loose, self.pictures)
        inner._marks = [_Mark(mark.tag, mark.start) for mark in self._marks]
        return inner

    # -- inline content -----------------------------------------------------------------------

    def text(self, text: str | None) -> None:
        """Add words. White space folds across marks, and is trimmed at block ends."""
        if not text:
            return
        text = keep_lines(text) if self._tag == "pre" else fold(text)
        words = text.strip(_EDGES)
        if not words:
            self._gap.append(text)
            return
        start = 0 if len(words) == len(text) else text.index(words[0])
        if start:
            self._gap.append(text[:start])
        if self._gap:
            self._close_gap()
        for mark in self._marks:
            if not mark.written:
                self._parts.append(mark.start)
                mark.written = True
        words_end = start + len(words)
        words = escape(words)
        self._parts.append(_as_lines(words) if self._tag == "pre" else words)
        if words_end < len(text):
            self._gap.append(text[words_end:])

    def line_break(self) -> None:
        self._gap.append("\n")

    def start(self, tag: str, attributes: str = "") -> None:
        """Open an inline mark; one that is open already is not doubled."""
        doubled = any(mark.tag == tag for mark in self._marks)
        self._marks.append(_Mark("" if doubled else tag, "" if doubled else f"<{tag}{attributes}>"))

    def end(self) -> None:
        """Close the innermost mark; one without words in it was never written."""
        mark = self._marks.pop()
        if mark.written and mark.tag:
            self._parts.append(f"</{mark.tag}>")

    def _close_gap(self) -> None:
        gap = "".join(self._gap)
        self._gap.clear()
        if self._tag == "pre":
            # What indents the first line stays.
            self._parts.append(_as_lines(gap) if self._parts else gap[gap.rfind("\n") + 1 :])
        elif self._parts:
            breaks = gap.count("\n")
            if breaks > 1 and self._tag == "p":
                self._finish()
            elif breaks:
                before, after = gap[: gap.index("\n")], gap[gap.rindex("\n") + 1 :]
                self._parts.append(_BLANK_RUN.sub("", before) + "<br>" + _BLANK_RUN.sub("", after))
            else:
                self._parts.append(_BLANK_RUN.sub(" ", gap))

    # -- blocks -------------------------------------------------------------------------------

    def boundary(self) -> None:
        """End the current paragraph, if it has begun."""
        self._gap.clear()
        if self._parts:
            self._finish()

    def enter(self, tag: str) -> str | None:
        """Begins a text block (``p``, ``h2`` …); returns what to give to :meth:`leave`."""
        self.boundary()
        outer = self._tag
        self._tag = outer if tag == "p" and outer in _STRONGER_THAN_P else tag
        return outer

    def leave(self, outer: str | None) -> None:
        self.boundary()
        self._tag = outer

    def words(self, tag: str, text: str | None) -> None:
        """A text block that holds nothing but ``text``, as most do."""
        if self._marks or tag == "pre" or self._tag in _STRONGER_THAN_P:
            outer = self.enter(tag)
            self.text(text)
            self.leave(outer)
            return
        self.boundary()
        if text and (words := fold(text).strip(_EDGES)):
            self._add(f"<{tag}>{escape(words)}</{tag}>")

    def block(self, html: str) -> None:
        """Add a finished block."""
        self.boundary()
        self._add(html)

    def picture(self, picture: Picture) -> Picture:
        """Places a picture, or finds the same picture where it stands already."""
        self.boundary()
        key = picture_key(picture.address)
        known = self.pictures.get(key)
        if known is None:
            known = self.pictures[key] = picture
            self.done.append(picture)
        else:
            known.alt = known.alt or picture.alt
            known.fallback = known.fallback or picture.fallback
        self._latest = known
        return known

    def forget_picture(self) -> None:
        """To be called where a picture stood that shows nothing, so that its caption stays its own."""
        self.boundary()
        self._latest = None

    def caption(self, picture: Picture | None, caption: Blocks) -> None:
        """Give a picture the words under it; words without a picture, or more than words, are text."""
        caption.boundary()
        words = caption.inner() if caption.only_bare() else ""
        if words and picture is not None:
            if _words(picture.caption) == _words(words):
                return
            if not picture.caption and not picture.written:
                picture.caption = words
                return
        self.extend(caption)

    def extend(self, other: Blocks) -> None:
        """Add the blocks of ``other``, bare runs as paragraphs."""
        other.boundary()
        if other.done:
            self.boundary()
        for block in other.done:
            self._add(f"<p>{block.content}</p>" if isinstance(block, Bare) else block)

    def last_picture(self) -> Picture | None:
        """Return the picture met last (wherever it stands), if no words or blocks have come since."""
        return None if self._parts else self._latest

    def _finish(self) -> None:
        parts, self._parts = self._parts, []
        for mark in reversed(self._marks):
            if mark.written and mark.tag:
                parts.append(f"</{mark.tag}>")
            mark.written = False
        content = "".join(parts)
        self._add(f"<{self._tag}>{content}</{self._tag}>" if self._tag else Bare(content))

    def _add(self, block: str | Bare | Picture) -> None:
        self.done.append(block)
        self._latest = None

    # -- results ------------------------------------------------------------------------------

    def lines(self) -> list[str]:
        """Return the finished blocks, one HTML string each."""
        self.boundary()
        return [_html(block) for block in self.done]

    def inner(self) -> str:
        """Return the finished blocks as the content of an element; bare runs are parted by ``<br>``."""
        return "".join(self._joined())

    def _joined(self) -> Iterator[str]:
        self.boundary()
        after_bare = False
        for block in self.done:
            bare = isinstance(block, Bare)
            if bare and after_bare:
                yield "<br>"
            yield _html_inside(block)
            after_bare = bare

    def paragraphs(self) -> str:
        """Return the finished blocks as the content of an element, bare runs as ``p`` if there is anything else."""
        self.boundary()
        if self.only_bare():
            return self.inner()
        return "".join(
            f"<p>{block.content}</p>" if isinstance(block, Bare) else _html_inside(block) for block in self.done
        )

    def only_bare(self) -> bool:
        return all(isinstance(block, Bare) for block in self.done)


def _html(block: str | Bare | Picture) -> str:
    if isinstance(block, str):
        return block
    return block.content if isinstance(block, Bare) else block.html()


def _html_inside(block: str | Bare | Picture) -> str:
    if isinstance(block, Picture):
        block.written = True
    return _html(block)


def _as_lines(text: str) -> str:
    return _BLANKS_AT_LINE_END.sub("\n", text).replace("\n", "&#10;")


def _words(html: str) -> str:
    return _NOT_WORDS.sub("", html)
