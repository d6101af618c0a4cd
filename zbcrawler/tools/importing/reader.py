"""Read one post of any archive: our layout, and the variants that other collectors write."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from zbcrawler.archive import front_matter
from zbcrawler.archive.story_versions import is_empty
from zbcrawler.cleaning import clean
from zbcrawler.common import times
from zbcrawler.common.addresses import StoryAddress, kind_of
from zbcrawler.common.errors import PostError, ZbcrawlerError
from zbcrawler.common.markup import parse_fragment
from zbcrawler.common.text import drop_unprintable, one_line
from zbcrawler.items import Story
from zbcrawler.tools.importing import fields

HEAD = 1 << 20  # bytes of a file that are enough to recognise its post, even behind a title of 100,000 characters
LARGEST = 16 * 1024 * 1024  # no story's post has more bytes
SECTION = "import"

_COMMENT = re.compile(r"\s*<!--(.*?)-->", re.DOTALL)
_MILLISECONDS = re.compile(r"\s*(\d{1,15})\s*", re.ASCII)
_BEFORE_HEADING = re.compile(r"\s*(?:#+[ \t]*)?\[")
_RULER = re.compile(r"\s*-{3,}[ \t]*(?:\n|\Z)")


class Ignored(str, Enum):
    """Why a file is not imported."""

    OTHER_SOURCE = "other source"
    NOT_A_POST = "not a post"
    NO_ADDRESS = "no story address"


class Heading(NamedTuple):
    """A link with the headline, before the body."""

    title: str
    link: str
    after: str  # the lines behind it


@dataclass(frozen=True)
class Post:
    """The story that a file holds."""

    name: str  # of the file in messages
    address: StoryAddress
    title: str  # as the file has it
    date: datetime | None  # of the front matter (aware), None if it has no readable date
    time: datetime | None  # of the comment (aware), even if the time is impossible
    body: str  # HTML
    keys: tuple[str, ...] = ()  # the lines of optional keys that we write, too
    linked: StoryAddress | None = None  # the story that the heading links

    def story(self, address: StoryAddress) -> Story:
        """Return the story with its body uncleaned, under an address that may be that of another version.

        :raises ZbcrawlerError: if the body has more markup than any story's
        """
        story = Story(address, self.title, self._published(address), date=self.date)
        story.raw, story.imported, story.section = [parse_fragment(self.body)], True, SECTION
        for line in self.keys:
            front_matter.read(story, line)
        return story

    def cleaned(self) -> Story:
        """Return the story with its body cleaned, to compare it with other versions.

        :raises PostError: if the body cannot be cleaned, or nothing is left of the body, or the file names two stories
        """
        if self.linked and not self.linked.is_same_story(self.address):
            what = f"from: {self.address}, but the heading links {self.linked}"
            raise PostError(f"{self.name}: {what}; restore the file or remove it")
        try:
            story = self.story(self.address)
            result = clean(story.raw)
        except ZbcrawlerError as error:
            raise PostError(f"{self.name}: body: {error}; repair the file or remove it") from error
        story.body, story.raw = result.lines, []
        story.truncated |= result.truncated
        if is_empty(story):
            raise PostError(f"{self.name}: body: has no text and no picture; restore it or remove the file")
        return story

    def _published(self, address: StoryAddress) -> datetime | None:
        # For long periods the clock of the collectors' feed was fast (post layout).
        if self.time is None or self.date is None or self.time > self.date:
            return None
        return self.time if self.time.astimezone(times.SINGAPORE).date() == address.day else None


def recognise(data: bytes) -> StoryAddress | Ignored:
    """Return the story whose post a file (or its first ``HEAD`` bytes) is, or why the file is not imported."""
    # read() refuses UTF-16, but such a post must not be skipped as "not a post".
    utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return _split(data.decode("utf-16" if utf_16 else "utf-8", "replace"))[0]


def read(data: bytes, name: str) -> Post:
    """Read a post whose story :func:`recognise` found.

    :raises PostError: if something is missing that every story has; the message names file, field and remedy
    """
    if len(data) > LARGEST:
        raise PostError(f"{name}: body: over {LARGEST >> 20} MB, which no story has; remove the file")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PostError(f"{name}: not UTF-8 (byte {error.start}); convert the file to UTF-8") from None
    address, values, rest = _split(text)
    if isinstance(address, Ignored):
        raise PostError(f"{name}: from: {address.value}; the file has changed since the import began, run it again")
    time, top, body = _content(rest, address)
    title = next((title for title in (fields.scalar(values.get("title", "")), top.title) if one_line(title)), None)
    if title is None:
        raise PostError(f"{name}: title: missing; write the headline behind title: or remove the file")
    if not body.strip():
        raise PostError(f"{name}: body: missing; restore it or remove the file")
    date, linked = fields.date(values.get("date", "")), StoryAddress.parse(_link(top.link))
    return Post(name, address, title, date, time, body, _known_keys(values, address), linked)


def heading(text: str) -> Heading | None:
    """Return the link that is the first line of a text; None if the line is something else."""
    # No regular expression: a title may have any length, and any number of brackets.
    if not (begin := _BEFORE_HEADING.match(text)):
        return None
    line, _, after = text[begin.end() :].partition("\n")
    title, middle, link = line.rstrip(" \t").rpartition("](")
    return Heading(title, link[:-1], after) if middle and link.endswith(")") else None


def plain_lines(text: str) -> str:
    """Return a text without a byte order mark, and with line feeds only."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _split(text: str) -> tuple[StoryAddress | Ignored, dict[str, str], str]:
    """Return the story of a file, the values of its front matter, and the rest."""
    parts = fields.split(plain_lines(text))
    return (_address(*parts), *parts) if parts else (Ignored.NOT_A_POST, {}, "")


def _address(values: dict[str, str], rest: str) -> StoryAddress | Ignored:
    link = _link(fields.scalar(values.get("from", "")))
    if not link and (found := heading(_comment(rest)[1])):
        link = _link(found.link)
    is_elsewhere = link and kind_of(link) in ("other host", "broken link")
    return StoryAddress.parse(link) or (Ignored.OTHER_SOURCE if is_elsewhere else Ignored.NO_ADDRESS)


def _link(text: str) -> str:
    return next(iter(text.strip("<>").split()), "")


def _content(rest: str, address: StoryAddress) -> tuple[datetime | None, Heading, str]:
    """Return the comment's time, the heading (empty if there is none), and the body."""
    time, rest = _comment(rest)
    top = Heading("", "", rest)
    if found := heading(rest):
        linked = StoryAddress.parse(_link(found.link))
        # A body may begin with a link, too.
        if _RULER.match(found.after) or (linked and linked.is_same_story(address)):
            top = found
    ruler = _RULER.match(top.after)
    return time, top, top.after[ruler.end() :] if ruler else top.after


def _comment(rest: str) -> tuple[datetime | None, str]:
    """Return the time in the comments at the beginning of ``rest``, and what follows the comments."""
    time, end = None, 0
    while found := _COMMENT.match(rest, end):
        if milliseconds := _MILLISECONDS.fullmatch(found[1]):
            time = times.epoch_time(milliseconds[1])
        end = found.end()
    return time, rest[end:]


def _known_keys(values: dict[str, str], address: StoryAddress) -> tuple[str, ...]:
    """Return the lines of the optional keys that are as we write them."""
    lines = []
    for name in front_matter.KEYS:
        line = f"{name}: {values.get(name, '')}"
        if len(line.splitlines()) != 1 or drop_unprintable(line) != line:
            continue
        probe = Story(address, "")
        with suppress(ValueError, TypeError, OverflowError, RecursionError):
            front_matter.read(probe, line)
            if front_matter.render(probe) == [line]:
                lines.append(line)
    return tuple(lines)
