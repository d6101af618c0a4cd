"""The optional keys of a post's front matter, which the setting ``FRONT_MATTER_KEYS`` adds after ``categories``.

None of them makes news: a post is not rewritten because of its optional keys, and where a page does
not give one, the post keeps what it had.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from zbcrawler.common import times
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.text import excerpt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scrapy.settings import BaseSettings

    from zbcrawler.items import Story


class Key(NamedTuple):
    """One optional key.

    :ivar write: what the story has for it, as YAML; empty for nothing
    :ivar read: takes a value from a post into the story; None if nothing has to be taken
    """

    write: Callable[[Story], str]
    read: Callable[[Story, str], None] | None


def _quoted(text: str) -> str:
    # A JSON string is a YAML double-quoted scalar.
    return json.dumps(text, ensure_ascii=False) if text else ""


def _listed(texts: Sequence[str]) -> str:
    return f"[ {', '.join(map(_quoted, texts))} ]" if texts else ""


def _field(name: str, parse: Callable[[str], object]) -> Callable[[Story, str], None]:
    return lambda story, text: setattr(story, name, parse(text))


# In the order in which a post has them.
KEYS: dict[str, Key] = {
    # The address tells it in every edition alike; what pages call their sections differs.
    "section": Key(lambda story: _quoted(story.address.section.rpartition("/")[2]), None),
    "byline": Key(lambda story: _quoted(story.byline), _field("byline", json.loads)),
    "keywords": Key(lambda story: _listed(story.keywords), _field("keywords", lambda text: tuple(json.loads(text)))),
    "updated": Key(
        lambda story: times.to_utc_text(story.updated) if story.updated else "",
        _field("updated", lambda text: datetime.fromisoformat(text.replace("Z", "+00:00"))),
    ),
    "image": Key(lambda story: _quoted(story.image), _field("image", json.loads)),
    "edition": Key(lambda story: _quoted(story.edition), _field("edition", json.loads)),
    "paywall": Key(lambda story: "true" if story.truncated else "", _field("truncated", lambda text: text == "true")),
}

LINES = rf"(?:(?:{'|'.join(KEYS)}): [^\n]*\n)*"
"""Pattern of the lines that :func:`render` writes."""

_LINE = re.compile(r"(\w+): (.*)")


def render(story: Story) -> list[str]:
    """The lines of the keys in ``story.optional_keys`` that the story has something for, in the order of ``KEYS``."""
    return [
        f"{name}: {value}" for name, key in KEYS.items() if name in story.optional_keys and (value := key.write(story))
    ]


def read(story: Story, lines: str) -> None:
    """Take what :func:`render` wrote back into ``story``.

    :raises ValueError: if a value is not as it writes it
    """
    for line in lines.splitlines():
        name, value = _LINE.match(line).groups()
        story.optional_keys |= {name}
        if take := KEYS[name].read:
            take(story, value)


def complete(story: Story, old: Story) -> None:
    """Give ``story``, a new version of ``old``, the optional keys and values that only the old one has."""
    story.optional_keys |= old.optional_keys
    story.byline = story.byline or old.byline
    story.keywords = story.keywords or old.keywords
    story.updated = story.updated or old.updated
    story.image = story.image or old.image


def front_matter_keys(settings: BaseSettings) -> frozenset[str]:
    """Return the setting ``FRONT_MATTER_KEYS``: names of optional keys.

    :raises ArgumentError: if there is no such key
    """
    names = [name.strip() for name in settings.getlist("FRONT_MATTER_KEYS") if name.strip()]
    for name in names:
        if name not in KEYS:
            raise ArgumentError(
                f"FRONT_MATTER_KEYS={excerpt(','.join(names))}: {excerpt(name)} is none of {', '.join(KEYS)}"
            )
    return frozenset(names)
