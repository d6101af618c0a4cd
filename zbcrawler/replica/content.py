"""The blocks of a story: the markup in its page, beside the lines that a clean post must hold.

Every block has two methods. ``page(edition)`` returns its HTML in the body of that edition's pages. ``post(edition)``
returns the lines of the clean post made from such a page. Blocks that stand for noise have no lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from zbcrawler.replica.editions import EditionName
from zbcrawler.replica.markup import page_link, page_text, post_link, post_text
from zbcrawler.replica.pictures import Picture, inline_figure


class Block(Protocol):
    """One piece of a body."""

    def page(self, edition: EditionName) -> str: ...

    def post(self, edition: EditionName) -> list[str]: ...


@dataclass(frozen=True)
class Raw:
    """Markup together with its lines in a post, for everything that needs no type of its own.

    :ivar html: the markup, the same in every edition
    :ivar lines: its lines in a post; none for noise
    """

    html: str
    lines: tuple[str, ...] = ()

    def page(self, edition: EditionName) -> str:
        return self.html

    def post(self, edition: EditionName) -> list[str]:
        return list(self.lines)


@dataclass(frozen=True)
class Text:
    """An element that holds plain text: a paragraph, or a heading.

    :ivar tag: ``p``, ``h3``, ``h4`` …; ``strong`` for a paragraph that only holds a bold sub-heading
    """

    text: str
    tag: str = "p"
    attributes: str = ""

    def page(self, edition: EditionName) -> str:
        if self.tag == "strong":
            return f"<p><strong>{page_text(self.text)}</strong></p>"
        return f"<{self.tag}{self.attributes}>{page_text(self.text)}</{self.tag}>"

    def post(self, edition: EditionName) -> list[str]:
        words = post_text(self.text)
        if self.tag == "strong":
            return [f"<p><strong>{words}</strong></p>"]
        return [f"<{self.tag}>{words}</{self.tag}>"]


@dataclass(frozen=True)
class Standfirst(Text):
    """The first sentence of a story without a lead picture. The React edition shows it above the body."""

    def page(self, edition: EditionName) -> str:
        return "" if edition == "react" else super().page(edition)


@dataclass(frozen=True)
class Broken:
    """One ``p`` whose paragraphs are separated by two ``<br>``, as in older bodies."""

    paragraphs: Sequence[str]

    def page(self, edition: EditionName) -> str:
        return "<p>" + "<br>\n <br>\n".join(map(page_text, self.paragraphs)) + "</p>"

    def post(self, edition: EditionName) -> list[str]:
        return [f"<p>{post_text(text)}</p>" for text in self.paragraphs]


@dataclass(frozen=True)
class Items:
    """A list: ``ul``, or ``ol`` if numbered."""

    texts: Sequence[str]
    numbered: bool = False

    def page(self, edition: EditionName) -> str:
        tag = "ol" if self.numbered else "ul"
        return f"<{tag}>\n" + "".join(f"<li>{page_text(one)}</li>\n" for one in self.texts) + f"</{tag}>"

    def post(self, edition: EditionName) -> list[str]:
        tag = "ol" if self.numbered else "ul"
        return [f"<{tag}>" + "".join(f"<li>{post_text(one)}</li>" for one in self.texts) + f"</{tag}>"]


@dataclass(frozen=True)
class Quote:
    """A ``blockquote`` of paragraphs, or of loose text if ``loose``."""

    texts: Sequence[str]
    loose: bool = False

    def page(self, edition: EditionName) -> str:
        if self.loose:
            return f"<blockquote>{page_text(''.join(self.texts))}</blockquote>"
        return "<blockquote>\n" + "".join(f"<p>{page_text(one)}</p>\n" for one in self.texts) + "</blockquote>"

    def post(self, edition: EditionName) -> list[str]:
        if self.loose:
            return [f"<blockquote>{post_text(''.join(self.texts))}</blockquote>"]
        return ["<blockquote>" + "".join(f"<p>{post_text(one)}</p>" for one in self.texts) + "</blockquote>"]


@dataclass(frozen=True)
class Table:
    """A table; the first row is a ``thead`` of ``th`` if ``headed``."""

    rows: Sequence[Sequence[str]]
    headed: bool = False

    def page(self, edition: EditionName) -> str:
        opening = '<table border="1" cellpadding="1" cellspacing="1" style="width:700px;" summary=" ">\n'
        return opening + self._rows(page_text, "\n") + "</table>"

    def post(self, edition: EditionName) -> list[str]:
        return ["<table>" + self._rows(post_text, "") + "</table>"]

    def _rows(self, write: Callable[[str], str], gap: str) -> str:
        def row(cells: Sequence[str], tag: str) -> str:
            return f"<tr>{gap}" + "".join(f"<{tag}>{write(one)}</{tag}>{gap}" for one in cells) + f"</tr>{gap}"

        head = f"<thead>{gap}{row(self.rows[0], 'th')}</thead>{gap}" if self.headed else ""
        body = "".join(row(cells, "td") for cells in self.rows[self.headed :])
        return f"{head}<tbody>{gap}{body}</tbody>{gap}"


@dataclass(frozen=True)
class Figure:
    """A picture between paragraphs.

    :ivar repeats: whether the picture was shown before; a post shows it only once
    """

    picture: Picture
    repeats: bool = False

    def page(self, edition: EditionName) -> str:
        return inline_figure(self.picture, edition)

    def post(self, edition: EditionName) -> list[str]:
        return [] if self.repeats else [self.picture.post(edition)]


@dataclass(frozen=True)
class FurtherReading:
    """The heading 延伸阅读 and the links under it. A post must not hold them.

    :ivar links: pairs of address and title
    """

    links: Sequence[tuple[str, str]]
    label: str = "延伸阅读"

    def page(self, edition: EditionName) -> str:
        if edition == "react":
            rows = "".join(f"<li>{page_link(*link)}</li>" for link in self.links)
            return f"<h4>{self.label}</h4><ul>{rows}</ul>"
        if edition == "astro":
            rows = "".join(page_link(*link) for link in self.links)
            return f'<div class="further-reading"><p>{self.label}</p>{rows}</div>'
        rows = "".join(f"\n<p>{page_link(*link)}</p>" for link in self.links)
        return f"<p><strong>{self.label}</strong></p>{rows}"

    def post(self, edition: EditionName) -> list[str]:
        return []


@dataclass(frozen=True)
class Content:
    """A story without its title.

    :ivar lead: the lead picture, or a gallery
    """

    blocks: tuple[Block, ...]
    lead: tuple[Picture, ...] = field(default=())

    def post(self, edition: EditionName) -> list[str]:
        """Return the lines between ``<div>`` and ``</div>`` of the clean post."""
        lines = [picture.post(edition) for picture in self.lead]
        for block in self.blocks:
            lines += block.post(edition)
        return lines

    def grown(self, texts: Sequence[str], at: int | None = None) -> Content:
        """Return the content with further paragraphs, before the block ``at`` or at the end."""
        at = len(self.blocks) if at is None else at
        new = tuple(Text(text) for text in texts)
        return replace(self, blocks=self.blocks[:at] + new + self.blocks[at:])


def inner_link(address: str, before: str, words: str, after: str, public: str = "") -> Raw:
    """Return a paragraph with a link in it.

    :param public: the address that a post must show, if it differs
    """
    html = f"<p>{page_text(before)}{page_link(address, words)}{page_text(after)}</p>"
    line = f"<p>{post_text(before)}{post_link(public or address, words)}{post_text(after)}</p>"
    return Raw(html, (line,))
