"""Check one post: look for damage, and compare it with the post of its story (docs/reference/verify-rules.md)."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from lxml.html import HtmlElement

from zbcrawler.archive import posts
from zbcrawler.archive.disk import link_from_post
from zbcrawler.archive.pictures import sources
from zbcrawler.archive.story_versions import is_empty, was_clamped
from zbcrawler.cleaning import CleanedBody, clean
from zbcrawler.common import times
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import ZbcrawlerError
from zbcrawler.common.markup import parse_fragment
from zbcrawler.common.text import drop_unprintable, one_line, shorten
from zbcrawler.items import Story
from zbcrawler.tools.importing import reader

# The rules for facts that a person should know, but that are no fault of the archive.
WARNINGS = frozenset({"day", "future", "clamped", "number", "owed", "gap"})
_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Links to kept pictures are relative; the cleaner would join them to the site's address.
_KEPT, _STAND_IN = f'src="{link_from_post("")}', 'src="https://kept.invalid/'
_FRONT_MATTER = re.compile(r"---\n(.*?)^---\n(.*)", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r"(\w+):")
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?: .*)?$", re.MULTILINE)
_ANY_KEY = re.compile(r"^([A-Za-z_][\w-]*)[ \t]*:", re.MULTILINE | re.ASCII)
_ATTRIBUTE = re.compile(r"[A-Za-z_][\w:.-]*", re.ASCII)
_ZONE = re.compile(r"(?:Z|UTC|[+-]\d\d:?\d\d)$", re.IGNORECASE)
_OWN_RULES = ("title", "date", "from")


class Finding(NamedTuple):
    path: str  # of the file, from the archive's folder
    rule: str
    what: str  # what the file has instead, one line
    fixable: bool = False  # there is one right answer
    fixed: bool = False

    @property
    def kind(self) -> str:
        """``fixed``, ``warning``, or ``wrong``, which makes the verification fail."""
        return "fixed" if self.fixed else "warning" if self.rule in WARNINGS else "wrong"


class PostCheck:
    def __init__(self, root: Path, path: str, data: bytes, now: datetime) -> None:
        """Check a post; ``path``: from the archive's folder ``root``; ``now``: aware."""
        self.path = path
        self.findings: list[Finding] = []
        self.address: StoryAddress | None = None  # None if the file names no story
        self.repaired: bytes | None = None  # the file as it should be, None if there is no one right answer
        self.is_settled = False  # no time of the post lies ahead, so the findings stay the same
        text = self._decode(data)
        if text is None or not (story := self._read(text)):
            return
        if story.published and story.date and was_clamped(story.date, story.published, now):
            self.find("clamped", f"{times.shown(story.date)}, and the site's time is {times.shown(story.published)}")
            story.date = story.published
        self._check_times(story.address.day, story.published, story.date or now, now)
        for kept in lost_pictures(root, story.body):
            self.find("picture", f"{kept} is missing or empty", fixable=False)
        self.is_settled = max(story.date or now, story.published or now) <= now
        self.address = story.address
        if all(finding.fixable or finding.rule in WARNINGS for finding in self.findings):
            self.repaired = posts.render(story).encode()

    def find(self, rule: str, what: str, fixable: bool = True) -> None:
        self.findings.append(Finding(self.path, rule, what, fixable))

    def _decode(self, data: bytes) -> str | None:
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            self.find("encoding", f"byte {error.start} is not UTF-8", fixable=False)
            return None
        plain = reader.plain_lines(text)
        if plain != text:
            self.find("encoding", "a byte order mark" if text[0] == "\ufeff" else "line ends with carriage returns")
        clean_text = "\n".join(map(drop_unprintable, plain.split("\n")))
        if clean_text != plain:
            odd = next(letter for letter in plain if letter != "\n" and not drop_unprintable(letter))
            self.find("control", f"U+{ord(odd):04X}")
        return clean_text

    def _read(self, text: str) -> Story | None:
        parts = _FRONT_MATTER.fullmatch(text)
        head, rest = parts.groups() if parts else ("", "")
        values, fault = _load_yaml(head)
        try:
            post = reader.read(text.encode(), self.path)
            body = parse_fragment(post.body.replace(_KEPT, _STAND_IN))
            damage = list(_damage(head, rest, values, post, body)) if parts else []
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
        expected = _FRONT_MATTER.fullmatch(posts.render(story))
        if not (parts and expected):
            self.find("layout", "no front matter between two lines of ---", fixable=False)
        elif damage:  # all other findings would follow from the damage
            self.find("damage", _line("; ".join(damage)), fixable=False)
        else:
            self._check_front_matter(head.splitlines(), expected[1].splitlines(), fault, post)
            self._check_rest(rest.split("\n"), expected[2].split("\n"), story, result)
        return story

    def _check_front_matter(self, lines: list[str], expected: list[str], fault: str, post: reader.Post) -> None:
        names = list(map(_key, lines))
        if fault:
            self.find("yaml", _line(fault))
        elif names != list(map(_key, expected)):
            self.find("keys", ", ".join(names))
        else:
            for name, line, expected_line in zip(names, lines, expected, strict=True):
                has_zone = name != "date" or _ZONE.search(reader.scalar(line.partition(":")[2]))
                if line != expected_line:
                    fixable = bool(has_zone or not post.date or not post.time or post.date == post.time)
                    self.find(name if name in _OWN_RULES else "keys", _line(line), fixable)

    def _check_rest(self, lines: list[str], expected: list[str], story: Story, result: CleanedBody) -> None:
        comment, heading, *lines = [*lines, *[""] * (2 - len(lines))]
        expected_comment, expected_heading, *expected = expected
        if comment != expected_comment:
            self.find("comment", _line(comment), fixable=story.published is not None)
        if heading != expected_heading:
            self.find("heading", _line(heading))
        if is_empty(story):
            self.find("empty", "after cleaning, the body has no text and no picture", fixable=False)
            return
        for rule, element in result.removed:
            text = _line("".join(element.itertext()))
            self.find("noise", f"{rule}: {text}" if text else rule)
        if result.removed or lines == expected:
            return
        differs = next((line for line, new in zip(lines, expected, strict=False) if line != new), "".join(lines[-1:]))
        if braced := next((line for line in lines if "{" in line or "}" in line), None):
            self.find("liquid", _line(braced))
        elif lines[:3] != expected[:3] or lines[-2:] != expected[-2:] or "" in lines[3:-1]:
            self.find("layout", _line(differs))
        else:
            self.find("markup", _line(differs))

    def _check_times(self, day: date, site: datetime | None, written: datetime, now: datetime) -> None:
        # A date before the site's time is the time of collection: the site's time lay in the future then.
        if site and written > site and site.astimezone(times.SINGAPORE).date() != day:
            self.find("comment", f"{times.shown(site)}, and the date is {times.shown(written)}", fixable=False)
        if abs(written.astimezone(times.SINGAPORE).date() - day) > timedelta(days=1):
            self.find("day", f"{times.shown(written)}, and the address is of {day}", fixable=False)
        if written > now:
            self.find("future", times.shown(written), fixable=False)


def lost_pictures(root: Path, body: Iterable[str]) -> Iterator[str]:
    """Yield the kept pictures in the lines of a body that are missing or empty, as paths from the archive's folder."""
    for source in sources(body):
        kept = source.removeprefix(link_from_post(""))
        if kept != source and not ((root / kept).is_file() and (root / kept).stat().st_size):
            yield kept


def _damage(head: str, rest: str, values: Mapping[str, object], post: reader.Post, body: HtmlElement) -> Iterator[str]:
    """Yield damage that a person has to repair: the reader of imports would have to guess."""
    if found := _CONFLICT.search(f"{head}\n{rest}"):
        yield f"a conflict that git could not merge: {found[0]}"
    if not rest.rstrip().endswith("</div>"):
        yield "it ends before its body does"
    if rest.count("<!--") > rest.count("-->"):
        yield "a comment without an end"
    names = (name for element in body.iter() if isinstance(element.tag, str) for name in element.attrib)
    if odd := next((name for name in names if not _ATTRIBUTE.fullmatch(name)), None):
        yield f"a < that begins no element, before {odd}"
    before = rest.split("<div>", maxsplit=1)[0]
    links = (link[1] for line in before.split("\n") if (link := reader.heading(line)))
    linked = StoryAddress.parse(next(links, ""))
    if linked and linked.path != post.address.path:
        yield f"the heading links {linked}, and from is {post.address}"
    keys, title = Counter(_ANY_KEY.findall(head)), values.get("title")
    if twice := next((name for name, count in keys.items() if count > 1), None):
        yield f"{twice} appears twice"
    if "title" not in keys:
        yield "no title"
    elif isinstance(title, str) and one_line(title) != one_line(post.title):
        yield "a title that can be read in two ways"


def _load_yaml(head: str) -> tuple[dict[str, Any], str]:
    """Return the values, and what is wrong with the YAML; one of the two is empty."""
    try:
        values = yaml.load(head, _YAML)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # a day that no calendar has is a ValueError
        return {}, str(error)
    return (values, "") if isinstance(values, dict) else ({}, "no keys")


def _key(line: str) -> str:
    found = _KEY.match(line)
    return found[1] if found else _line(line)


def _line(text: str) -> str:
    return shorten(" ".join(text.split()))
