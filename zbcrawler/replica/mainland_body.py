"""The body of the first mainland build: its children out of order, each with its number (site-layouts 5)."""

from __future__ import annotations

import base64
import string
from typing import TYPE_CHECKING

from zbcrawler.replica import text
from zbcrawler.replica.markup import page_text
from zbcrawler.replica.pieces import children_of, is_element, written

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from zbcrawler.replica.story import ReplicaStory

_ADVERT = '<section class="flex flex-pack-center"> <div class="adv-tag adv" id="dfp-ad-imu1"></div> </section>'
_BEFORE_ADVERT = 3  # the sample's advert has the number 4
_SALT = string.ascii_letters + string.digits


def body_html(story: ReplicaStory) -> str:
    """Return the inside of the body's container. A story's page is the same whenever it is asked for."""
    rng = text.generator(story.number_value, "order")
    # What is no element stays where it is: the text between the children, and the comments.
    start, children = children_of(_in_order(story))
    gaps = [page_text(child.tail or "") for child in children]
    moving = [place for place, child in enumerate(children) if is_element(child)]
    if len(moving) > 2 and story.number_value % 3 == 0:
        moving.remove(rng.choice(moving))  # it has no number, so it stays at its place too
    for child, number in zip((children[place] for place in moving), _numbers(rng), strict=False):
        child.set("data-s", marked(number, rng))
    placed = list(children)
    for place, origin in zip(moving, _shuffled(moving, rng), strict=True):
        placed[place] = children[origin]
    return page_text(start) + "".join(written(child) + gap for child, gap in zip(placed, gaps, strict=True))


def marked(number: int, rng: random.Random) -> str:
    """Return the ``data-s`` of a number: three characters of no meaning, then the base32 of its decimal digits."""
    return "".join(rng.choices(_SALT, k=3)) + base64.b32encode(str(number).encode()).decode()


def _in_order(story: ReplicaStory) -> str:
    if story.visible is None:
        return story.raw_html("mainland")
    pieces = [block.page("mainland") for block in story.visible.blocks]
    pieces.insert(min(_BEFORE_ADVERT, len(pieces)), _ADVERT)
    return "\n".join(pieces)


def _numbers(rng: random.Random) -> Iterator[int]:
    """Rising numbers from 1; some are missing, as on the site."""
    number = 0
    while True:
        number += 1 if rng.random() < 0.85 else 2
        yield number


def _shuffled(places: list[int], rng: random.Random) -> list[int]:
    mixed = list(places)
    rng.shuffle(mixed)
    # Two children may fall back into order; a body that looks right would hide a reader's fault.
    return mixed[::-1] if mixed == places else mixed
