"""Checks one post: what is there is held against what the layout makes of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import yaml

from zbcrawler import posts, times
from zbcrawler.cleaning import clean
from zbcrawler.cleaning.text import drop_unprintable, one_line
from zbcrawler.exceptions import ZbcrawlerError
from zbcrawler.importing import reader
from zbcrawler.markup import parse_fragment
from zbcrawler.pictures import link_to, sources
from zbcrawler.verifying.findings import Finding
from zbcrawler.versions import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from zbcrawler.addresses import StoryAddress
    from zbcrawler.cleaning import CleanBody
    from zbcrawler.items import Story

_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Links to kept pictures lead upwards; the cleaner would join them to the site's address.
_KEPT, _STAND_IN = f'src="{link_to("")}', 'src="https://kept.invalid/'
_FRONT_MATTER = re.compile(r"---\n(.*?)^---\n(.*)", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"(\w+):")
_OWN_RULES = {"title": "title", "date": "date", "from": "from"}
# The feed's clock was up to 16 hours fast (post layout), and a collector's a little slow.
_CLAMPED = timedelta(days=1)
_SHOWN = 60


@dataclass
class Checked:
    """What came of a post.

    :ivar address: the story's, None if it cannot be told
    :ivar mended: the file as it should be, None if there is no one right answer
    """

    findings: list[Finding] = field(default_factory=list)
    address: StoryAddress | None = None
    mended: bytes | None = None


def check(path: str, data: bytes, is_file: Callable[[str], bool]) -> Checked:
    """Checks a post by itself.

    :param path: from the archive's folder
    :param is_file: whether there is a file of such a path in the archive
    """
    checked = Checked()
    check_post = _Check(path, checked.findings, is_file)
    if story := check_post.read(data):
        checked.address = story.address
        if all(finding.fixable or finding.is_warning for finding in checked.findings):
            checked.mended = posts.render(story).encode()
    return checked


class _Check:
    def __init__(self, path: str, findings: list[Finding], is_file: Callable[[str], bool]) -> None:
        self.path = path
        self.findings = findings
        self.is_file = is_file

    def find(self, rule: str, what: str, fixable: bool = True) -> None:
        self.findings.append(Finding(self.path, rule, what, fixable))

    def read(self, data: bytes) -> Story | None:
        """The story as it should be told; None if that is not known."""
        if (text := self._text(data)) is None:
            return None
        try:
            post = reader.read(text.encode(), self.path)
            result = clean([parse_fragment(post.body.replace(_KEPT, _STAND_IN))])
        except ZbcrawlerError as error:
            self.find("unreadable", str(error).removeprefix(f"{self.path}: "), fixable=False)
            return None
        story = post.story(post.address)
        story.title = one_line(story.title)
        story.raw, story.imported = [], False
        story.body = [line.replace(_STAND_IN, _KEPT) for line in result.lines]
        story.published, story.date = post.time, post.date or post.time or times.start_of(post.address.day)
        self._held_against(text, story, result)
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

    def _held_against(self, text: str, story: Story, result: CleanBody) -> None:
        should_head, should_rest = _FRONT_MATTER.fullmatch(posts.render(story)).groups()
        found = _FRONT_MATTER.fullmatch(text)
        if not found:
            self.find("layout", "no front matter between two lines of ---")
            return
        head, rest = found.groups()
        self._front_matter(head.splitlines(), should_head.splitlines())
        comment, heading, *after = rest.split("\n")
        should_comment, should_heading, *should_after = should_rest.split("\n")
        if comment != should_comment:
            self.find("comment", _shown(comment), fixable=story.published is not None)
        if heading != should_heading:
            self.find("heading", _shown(heading))
        self._body(after, should_after, story, result)

    def _front_matter(self, lines: list[str], should: list[str]) -> None:
        try:
            values = yaml.load("\n".join(lines), _YAML)  # noqa: S506 - a safe one
            if not isinstance(values, dict):
                raise yaml.YAMLError("no keys")
        except yaml.YAMLError as error:
            self.find("yaml", _shown(" ".join(str(error).split())))
            return
        names, should_names = ([_name(line) for line in each] for each in (lines, should))
        if names != should_names:
            self.find("keys", ", ".join(names))
            return
        for name, line, should_line in zip(names, lines, should, strict=True):
            if line != should_line:
                self.find(_OWN_RULES.get(name, "keys"), _shown(line))

    def _body(self, lines: list[str], should: list[str], story: Story, result: CleanBody) -> None:
        if not words(story) and not any("<img " in line for line in story.body):
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
        if site and date != site:
            on_its_day = site.astimezone(times.SINGAPORE).date() == day
            if not (on_its_day if date > site else site - date <= _CLAMPED):
                what = f"{times.shown(site)}, and the date is {times.shown(date)}"
                self.find("comment", what, fixable=False)
        if abs(date.astimezone(times.SINGAPORE).date() - day) > timedelta(days=1):
            self.find("day", f"{times.shown(date)}, and the address is of {day}", fixable=False)

    def _pictures(self, story: Story) -> None:
        for source in sources(story.body):
            kept = source.removeprefix(link_to(""))
            if kept != source and not self.is_file(kept):
                self.find("picture", f"{kept} is not there", fixable=False)


def _name(line: str) -> str:
    found = _KEY.match(line)
    return found[1] if found else _shown(line)


def _first_difference(lines: list[str], should: list[str]) -> str:
    return next((line for line, other in zip(lines, should, strict=False) if line != other), lines[-1])


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
