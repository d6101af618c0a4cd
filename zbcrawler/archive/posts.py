"""The layout of a post: how a story is written as a file, and read back.

The setting ``FRONT_MATTER_KEYS`` adds optional keys after ``categories``. A post is not rewritten because of its
optional keys. If a new page lacks a value, the post keeps the old value.
"""

import html
import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from scrapy.settings import BaseSettings

from zbcrawler.common import times
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.settings_file import wrong_setting
from zbcrawler.common.text import excerpt
from zbcrawler.items import Story

AUTHOR = "联合早报"


class Key(NamedTuple):
    write: Callable[[Story], str]  # returns the story's value as YAML, empty for none
    field: str = ""  # of the story, for the value in a post; empty for none
    parse: Callable[[str], object] = json.loads
    stays: bool = False  # whether a new version without a value keeps the old value


def _quoted(text: str) -> str:
    # A JSON string is a YAML double-quoted scalar.
    return json.dumps(text, ensure_ascii=False) if text else ""


# In the order in which a post has them.
KEYS: dict[str, Key] = {
    # From the address, because editions name the sections differently in their pages.
    "section": Key(lambda story: _quoted(story.address.section.rpartition("/")[2])),
    "byline": Key(lambda story: _quoted(story.byline), "byline", stays=True),
    "keywords": Key(
        lambda story: f"[ {', '.join(map(_quoted, story.keywords))} ]" if story.keywords else "",
        "keywords",
        lambda text: tuple(json.loads(text)),
        stays=True,
    ),
    "updated": Key(
        lambda story: times.to_utc_text(story.updated) if story.updated else "",
        "updated",
        lambda text: datetime.fromisoformat(text.replace("Z", "+00:00")),
        stays=True,
    ),
    "image": Key(lambda story: _quoted(story.image), "image", stays=True),
    "edition": Key(lambda story: _quoted(story.edition), "edition"),
    "paywall": Key(lambda story: "true" if story.truncated else "", "truncated", lambda text: text == "true"),
}

OPTIONAL_LINES = rf"(?:(?:{'|'.join(KEYS)}): [^\n]*\n)*"
# Characters of Markdown get a backslash; characters of Liquid and HTML become character references.
_HEADING_ESCAPES = str.maketrans({mark: "\\" + mark for mark in "\\`*_[]<>#!|~"})
_HEADING_ESCAPES |= str.maketrans({"{": "&#123;", "}": "&#125;", "&": "&amp;"})
_POST = re.compile(
    r'---\nlayout: post\ntitle: (?P<title>"(?:[^"\\\n]|\\.)*")\n'
    r"date: (?P<date>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\n"
    r"author: [^\n]*\nfrom: (?P<from>[^\n]*)\ntags: [^\n]*\ncategories: [^\n]*\n"
    rf"(?P<optional>{OPTIONAL_LINES})---\n"
    r"<!--(?P<time>-?\d+|NaN)-->\n\[[^\n]*\]\([^\n]*\)\n------\n\n"
    r"<div>\n(?P<body>(?:[^\n]+\n)*)</div>\n"
)
_INLINE = re.compile(r"</?(?:strong|em|sub|sup|a)\b[^<>]*>")  # tags that do not end a line of text
_TAG = re.compile(r"<[^<>]*>")
_LINK = re.compile(r"^from: (\S+)$", re.MULTILINE)
_TITLE = re.compile(r'^title: ("(?:[^"\\\n]|\\.)*")$', re.MULTILINE)


def render(story: Story) -> str:
    """Return the text of a story's post; raise PostError if the story is not dated."""
    title, url = story.title, story.address.url
    if story.date is None:
        raise PostError(f"{url}: has no date; PrepareStoryPipeline sets it")
    comment = "NaN" if story.published is None else (story.published - times.EPOCH) // timedelta(milliseconds=1)
    front_matter = [
        f"title: {json.dumps(title, ensure_ascii=False)}",  # a JSON string is a YAML double-quoted scalar
        f"date: {times.to_utc_text(story.date)}",
        f"author: {AUTHOR}\nfrom: {url}\ntags: [ {AUTHOR} ]\ncategories: [ {AUTHOR} ]",
        *optional_lines(story),
    ]
    heading = f"<!--{comment}-->\n[{title.translate(_HEADING_ESCAPES)}]({url})\n------\n"
    return "\n".join(["---\nlayout: post", *front_matter, "---", heading, "<div>", *story.body, "</div>\n"])


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
        published = None if found["time"] == "NaN" else times.EPOCH + timedelta(milliseconds=int(found["time"]))
        story = Story(address, title, published, found["body"].splitlines(), date)
        read_optional(story, found["optional"])
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


def optional_lines(story: Story) -> list[str]:
    """Return the lines of the optional keys of a story that have a value."""
    keys = [(name, key) for name, key in KEYS.items() if name in story.optional_keys]
    return [f"{name}: {value}" for name, key in keys if (value := key.write(story))]


def read_optional(story: Story, lines: str) -> None:
    """Read lines of :func:`optional_lines` into ``story``; raise ValueError for any other line."""
    for line in lines.splitlines():
        name, _, value = line.partition(": ")
        story.optional_keys |= {name}
        if KEYS[name].field:
            setattr(story, KEYS[name].field, KEYS[name].parse(value))


def complete(story: Story, old: Story) -> None:
    """Give ``story``, a new version of ``old``, the optional keys and values that only the old one has."""
    story.optional_keys |= old.optional_keys
    for key in KEYS.values():
        if key.stays and not getattr(story, key.field):
            setattr(story, key.field, getattr(old, key.field))


def front_matter_keys(settings: BaseSettings) -> frozenset[str]:
    """Return the names in the setting ``FRONT_MATTER_KEYS``; raise ArgumentError for any other name."""
    names = [name.strip() for name in settings.getlist("FRONT_MATTER_KEYS") if name.strip()]
    if unknown := [name for name in names if name not in KEYS]:
        raise wrong_setting(settings, "FRONT_MATTER_KEYS", f"{excerpt(unknown[0])} is not one of {', '.join(KEYS)}")
    return frozenset(names)
