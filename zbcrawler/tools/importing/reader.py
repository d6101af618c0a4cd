"""Read one post of any archive: our layout, and the variants that other collectors write."""

import codecs
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import yaml

from zbcrawler.archive import posts
from zbcrawler.archive.story_versions import is_empty
from zbcrawler.cleaning import clean
from zbcrawler.common import times
from zbcrawler.common.addresses import StoryAddress, kind_of
from zbcrawler.common.errors import PostError, ZbcrawlerError
from zbcrawler.common.markup import parse_fragment
from zbcrawler.common.text import drop_unprintable, one_line
from zbcrawler.items import Story

HEAD = 1 << 20  # bytes of a file that are enough to recognise its post, even behind a title of 100,000 characters
LARGEST = 16 * 1024 * 1024  # no story's post has more bytes
SECTION = "import"

_COMMENT = re.compile(r"\s*<!--(.*?)-->", re.DOTALL)
_MILLISECONDS = re.compile(r"\s*(\d{1,15})\s*", re.ASCII)
_BEFORE_HEADING = re.compile(r"\s*(?:#+[ \t]*)?\[")
_RULER = re.compile(r"\s*-{3,}[ \t]*(?:\n|\Z)")
# A file that ends inside its front matter was cut off; the lines that are left still name the story.
_FRONT_MATTER = re.compile(r"(?sm)\s*^---[ \t]*\n(?P<fields>.*?)(?:^(?:---|\.\.\.)[ \t]*(?:\n|\Z)|\Z)")
_KEY = re.compile(r"([A-Za-z_][\w-]*)[ \t]*:[ \t]*(.*)", re.ASCII)
_FOLDED = re.compile(r"\A[|>][+-]?\d?[+-]?\n", re.ASCII)

_DOUBLE_QUOTED = re.compile(r'("(?:[^"\\]|\\.)*")(?:\s+#.*)?', re.DOTALL)
_SINGLE_QUOTED = re.compile(r"'((?:[^']|'')*)'(?:\s+#.*)?", re.DOTALL)

_DATE = re.compile(
    r"(?P<day>\d{4}-\d{1,2}-\d{1,2})"
    r"(?:(?:[Tt]|[ \t]+)(?P<clock>\d{1,2}:\d{2}(?::\d{2})?)(?:[.,](?P<fraction>\d*))?"
    r"[ \t]*(?:Z|z|UTC|(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?)?)?",
    re.ASCII,
)


@dataclass(frozen=True)
class Post:
    name: str  # of the file in messages
    address: StoryAddress
    title: str  # as the file has it
    date: datetime | None  # of the front matter (aware), None if it has no readable date
    time: datetime | None  # of the comment (aware), even if the time is impossible
    body: str  # HTML
    keys: tuple[str, ...] = ()  # the lines of optional keys that we write, too
    linked: StoryAddress | None = None  # the story that the heading links

    def story(self, address: StoryAddress) -> Story:
        """Return the story, not cleaned yet, under an address that may be that of another version."""
        # For long periods the clock of the collectors' feed was fast (post layout).
        time = self.time if self.time and self.date and self.time <= self.date else None
        published = time if time and time.astimezone(times.SINGAPORE).date() == address.day else None
        story = Story(address, self.title, published, date=self.date)
        story.raw, story.imported, story.section = [parse_fragment(self.body)], True, SECTION
        for line in self.keys:
            posts.read_optional(story, line)
        return story

    def cleaned(self) -> Story:
        """Return the story cleaned; raise PostError if nothing is left of its body, or the file names two stories."""
        if self.linked and not self.linked.is_same_story(self.address):
            what = f"from: {self.address}, but the heading links {self.linked}"
            raise PostError(f"{self.name}: {what}; restore the file or remove it")
        try:
            story = self.story(self.address)
            result = story.cleaned = clean(story.raw)
        except ZbcrawlerError as error:
            raise PostError(f"{self.name}: body: {error}; repair the file or remove it") from error
        story.body, story.raw = result.lines, []
        story.truncated |= result.truncated
        if is_empty(story):
            raise PostError(f"{self.name}: body: has no text and no picture; restore it or remove the file")
        return story


def recognise(data: bytes) -> StoryAddress | str:
    """Return the story whose post a file (or its first ``HEAD`` bytes) is, or why the file is not imported."""
    # read() refuses UTF-16, but such a post must not be skipped as "not a post".
    utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return _split(data.decode("utf-16" if utf_16 else "utf-8", "replace"))[0]


def read(data: bytes, name: str) -> Post:
    """Read a post whose story :func:`recognise` found; raise PostError, with file, field and remedy, for no story."""
    if len(data) > LARGEST:
        raise PostError(f"{name}: body: over {LARGEST >> 20} MB, which no story has; remove the file")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PostError(f"{name}: not UTF-8 (byte {error.start}); convert the file to UTF-8") from None
    address, values, rest = _split(text)
    if isinstance(address, str):
        raise PostError(f"{name}: from: {address}; the file has changed since the import began, run it again")
    time, body = _comment(rest)
    headline, linked = "", None
    if found := heading(body):
        about = StoryAddress.parse(_link(found[1]))
        # A body may begin with a link, too.
        if _RULER.match(found[2]) or (about and about.is_same_story(address)):
            headline, linked, body = found[0], about, found[2]
    if ruler := _RULER.match(body):
        body = body[ruler.end() :]
    title = next(filter(one_line, (scalar(values.get("title", "")), headline)), "")
    if not title:
        raise PostError(f"{name}: title: missing; write the headline behind title: or remove the file")
    if not body.strip():
        raise PostError(f"{name}: body: missing; restore it or remove the file")
    date, keys = read_date(values.get("date", "")), _known_keys(values, address)
    return Post(name, address, title, date, time, body, keys, linked)


def heading(text: str) -> tuple[str, str, str] | None:
    """Return the words and the target of the link that is a text's first line, and the lines behind; None: no link."""
    # No regular expression: a title may have any length, and any number of brackets.
    if not (begin := _BEFORE_HEADING.match(text)):
        return None
    line, _, after = text[begin.end() :].partition("\n")
    title, middle, link = line.rstrip(" \t").rpartition("](")
    return (title, link[:-1], after) if middle and link.endswith(")") else None


def plain_lines(text: str) -> str:
    """Return a text without a byte order mark, and with line feeds only."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _split(text: str) -> tuple[StoryAddress | str, dict[str, str], str]:
    """Return the story of a file, or why it is not imported, the values of its front matter, and the rest."""
    if not (parts := split_front_matter(plain_lines(text))):
        return "not a post", {}, ""
    link = _link(scalar(parts[0].get("from", "")))
    if not link and (found := heading(_comment(parts[1])[1])):
        link = _link(found[1])
    is_elsewhere = link and kind_of(link) in ("other host", "broken link")
    return StoryAddress.parse(link) or ("other source" if is_elsewhere else "no story address"), *parts


def _link(text: str) -> str:
    return next(iter(text.strip("<>").split()), "")


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
    for name in (key for key in posts.KEYS if key in values):
        line = f"{name}: {values[name]}"
        if len(line.splitlines()) != 1 or drop_unprintable(line) != line:
            continue
        probe = Story(address, "")
        with suppress(ValueError, TypeError, OverflowError, RecursionError):
            posts.read_optional(probe, line)
            if posts.optional_lines(probe) == [line]:
                lines.append(line)
    return tuple(lines)


def split_front_matter(text: str) -> tuple[dict[str, str], str] | None:
    """Return the values of the front matter by key, as written, and the rest; None if there is no front matter."""
    found = _FRONT_MATTER.match(text)
    if not found:
        return None
    values: dict[str, str] = {}
    name = ""  # of the value that may go on
    for line in found["fields"].split("\n"):
        key = _KEY.fullmatch(line.rstrip())
        if key and key[1] not in values:
            name, values[key[1]] = key[1], key[2]
        elif name and line[:1] in (" ", "\t"):
            values[name] += f"\n{line}"
        else:
            name = ""
    return values, text[found.end() :]


def scalar(value: str) -> str:
    """Return the text of a value. A value that only looks quoted, such as ``"甲"乙"丙"``, loses its outer quotes."""
    value = _FOLDED.sub("", value).strip()
    if found := _DOUBLE_QUOTED.fullmatch(value):
        with suppress(ValueError):
            return str(json.loads(found[1], strict=False))
        with suppress(yaml.YAMLError, ValueError, OverflowError):
            return str(yaml.safe_load(found[1]))  # YAML has a few more escapes
        value = found[1]
    if found := _SINGLE_QUOTED.fullmatch(value):
        return found[1].replace("''", "'")
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1].replace('\\"', '"')
    return value


def read_date(value: str) -> datetime | None:
    """Read a time (aware) as YAML and Jekyll allow it, in UTC without an offset; None if it is none of the site's."""
    found = _DATE.fullmatch(scalar(value))
    if not found:
        return None
    year, month, day = map(int, found["day"].split("-"))
    hour, minute, second = (*map(int, (found["clock"] or "0:0").split(":")), 0)[:3]
    milliseconds = int((found["fraction"] or "")[:3].ljust(3, "0"))
    offset = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
    try:
        zone = timezone(-offset if found["sign"] == "-" else offset)
        moment = datetime(year, month, day, hour, minute, second, milliseconds * 1000, zone)
    except ValueError:
        return None
    return moment.astimezone(timezone.utc) if 1995 <= year < 2100 else None
