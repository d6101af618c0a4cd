"""The optional keys of a post's front matter, which the setting ``FRONT_MATTER_KEYS`` adds after ``categories``.

A post is not rewritten because of its optional keys. If a new page lacks a value, the post keeps the old value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from scrapy.settings import BaseSettings

from zbcrawler.common import times
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.text import excerpt
from zbcrawler.items import Story


class Key(NamedTuple):
    """One optional key."""

    write: Callable[[Story], str]  # returns the story's value as YAML, empty for none
    field: str = ""  # of the story, for the value in a post; empty for none
    parse: Callable[[str], object] = json.loads
    stays: bool = False  # whether a new version without a value keeps the old value


def _quoted(text: str) -> str:
    # A JSON string is a YAML double-quoted scalar.
    return json.dumps(text, ensure_ascii=False) if text else ""


def _listed(texts: Sequence[str]) -> str:
    return f"[ {', '.join(map(_quoted, texts))} ]" if texts else ""


# In the order in which a post has them.
KEYS: dict[str, Key] = {
    # From the address, because editions name the sections differently in their pages.
    "section": Key(lambda story: _quoted(story.address.section.rpartition("/")[2])),
    "byline": Key(lambda story: _quoted(story.byline), "byline", stays=True),
    "keywords": Key(
        lambda story: _listed(story.keywords), "keywords", lambda text: tuple(json.loads(text)), stays=True
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

LINES = rf"(?:(?:{'|'.join(KEYS)}): [^\n]*\n)*"
"""Pattern of the lines that :func:`render` writes."""


def render(story: Story) -> list[str]:
    """Return the lines of the story's optional keys that have a value, in the order of ``KEYS``."""
    keys = [(name, key) for name, key in KEYS.items() if name in story.optional_keys]
    return [f"{name}: {value}" for name, key in keys if (value := key.write(story))]


def read(story: Story, lines: str) -> None:
    """Read lines of :func:`render` into ``story``; raise ValueError for any other line."""
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
        value, name = excerpt(",".join(names)), excerpt(unknown[0])
        raise ArgumentError(f"FRONT_MATTER_KEYS={value}: {name} is not one of {', '.join(KEYS)}")
    return frozenset(names)
