"""The body of the first mainland edition: shuffled children, each with its number (site-layouts 5)."""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Iterator

from zbcrawler.replica import text
from zbcrawler.replica.markup import page_text
from zbcrawler.replica.pieces import children_of, is_element, written
from zbcrawler.replica.story import ReplicaStory

_ADVERT = '<section class="flex flex-pack-center"> <div class="adv-tag adv" id="dfp-ad-imu1"></div> </section>'
_BEFORE_ADVERT = 3  # the advert of the sample page has the number 4
_SALT = string.ascii_letters + string.digits


def body_html(story: ReplicaStory) -> str:
    """Return the inside of the body's container. Every request for a story gets the same order."""
    rng = text.generator(story.number_value, "order")
    # Text between the children and comments keep their places.
    start, children = children_of(_in_order(story))
    gaps = [page_text(child.tail or "") for child in children]
    moving = [place for place, child in enumerate(children) if is_element(child)]
    if len(moving) > 2 and story.number_value % 3 == 0:
        moving.remove(rng.choice(moving))  # it has no number, so it keeps its place too
    for child, number in zip((children[place] for place in moving), _numbers(rng), strict=False):
        child.set("data-s", marked(number, rng))
    placed = list(children)
    for place, origin in zip(moving, _shuffled(moving, rng), strict=True):
        placed[place] = children[origin]
    return page_text(start) + "".join(written(child) + gap for child, gap in zip(placed, gaps, strict=True))


def marked(number: int, rng: random.Random) -> str:
    """Return the ``data-s`` of a number: three meaningless characters, then the base32 of its decimal digits."""
    return "".join(rng.choices(_SALT, k=3)) + base64.b32encode(str(number).encode()).decode()


def _in_order(story: ReplicaStory) -> str:
    if story.visible is None:
        return story.raw_html("mainland")
    pieces = [block.page("mainland") for block in story.visible.blocks]
    pieces.insert(min(_BEFORE_ADVERT, len(pieces)), _ADVERT)
    return "\n".join(pieces)


def _numbers(rng: random.Random) -> Iterator[int]:
    """Return rising numbers from 1. Some are missing, as on the site."""
    number = 0
    while True:
        number += 1 if rng.random() < 0.85 else 2
        yield number


def _shuffled(places: list[int], rng: random.Random) -> list[int]:
    mixed = list(places)
    rng.shuffle(mixed)
    # A shuffle of two children may keep their order. Such a body would hide a reader's fault.
    return mixed[::-1] if mixed == places else mixed
