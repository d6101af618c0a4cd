"""Check what must hold for every post, whatever page it is from. Shares no code with the writer of posts."""

from __future__ import annotations

import re
import unicodedata

import yaml
from judge.noise import noise_in

REQUIRED = ["layout", "title", "date", "author", "from", "tags", "categories"]
_LEFTOVER = re.compile(r"line \d+: (?:leftover|paywall|address never content): ")
OPTIONAL = ["section", "byline", "keywords", "updated", "image", "edition", "paywall"]


def faults_of(data: bytes) -> list[str]:
    """Return why a post is unsafe, or breaks the layout; nothing for a good post."""
    text = data.decode("utf-8")
    lines = text.split("\n")
    faults = [f"character {ord(ch):#x}" for ch in set(text) if ch != "\n" and _is_bad(ch)]
    if lines[0] != "---" or "---" not in lines[1:] or not text.endswith("\n</div>\n"):
        return [*faults, "not a post"]
    end = lines.index("---", 1)
    faults += _front_matter(lines[1:end])
    if not re.fullmatch(r"<!--(?:-?\d+|NaN)-->", lines[end + 1]):
        faults.append("the comment")
    if not re.fullmatch(r"\[.*\]\(https://www\.zaobao\.com/[^ ()]*\)", lines[end + 2]) or lines[end + 3] != "------":
        faults.append("the heading")
    if re.search("[{}]", "".join(lines[end:])):
        faults.append("a brace that Liquid would read")
    body = lines[lines.index("<div>", end) + 1 : -2]
    # Where a page lost a quotation mark, its markup is words of the post, which is harmless.
    return faults + [fault for fault in noise_in(body) if not _LEFTOVER.match(fault)]


def _front_matter(lines: list[str]) -> list[str]:
    data = yaml.safe_load("\n".join(lines))
    keys = list(data)
    faults = [] if keys[: len(REQUIRED)] == REQUIRED else [f"keys {keys}"]
    if keys[len(REQUIRED) :] != [key for key in OPTIONAL if key in keys[len(REQUIRED) :]]:
        faults.append(f"optional keys {keys}")
    if len(lines) != len(keys):
        faults.append("a value of several lines")
    title = data["title"]
    if not isinstance(title, str) or title != " ".join(title.split()) or not title:
        faults.append(f"title {title!r}")
    return faults


def _is_bad(ch: str) -> bool:
    bidi = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    return unicodedata.category(ch) in {"Cc", "Cs"} or ch in bidi or ch in "\u200b\ufeff\u2028\u2029"
