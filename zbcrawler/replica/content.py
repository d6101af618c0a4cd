"""What a story says, block by block: the markup of its page beside the line a clean post must hold.

Every block has ``page(build)``, its HTML in the body of that build's pages, and ``post(build)``, the
lines of the clean post that is made of such a page. Blocks that stand for noise have no lines.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from zbcrawler.replica.markup import page_link, page_text, post_link, post_text
from zbcrawler.replica.pictures import Picture, inline_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zbcrawler.replica.builds import Build


class Block(Protocol):
    """One piece of a body."""

    def page(self, build: Build) -> str: ...

    def post(self, build: Build) -> list[str]: ...


@dataclass(frozen=True)
class Raw:
    """Markup with an own idea of what remains of it; for everything that needs no type of its own.

    :ivar html: the markup, the same in every build
    :ivar lines: what a post must hold of it; none for noise
    """

    html: str
    lines: tuple[str, ...] = ()

    def page(self, build: Build) -> str:
        return self.html

    def post(self, build: Build) -> list[str]:
        return list(self.lines)


@dataclass(frozen=True)
class Text:
    """An element that holds plain text: a paragraph, or a heading.

    :ivar tag: ``p``, ``h3``, ``h4`` …; ``strong`` for a paragraph that is one bold sub-heading
    """

    text: str
    tag: str = "p"
    attributes: str = ""

    def page(self, build: Build) -> str:
        if self.tag == "strong":
            return f"<p><strong>{page_text(self.text)}</strong></p>"
        return f"<{self.tag}{self.attributes}>{page_text(self.text)}</{self.tag}>"

    def post(self, build: Build) -> list[str]:
        words = post_text(self.text)
        if self.tag == "strong":
            return [f"<p><strong>{words}</strong></p>"]
        return [f"<{self.tag}>{words}</{self.tag}>"]


@dataclass(frozen=True)
class Broken:
    """One ``p`` whose paragraphs are parted by ``<br>`` twice, as older bodies are."""

    paragraphs: Sequence[str]

    def page(self, build: Build) -> str:
        return "<p>" + "<br>\n <br>\n".join(map(page_text, self.paragraphs)) + "</p>"

    def post(self, build: Build) -> list[str]:
        return [f"<p>{post_text(text)}</p>" for text in self.paragraphs]


@dataclass(frozen=True)
class Items:
    """A list: ``ul``, or ``ol`` if numbered."""

    texts: Sequence[str]
    numbered: bool = False

    def page(self, build: Build) -> str:
        tag = "ol" if self.numbered else "ul"
        return f"<{tag}>\n" + "".join(f"<li>{page_text(one)}</li>\n" for one in self.texts) + f"</{tag}>"

    def post(self, build: Build) -> list[str]:
        tag = "ol" if self.numbered else "ul"
        return [f"<{tag}>" + "".join(f"<li>{post_text(one)}</li>" for one in self.texts) + f"</{tag}>"]


@dataclass(frozen=True)
class Quote:
    """A ``blockquote`` of paragraphs, or of loose text if ``loose``."""

    texts: Sequence[str]
    loose: bool = False

    def page(self, build: Build) -> str:
        if self.loose:
            return f"<blockquote>{page_text(''.join(self.texts))}</blockquote>"
        return "<blockquote>\n" + "".join(f"<p>{page_text(one)}</p>\n" for one in self.texts) + "</blockquote>"

    def post(self, build: Build) -> list[str]:
        if self.loose:
            return [f"<blockquote>{post_text(''.join(self.texts))}</blockquote>"]
        return ["<blockquote>" + "".join(f"<p>{post_text(one)}</p>" for one in self.texts) + "</blockquote>"]


@dataclass(frozen=True)
class Table:
    """A table; the first row is a ``thead`` of ``th`` if ``headed``."""

    rows: Sequence[Sequence[str]]
    headed: bool = False

    def page(self, build: Build) -> str:
        opening = '<table border="1" cellpadding="1" cellspacing="1" style="width:700px;" summary=" ">\n'
        return opening + self._rows(page_text, "\n") + "</table>"

    def post(self, build: Build) -> list[str]:
        return ["<table>" + self._rows(post_text, "") + "</table>"]

    def _rows(self, write, gap: str) -> str:
        def row(cells: Sequence[str], tag: str) -> str:
            return f"<tr>{gap}" + "".join(f"<{tag}>{write(one)}</{tag}>{gap}" for one in cells) + f"</tr>{gap}"

        head = f"<thead>{gap}{row(self.rows[0], 'th')}</thead>{gap}" if self.headed else ""
        body = "".join(row(cells, "td") for cells in self.rows[self.headed :])
        return f"{head}<tbody>{gap}{body}</tbody>{gap}"


@dataclass(frozen=True)
class Figure:
    """A picture between paragraphs.

    :ivar repeats: the picture was shown already, so a post shows it no second time
    """

    picture: Picture
    repeats: bool = False

    def page(self, build: Build) -> str:
        return inline_figure(self.picture, build)

    def post(self, build: Build) -> list[str]:
        return [] if self.repeats else [self.picture.post(build)]


@dataclass(frozen=True)
class FurtherReading:
    """The heading 延伸阅读 with links under it, which a post must not hold.

    :ivar links: pairs of address and title
    """

    links: Sequence[tuple[str, str]]
    label: str = "延伸阅读"

    def page(self, build: Build) -> str:
        if build == "react":
            rows = "".join(f"<li>{page_link(*link)}</li>" for link in self.links)
            return f"<h4>{self.label}</h4><ul>{rows}</ul>"
        if build == "astro":
            rows = "".join(page_link(*link) for link in self.links)
            return f'<div class="further-reading"><p>{self.label}</p>{rows}</div>'
        rows = "".join(f"\n<p>{page_link(*link)}</p>" for link in self.links)
        return f"<p><strong>{self.label}</strong></p>{rows}"

    def post(self, build: Build) -> list[str]:
        return []


@dataclass(frozen=True)
class Content:
    """All of a story but its title.

    :ivar lead: the lead picture, or a gallery
    """

    blocks: tuple[Block, ...]
    lead: tuple[Picture, ...] = field(default=())

    def post(self, build: Build) -> list[str]:
        """Return the lines between ``<div>`` and ``</div>`` of the clean post."""
        lines = [picture.post(build) for picture in self.lead]
        for block in self.blocks:
            lines += block.post(build)
        return lines

    def grown(self, texts: Sequence[str], at: int | None = None) -> Content:
        """Return the same with further paragraphs; before the block ``at``, else at the end."""
        at = len(self.blocks) if at is None else at
        new = tuple(Text(text) for text in texts)
        return replace(self, blocks=self.blocks[:at] + new + self.blocks[at:])


def inner_link(address: str, before: str, words: str, after: str, public: str = "") -> Raw:
    """Return a paragraph with a link in it.

    :param public: the address a post must show, if it is another
    """
    html = f"<p>{page_text(before)}{page_link(address, words)}{page_text(after)}</p>"
    line = f"<p>{post_text(before)}{post_link(public or address, words)}{post_text(after)}</p>"
    return Raw(html, (line,))
