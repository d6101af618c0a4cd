"""Read front matter as collectors write it, whether or not it is valid YAML."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import datetime, timedelta, timezone

import yaml

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


def split(text: str) -> tuple[dict[str, str], str] | None:
    """Return the values of the front matter by key, as written, and the rest; None if there is no front matter."""
    found = _FRONT_MATTER.match(text)
    if not found:
        return None
    values: dict[str, list[str]] = {}
    lines: list[str] | None = None  # of the value that may go on
    for line in found["fields"].split("\n"):
        key = _KEY.fullmatch(line.rstrip())
        if key and key[1] not in values:
            lines = values[key[1]] = [key[2]]
        elif lines and line[:1] in (" ", "\t"):
            lines.append(line)
        else:
            lines = None
    return {name: "\n".join(lines) for name, lines in values.items()}, text[found.end() :]


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


def date(value: str) -> datetime | None:
    """Read a time as YAML and Jekyll allow it, exact to the millisecond; without an offset it is UTC, as YAML says.

    :returns: aware; None if the value is no time at which the site had stories
    """
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
