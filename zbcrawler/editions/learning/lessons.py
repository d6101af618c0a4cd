"""What is learnt from, and the result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import fsum  # the order of a set does not count
from typing import Any

from zbcrawler.editions.page import Page
from zbcrawler.items import Story

# Stories with these are rarer than others, and show more of a build.
_RARE = ("<table", "<blockquote", "<ul", "<ol", "<h2", "<h3", "<h4", "<figcaption", "<figure", "<strong", "<a ", "<pre")


_ENOUGH = 6  # stories with the same rare feature


@dataclass(frozen=True)
class Lesson:
    """An archived story, and the page that the site serves for it now."""

    page: Page
    story: Story  # as read from its post


@dataclass
class Learnt:
    """The result of learning one kind of page."""

    declaration: dict[str, Any] | None  # a part of an edition's file, None if nothing was proved
    says: str  # how far it came, one line
    proof: dict[str, int] = field(default_factory=dict)


def features_of(story: Story) -> set[str]:
    """Return the rare features of a story's text; several pictures are one, too."""
    found = {mark for mark in _RARE if any(mark in line for line in story.body)}
    inner = [line for line in story.body[1:] if "<img " in line]
    found |= {"inner pictures"} if inner else set()
    found |= {"gallery"} if "<img " in "".join(story.body[:1]) and "<img " in "".join(story.body[1:2]) else set()
    return found | ({"inner captions"} if "<figcaption" in "".join(inner) else set())


def choose(stories: Sequence[Story], most: int) -> list[Story]:
    """Return stories to learn from, those with rare features first."""
    features = {id(story): features_of(story) for story in stories if story.body and not story.truncated}
    count = Counter(mark for marks in features.values() for mark in marks)
    chosen: list[Story] = []
    seen: Counter[str] = Counter()
    waiting = [story for story in stories if id(story) in features]
    while waiting and len(chosen) < most:
        wanted = {mark for mark in count if seen[mark] < _ENOUGH}
        best = max(waiting, key=lambda story: fsum(1 / count[mark] for mark in features[id(story)] & wanted))
        waiting.remove(best)
        chosen.append(best)
        seen.update(features[id(best)])
    return chosen


def halves(stories: Sequence[Story]) -> tuple[list[int], list[int]]:
    """Return the numbers of the stories that teach, and of those that judge: each half has its share of features."""
    sides: tuple[list[int], list[int]] = ([], [])
    seen: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    features = [features_of(story) for story in stories]
    total = Counter(mark for marks in features for mark in marks)
    for number in sorted(range(len(stories)), key=lambda one: -fsum(1 / total[mark] for mark in features[one])):
        shares = [fsum(count[mark] / total[mark] for mark in features[number]) for count in seen]
        is_full = [2 * len(side) >= len(stories) + 1 for side in sides]
        side = min((0, 1), key=lambda one: (is_full[one], shares[one], len(sides[one])))
        sides[side].append(number)
        seen[side].update(features[number])
    return sides
