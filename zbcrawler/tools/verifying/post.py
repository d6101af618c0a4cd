"""Checks one post: what is there is held against what the layout makes of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from zbcrawler.archive import posts
from zbcrawler.archive.layout import link_from_post
from zbcrawler.archive.pictures import sources
from zbcrawler.archive.versions import is_empty
from zbcrawler.cleaning import clean
from zbcrawler.common import times
from zbcrawler.common.errors import ZbcrawlerError
from zbcrawler.common.markup import parse_fragment
from zbcrawler.common.text import drop_unprintable, one_line, shorten
from zbcrawler.tools.importing import reader
from zbcrawler.tools.verifying.damage import damage, zone_is_doubtful
from zbcrawler.tools.verifying.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from zbcrawler.cleaning import CleanedBody
    from zbcrawler.common.addresses import StoryAddress
    from zbcrawler.items import Story
    from zbcrawler.tools.importing.reader import Post

_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Links to kept pictures lead upwards; the cleaner would join them to the site's address.
_KEPT, _STAND_IN = f'src="{link_from_post("")}', 'src="https://kept.invalid/'
_FRONT_MATTER = re.compile(r"---\n(.*?)^---\n(.*)", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"(\w+):")
_OWN_RULES = {"title": "title", "date": "date", "from": "from"}


@dataclass
class PostCheck:
    """What came of a post.

    :ivar address: the story's, None if it cannot be told
    :ivar mended: the file as it should be, None if there is no one right answer
    """

    findings: list[Finding] = field(default_factory=list)
    address: StoryAddress | None = None
    mended: bytes | None = None


def check(path: str, data: bytes, has_file: Callable[[str], bool], now: datetime) -> PostCheck:
    """Check a post by itself.

    :param path: from the archive's folder
    :param has_file: whether there is a file of such a path in the archive, with something in it
    :param now: aware
    """
    checked = PostCheck()
    check_post = _Check(path, checked.findings, has_file, now)
    if story := check_post.read(data):
        checked.address = story.address
        if all(finding.fixable or finding.is_warning for finding in checked.findings):
            checked.mended = posts.render(story).encode()
    return checked


class _FrontMatter(NamedTuple):
    """What YAML makes of front matter.

    :ivar values: empty if it is none
    :ivar fault: why it is none
    """

    values: dict[str, Any]
    fault: str


class _Check:
    def __init__(self, path: str, findings: list[Finding], has_file: Callable[[str], bool], now: datetime) -> None:
        self.path = path
        self.findings = findings
        self.has_file = has_file
        self.now = now

    def find(self, rule: str, what: str, fixable: bool = True) -> None:
        self.findings.append(Finding(self.path, rule, what, fixable))

    def read(self, data: bytes) -> Story | None:
        """Return the story as it should be told; None if that is not known."""
        if (text := self._text(data)) is None:
            return None
        parts = _FRONT_MATTER.fullmatch(text)
        head, rest = parts.groups() if parts else ("", "")
        front_matter = _yaml(head)
        try:
            post = reader.read(text.encode(), self.path)
            body = parse_fragment(post.body.replace(_KEPT, _STAND_IN))
            harm = list(damage(head, rest, front_matter.values, post, body)) if parts else []
            result = clean([body])
        except ZbcrawlerError as error:
            what = str(error).removeprefix(f"{self.path}: ").partition("; the file has changed")[0]
            self.find("unreadable", what, fixable=False)
            return None
        story = post.story(post.address)
        story.title = one_line(story.title)
        story.raw, story.imported = [], False
        story.body = [line.replace(_STAND_IN, _KEPT) for line in result.lines]
        story.published, story.date = post.time, post.date or post.time or times.start_of(post.address.day)
        if not parts:
            self.find("layout", "no front matter between two lines of ---", fixable=False)
        elif harm:  # what else there is follows from it
            self.find("damage", _shown("; ".join(harm)), fixable=False)
        else:
            should_head, should_rest = _FRONT_MATTER.fullmatch(posts.render(story)).groups()
            self._front_matter(head.splitlines(), should_head.splitlines(), front_matter.fault, post)
            self._rest(rest, should_rest, story, result)
        self._times(story)
        self._pictures(story)
        return story

    def _text(self, data: bytes) -> str | None:
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            self.find("encoding", f"byte {error.start} is not UTF-8", fixable=False)
            return None
        plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        if plain != text:
            self.find("encoding", "a byte order mark" if text[0] == "\ufeff" else "line ends with carriage returns")
        lines = [drop_unprintable(line) for line in plain.split("\n")]
        if (clean_text := "\n".join(lines)) != plain:
            odd = next(letter for letter in plain if letter != "\n" and not drop_unprintable(letter))
            self.find("control", f"U+{ord(odd):04X}")
        return clean_text

    # -- what is there, against what should be -------------------------------------------------

    def _rest(self, rest: str, should: str, story: Story, result: CleanedBody) -> None:
        comment, heading, *after = rest.split("\n")
        should_comment, should_heading, *should_after = should.split("\n")
        if comment != should_comment:
            self.find("comment", _shown(comment), fixable=story.published is not None)
        if heading != should_heading:
            self.find("heading", _shown(heading))
        self._body(after, should_after, story, result)

    def _front_matter(self, lines: list[str], should: list[str], fault: str, post: Post) -> None:
        if fault:
            self.find("yaml", _shown(fault))
            return
        names, should_names = ([_name(line) for line in each] for each in (lines, should))
        if names != should_names:
            self.find("keys", ", ".join(names))
            return
        for name, line, should_line in zip(names, lines, should, strict=True):
            if line != should_line:
                one_answer = not (name == "date" and zone_is_doubtful(line, post))
                self.find(_OWN_RULES.get(name, "keys"), _shown(line), one_answer)

    def _body(self, lines: list[str], should: list[str], story: Story, result: CleanedBody) -> None:
        if is_empty(story):
            self.find("empty", "nothing of the body is a story's text", fixable=False)
            return
        for rule, element in result.removed:
            said = " ".join("".join(element.itertext()).split())
            self.find("noise", f"{rule}: {_shown(said)}" if said else rule)
        if result.removed or lines == should:
            return
        if braced := next((line for line in lines if "{" in line or "}" in line), None):
            self.find("liquid", _shown(braced))
        elif lines[:3] != should[:3] or lines[-2:] != should[-2:] or "" in lines[3:-1]:
            self.find("layout", _shown(_first_difference(lines, should)))
        else:
            self.find("markup", _shown(_first_difference(lines, should)))

    # -- what it says ------------------------------------------------------------------------------

    def _times(self, story: Story) -> None:
        site, date, day = story.published, story.date, story.address.day
        # An earlier date is that of the collection, however far the site's time lay ahead then.
        if site and date > site and site.astimezone(times.SINGAPORE).date() != day:
            self.find("comment", f"{times.shown(site)}, and the date is {times.shown(date)}", fixable=False)
        if abs(date.astimezone(times.SINGAPORE).date() - day) > timedelta(days=1):
            self.find("day", f"{times.shown(date)}, and the address is of {day}", fixable=False)
        if date > self.now:
            self.find("future", times.shown(date), fixable=False)

    def _pictures(self, story: Story) -> None:
        for source in sources(story.body):
            kept = source.removeprefix(link_from_post(""))
            if kept != source and not self.has_file(kept):
                self.find("picture", f"{kept} is not there, or empty", fixable=False)


def _yaml(head: str) -> _FrontMatter:
    try:
        values = yaml.load(head, _YAML)  # noqa: S506 - a safe one
    except (yaml.YAMLError, ValueError) as error:  # a day that no calendar has is no error of YAML's
        return _FrontMatter({}, " ".join(str(error).split()))
    return _FrontMatter(values, "") if isinstance(values, dict) else _FrontMatter({}, "no keys")


def _name(line: str) -> str:
    found = _KEY.match(line)
    return found[1] if found else _shown(line)


def _first_difference(lines: list[str], should: list[str]) -> str:
    return next((line for line, other in zip(lines, should, strict=False) if line != other), lines[-1])


def _shown(text: str) -> str:
    return shorten(" ".join(text.split()))
