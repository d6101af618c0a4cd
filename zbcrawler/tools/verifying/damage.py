"""Find damage that cannot be repaired from the post alone.

The reader of imports makes a story of nearly any file. Whatever it would have to guess, a person has to decide.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from lxml.html import HtmlElement

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.text import one_line
from zbcrawler.tools.importing import fields
from zbcrawler.tools.importing.reader import Post

_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?: .*)?$", re.MULTILINE)
_KEY = re.compile(r"^([A-Za-z_][\w-]*)[ \t]*:", re.MULTILINE | re.ASCII)
_HEADING = re.compile(r"\[[^\n]*\]\((\S*?)\)$", re.MULTILINE)
_ATTRIBUTE = re.compile(r"[A-Za-z_][\w:.-]*", re.ASCII)
_ZONE = re.compile(r"(?:Z|UTC|[+-]\d\d:?\d\d)$", re.IGNORECASE)


def damage(head: str, rest: str, values: Mapping[str, object], post: Post, body: HtmlElement) -> Iterator[str]:
    """Yield what is damaged.

    :param values: what YAML reads from ``head``, the front matter; empty if it is not valid
    :param body: the parsed body of ``post``
    """
    if found := _CONFLICT.search(f"{head}\n{rest}"):
        yield f"a conflict that git could not merge: {found[0]}"
    if not rest.rstrip().endswith("</div>"):
        yield "it ends before its body does"
    if rest.count("<!--") > rest.count("-->"):
        yield "a comment without an end"
    names = (name for element in body.iter() if isinstance(element.tag, str) for name in element.attrib)
    if odd := next((name for name in names if not _ATTRIBUTE.fullmatch(name)), None):
        yield f"a < that begins no element, before {odd}"
    heading = _HEADING.search(rest.split("<div>", maxsplit=1)[0])
    linked = heading and StoryAddress.parse(heading[1])
    if linked and linked.path != post.address.path:
        yield f"the heading links {linked}, and from is {post.address}"
    keys, title = Counter(_KEY.findall(head)), values.get("title")
    if twice := next((name for name, count in keys.items() if count > 1), None):
        yield f"{twice} stands twice"
    if "title" not in keys:
        yield "no title"
    elif isinstance(title, str) and one_line(title) != one_line(post.title):
        yield "a title that can be read in two ways"


def zone_is_doubtful(line: str, post: Post) -> bool:
    """Whether the date's line names no zone, and the time in the comment is another."""
    has_zone = _ZONE.search(fields.scalar(line.partition(":")[2]))
    return bool(post.date and post.time and not has_zone and post.date != post.time)
