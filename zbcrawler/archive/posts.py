"""The layout of a post: how a story is written as a file, and read back."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from datetime import datetime, timezone

from zbcrawler.archive import front_matter
from zbcrawler.common import times
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.items import Story

AUTHOR = "联合早报"

# Characters of Markdown get a backslash; characters of Liquid and HTML become character references.
_HEADING_ESCAPES = str.maketrans({mark: "\\" + mark for mark in "\\`*_[]<>#!|~"})
_HEADING_ESCAPES |= str.maketrans({"{": "&#123;", "}": "&#125;", "&": "&amp;"})
_POST = re.compile(
    r"---\n"
    r"layout: post\n"
    r'title: (?P<title>"(?:[^"\\\n]|\\.)*")\n'
    r"date: (?P<date>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\n"
    r"author: (?P<author>[^\n]*)\n"
    r"from: (?P<from>[^\n]*)\n"
    r"tags: [^\n]*\n"
    r"categories: [^\n]*\n"
    rf"(?P<optional>{front_matter.LINES})"
    r"---\n"
    r"<!--(?P<time>-?\d+|NaN)-->\n"
    r"\[[^\n]*\]\([^\n]*\)\n"
    r"------\n"
    r"\n"
    r"<div>\n"
    r"(?P<body>(?:[^\n]+\n)*)"
    r"</div>\n"
)
# Tags that do not end a line of text.
_INLINE = re.compile(r"</?(?:strong|em|sub|sup|a)\b[^<>]*>")
_TAG = re.compile(r"<[^<>]*>")
_LINK = re.compile(r"^from: (\S+)$", re.MULTILINE)
_TITLE = re.compile(r'^title: ("(?:[^"\\\n]|\\.)*")$', re.MULTILINE)


def render(story: Story) -> str:
    """Return the text of a story's post; raise PostError if the story is not dated."""
    title, url = story.title, story.address.url
    if story.date is None:
        raise PostError(f"{url}: has no date; PrepareStoryPipeline sets it")
    comment = "NaN" if story.published is None else times.to_milliseconds(story.published)
    lines = [
        "---",
        "layout: post",
        # A JSON string is a YAML double-quoted scalar.
        f"title: {json.dumps(title, ensure_ascii=False)}",
        f"date: {times.to_utc_text(story.date)}",
        f"author: {AUTHOR}",
        f"from: {url}",
        f"tags: [ {AUTHOR} ]",
        f"categories: [ {AUTHOR} ]",
        *front_matter.render(story),
        "---",
        f"<!--{comment}-->",
        f"[{title.translate(_HEADING_ESCAPES)}]({url})",
        "------",
        "",
        "<div>",
        *story.body,
        "</div>",
        "",
    ]
    return "\n".join(lines)


def decoded(data: bytes, name: str) -> str:
    """Return the text of a post's file; raise PostError if it is not UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise PostError(f"{name}: not UTF-8 ({error}); restore it from git or move it away") from error


def read(text: str, name: str = "post") -> Story:
    """Return the story in a post; raise PostError, with the file's ``name``, if it has another layout."""
    found = _POST.fullmatch(text)
    if not found:
        raise PostError(f"{name}: not a post as zbcrawler writes it; move it out of the archive or repair it")
    address = StoryAddress.parse(found["from"])
    if address is None:
        raise PostError(f"{name}: from: {found['from']} is not the address of a story")
    try:
        title = json.loads(found["title"])
        date = datetime.strptime(found["date"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
        published = None if found["time"] == "NaN" else times.from_milliseconds(int(found["time"]))
        story = Story(address, title, published, found["body"].splitlines(), date)
        front_matter.read(story, found["optional"])
    except (ValueError, OverflowError) as error:
        raise PostError(f"{name}: {error}") from error
    return story


def text_of(body: Iterable[str]) -> str:
    """Return the text of a post's body, one line per block."""
    return html.unescape(_TAG.sub("\n", _INLINE.sub("", "\n".join(body))))


def read_title(text: str) -> str | None:
    """Return the title in a post's front matter, None if it cannot be read."""
    found = _TITLE.search(text)
    try:
        return json.loads(found[1]) if found else None
    except ValueError:
        return None


def read_link(text: str) -> str | None:
    """Return the address in a post's front matter, None if it has none."""
    found = _LINK.search(text)
    return found[1] if found else None
