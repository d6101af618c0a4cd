"""Collect the blocks of a body: take text, inline marks and pictures in reading order, return finished lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from zbcrawler.cleaning.inline import EDGES, BareRun, InlineMark, InlineText
from zbcrawler.cleaning.links import picture_key
from zbcrawler.common.text import escape, escape_attribute, fold

_NOT_WORDS = re.compile(r"<[^>]*>|\s")

# A paragraph inside one of these is still a heading, or preformatted.
_STRONGER_THAN_P = frozenset({"h2", "h3", "h4", "pre"})


@dataclass
class Picture:
    """A picture and its caption; a caption may come after the picture has been placed.

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


class Blocks:
    """The blocks of one container; their inline content is written as by :class:`InlineText`."""

    def __init__(self, loose: str | None = "p", pictures: dict[str, Picture] | None = None) -> None:
        """Begin without any block.

        :param loose: element for text that stands directly in the container; None leaves the text bare
        :param pictures: the pictures placed so far in the whole body, by :func:`picture_key`
        """
        self._done: list[str | BareRun | Picture] = []
        self._pictures = {} if pictures is None else pictures
        self._inline = inline = InlineText(loose, self._done.append)
        # Bound once: a body calls these for each of its texts and elements.
        self.text, self.end_block, self.line_break = inline.text, inline.finish, inline.line_break
        self.start_mark, self.end_mark = inline.start_mark, inline.end_mark
        self._latest: Picture | None = None
        self._blocks_before = 0  # at the time of the latest picture

    def nested(self, loose: str | None = None) -> Blocks:
        """Return blocks for an element in this container; the marks around the element go on inside it."""
        inner = Blocks(loose, self._pictures)
        inner._inline.marks = [InlineMark(mark.tag, mark.start) for mark in self._inline.marks]
        return inner

    def enter(self, tag: str) -> str | None:
        """Begin a text block (``p``, ``h2`` …); return what to give to :meth:`leave`."""
        self.end_block()
        outer = self._inline.tag
        self._inline.tag = outer if tag == "p" and outer in _STRONGER_THAN_P else tag
        return outer

    def leave(self, outer: str | None) -> None:
        self.end_block()
        self._inline.tag = outer

    def text_block(self, tag: str, text: str | None) -> None:
        """Add a text block that holds nothing but ``text``, as most do."""
        inline = self._inline
        if inline.marks or tag == "pre" or inline.tag in _STRONGER_THAN_P:
            outer = self.enter(tag)
            self.text(text)
            self.leave(outer)
            return
        self.end_block()
        if text and (words := fold(text).strip(EDGES)):
            self._done.append(f"<{tag}>{escape(words)}</{tag}>")

    def block(self, html: str) -> None:
        """Add a finished block."""
        self.end_block()
        self._done.append(html)

    def embed(self, address: str | None) -> None:
        """Add the line that stands for an embed; without an address, only end the paragraph."""
        self.end_block()
        if address:
            self.block(f'<p><a href="{escape_attribute(address)}">{escape(address)}</a></p>')

    def extend(self, other: Blocks) -> None:
        """Add the blocks of ``other``, bare runs as paragraphs."""
        other.end_block()
        if other._done:
            self.end_block()
        self._done += [f"<p>{block.content}</p>" if isinstance(block, BareRun) else block for block in other._done]

    # -- pictures -----------------------------------------------------------------------------

    def picture(self, picture: Picture) -> Picture:
        """Place a picture, or find the same picture where it stands already."""
        self.end_block()
        key = picture_key(picture.address)
        known = self._pictures.get(key)
        if known is None:
            known = self._pictures[key] = picture
            self._done.append(picture)
        else:
            known.alt = known.alt or picture.alt
            known.fallback = known.fallback or picture.fallback
        self._latest, self._blocks_before = known, len(self._done)
        return known

    def forget_picture(self) -> None:
        """Separate the picture above from the caption of a picture that shows nothing."""
        self.end_block()
        self._latest = None

    def last_picture(self) -> Picture | None:
        """Return the picture met last (wherever it stands), if no words or blocks have come since."""
        return None if self._inline.parts or len(self._done) != self._blocks_before else self._latest

    def caption(self, picture: Picture | None, caption: Blocks) -> None:
        """Give a picture its caption; words without a picture, or more than words, are text."""
        caption.end_block()
        words = caption.inner() if caption.only_bare() else ""
        if words and picture is not None:
            if _words(picture.caption) == _words(words):
                return
            if not picture.caption and not picture.written:
                picture.caption = words
                return
        self.extend(caption)

    # -- results ------------------------------------------------------------------------------

    def lines(self) -> list[str]:
        """Return the finished blocks, one HTML string each."""
        self.end_block()
        return [_html(block) for block in self._done]

    def inner(self) -> str:
        """Return the finished blocks as the content of an element, ``<br>`` between bare runs."""
        return "".join(self._joined())

    def _joined(self) -> Iterator[str]:
        self.end_block()
        after_bare = False
        for block in self._done:
            bare = isinstance(block, BareRun)
            if bare and after_bare:
                yield "<br>"
            yield _html_inside(block)
            after_bare = bare

    def paragraphs(self) -> str:
        """Return the finished blocks as the content of an element, bare runs as ``p`` if there is anything else."""
        self.end_block()
        if self.only_bare():
            return self.inner()
        blocks = self._done
        return "".join(f"<p>{one.content}</p>" if isinstance(one, BareRun) else _html_inside(one) for one in blocks)

    def only_bare(self) -> bool:
        return all(isinstance(block, BareRun) for block in self._done)


def _html(block: str | BareRun | Picture) -> str:
    if isinstance(block, str):
        return block
    return block.content if isinstance(block, BareRun) else block.html()


def _html_inside(block: str | BareRun | Picture) -> str:
    if isinstance(block, Picture):
        block.written = True
    return _html(block)


def _words(html: str) -> str:
    return _NOT_WORDS.sub("", html)
