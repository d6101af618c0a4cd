"""Collect the blocks of a body from its text, inline marks and pictures, in reading order."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from zbcrawler.cleaning.links import picture_key
from zbcrawler.common.text import BLANKS, escape, escape_attribute, fold, keep_lines

_NOT_WORDS = re.compile(r"<[^<>]*>|\s")
_BLANK_RUN = re.compile(" +")
_BLANKS_AT_LINE_END = re.compile("(?<! ) +\n")
_EDGES = BLANKS + "\n"

# A paragraph inside one of these stays part of the heading, or of the preformatted text.
_STRONGER_THAN_P = frozenset({"h2", "h3", "h4", "pre"})


class BareRun(str):
    """The HTML of a run of inline content that has no block element of its own."""

    __slots__ = ()


@dataclass
class Picture:
    """A picture and its caption; a caption may come after the picture has been placed."""

    address: str
    alt: str = ""  # the source's ``alt``, empty if it has none worth keeping
    caption: str = ""  # HTML of the caption on the page
    fallback: str = ""  # plain text from the picture's own attributes, shown if the page has no caption
    written: bool = False  # whether it is already HTML inside another block, so that a caption comes too late

    def html(self) -> str:
        caption = self.caption or escape(self.fallback)
        shown = f'<img src="{escape_attribute(self.address)}" alt="{escape_attribute(self.alt)}">'
        return f"<figure>{shown}<figcaption>{caption}</figcaption></figure>" if caption else f"<figure>{shown}</figure>"


class InlineText:
    """The block that is being written: words, marks such as ``strong``, and the white space between them."""

    def __init__(self, tag: str | None, add: Callable[[str], None]) -> None:
        self.tag = tag  # the element that the block becomes, None for a bare run
        # The start and end tags of the open marks, outermost first; both are empty if the same mark is open already.
        self.marks: list[tuple[str, str]] = []
        self._started = 0  # of how many of these the start tag is written, which happens before the first word
        self.parts: list[str] = []  # the block's HTML so far
        self._add = add
        self._gap: list[str] = []  # white space, with line breaks as "\n", that is only written if words follow

    def text(self, text: str | None) -> None:
        """Add words; white space folds across marks, and is trimmed at the ends of a block."""
        if not text or (text.isspace() and not self.parts and self.tag != "pre"):
            return  # most blanks stand between blocks
        text = keep_lines(text) if self.tag == "pre" else fold(text)
        words = text.strip(_EDGES)
        if not words:
            self._gap.append(text)
            return
        start = 0 if len(words) == len(text) else text.index(words[0])
        if start:
            self._gap.append(text[:start])
        if self._gap:
            self._close_gap()
        if self._started < len(self.marks):
            self.parts += [start_tag for start_tag, _ in self.marks[self._started :]]
            self._started = len(self.marks)
        words_end = start + len(words)
        words = escape(words)
        self.parts.append(_as_lines(words) if self.tag == "pre" else words)
        if words_end < len(text):
            self._gap.append(text[words_end:])

    def line_break(self) -> None:
        self._gap.append("\n")

    def start_mark(self, tag: str, attributes: str = "") -> None:
        end = f"</{tag}>"
        is_open = any(end == known for _, known in self.marks)
        self.marks.append(("", "") if is_open else (f"<{tag}{attributes}>", end))

    def end_mark(self) -> None:
        """Close the innermost mark; a mark without words was never written."""
        _, end = self.marks.pop()
        if self._started > len(self.marks):
            self._started = len(self.marks)
            self.parts.append(end)

    def finish(self) -> None:
        """End the block, if it has any words, and begin the next one inside the same marks."""
        self._gap.clear()
        if not self.parts:
            return
        content = "".join([*self.parts, *(end for _, end in reversed(self.marks[: self._started]))])
        self.parts, self._started = [], 0
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
                self.finish()
            elif breaks:
                before, after = gap[: gap.index("\n")], gap[gap.rindex("\n") + 1 :]
                self.parts.append(_BLANK_RUN.sub("", before) + "<br>" + _BLANK_RUN.sub("", after))
            else:
                self.parts.append(_BLANK_RUN.sub(" ", gap))


class Blocks:
    """The blocks of one container; text that stands directly in the container becomes ``loose``, or stays bare."""

    def __init__(self, loose: str | None = "p", pictures: dict[str, Picture] | None = None) -> None:
        self._done: list[str | Picture] = []
        self._pictures = {} if pictures is None else pictures  # placed so far in the whole body, by their keys
        self._inline = inline = InlineText(loose, self._done.append)
        # Bound here, because a body calls these for each of its texts and elements.
        self.text, self.end_block, self.line_break = inline.text, inline.finish, inline.line_break
        self.start_mark, self.end_mark = inline.start_mark, inline.end_mark
        self._latest: Picture | None = None
        self._blocks_at_latest = 0  # the number of blocks when the latest picture was placed

    def nested(self, loose: str | None = None) -> "Blocks":
        """Return blocks for an element in this container, inside the same marks."""
        inner = Blocks(loose, self._pictures)
        inner._inline.marks = list(self._inline.marks)
        return inner

    def enter(self, tag: str) -> str | None:
        """Begin a text block (``p``, ``h2`` …); return the value that :meth:`leave` needs."""
        self.end_block()
        outer = self._inline.tag
        self._inline.tag = outer if tag == "p" and outer in _STRONGER_THAN_P else tag
        return outer

    def leave(self, outer: str | None) -> None:
        self.end_block()
        self._inline.tag = outer

    def text_block(self, tag: str, text: str | None) -> None:
        """Add a text block that holds nothing but ``text``, as most text blocks do."""
        inline = self._inline
        if inline.marks or tag == "pre" or inline.tag in _STRONGER_THAN_P:
            outer = self.enter(tag)
            self.text(text)
            self.leave(outer)
            return
        self.end_block()
        if text and (words := fold(text).strip(_EDGES)):
            self._done.append(f"<{tag}>{escape(words)}</{tag}>")

    def block(self, html: str) -> None:
        self.end_block()
        self._done.append(html)

    def embed(self, address: str | None) -> None:
        """End the paragraph, and add the line that stands for an embed, if there is an address."""
        self.end_block()
        if address:
            self._done.append(f'<p><a href="{escape_attribute(address)}">{escape(address)}</a></p>')

    def picture(self, picture: Picture) -> Picture:
        """Return the placed picture: this one, or the same one that the body has already."""
        self.end_block()
        known = self._pictures.setdefault(picture_key(picture.address), picture)
        if known is picture:
            self._done.append(picture)
        else:
            known.alt = known.alt or picture.alt
            known.fallback = known.fallback or picture.fallback
        self._latest, self._blocks_at_latest = known, len(self._done)
        return known

    def forget_picture(self) -> None:
        """Forget the latest picture: the next caption belongs to a picture that shows nothing."""
        self.end_block()
        self._latest = None

    def last_picture(self) -> Picture | None:
        """Return the latest picture, None if words or blocks have come since."""
        return None if self._inline.parts or len(self._done) != self._blocks_at_latest else self._latest

    def caption(self, picture: Picture | None, caption: "Blocks") -> None:
        """Give a picture its caption; a caption that no picture takes, or that holds blocks, becomes text."""
        caption.end_block()
        words = caption.inner() if caption._only_bare() else ""
        if words and picture is not None:
            if _words(picture.caption) == _words(words):
                return
            if not picture.caption and not picture.written:
                picture.caption = words
                return
        if caption._done:
            self.end_block()
        self._done += [f"<p>{block}</p>" if isinstance(block, BareRun) else block for block in caption._done]

    def lines(self) -> list[str]:
        self.end_block()
        return [block.html() if isinstance(block, Picture) else block for block in self._done]

    def inner(self) -> str:
        """Return the finished blocks as the content of an element, ``<br>`` between bare runs."""
        self.end_block()
        runs = groupby(self._done, lambda block: isinstance(block, BareRun))
        return "".join(("<br>" if are_bare else "").join(map(_html_inside, blocks)) for are_bare, blocks in runs)

    def paragraphs(self) -> str:
        """Return the finished blocks as the content of an element, bare runs as ``p`` if there is anything else."""
        self.end_block()
        if self._only_bare():
            return self.inner()
        return "".join(f"<p>{block}</p>" if isinstance(block, BareRun) else _html_inside(block) for block in self._done)

    def _only_bare(self) -> bool:
        return all(isinstance(block, BareRun) for block in self._done)


def _as_lines(text: str) -> str:
    return _BLANKS_AT_LINE_END.sub("\n", text).replace("\n", "&#10;")


def _html_inside(block: str | Picture) -> str:
    if isinstance(block, str):
        return block
    block.written = True
    return block.html()


def _words(html: str) -> str:
    return _NOT_WORDS.sub("", html)
