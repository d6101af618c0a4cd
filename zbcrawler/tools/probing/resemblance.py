"""What an unknown page resembles: of each edition, which of its marks stand in the page and which do not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from zbcrawler.editions import EDITIONS

if TYPE_CHECKING:
    from zbcrawler.editions import Edition, Page


class Resemblance(NamedTuple):
    """How near a page comes to an edition.

    :ivar present: the edition's marks that the page has
    :ivar missing: the others
    """

    edition: Edition
    present: list[str]
    missing: list[str]


def nearest(page: Page) -> Resemblance:
    """Return the edition that most of whose marks stand in the page; of several, the newest.

    A mark is what the edition is known by, or finds a listing, a headline, a time or a body by; what several
    editions have (``h1``, ``meta og:title``) tells nothing, and is left out.
    """
    marks = [_marks(page, edition) for edition in EDITIONS]
    common = Counter(where for one in marks for where in one)
    found = [
        Resemblance(
            edition,
            [where for where, stands in one.items() if stands and common[where] == 1],
            [where for where, stands in one.items() if not stands and common[where] == 1],
        )
        for edition, one in zip(EDITIONS, marks, strict=True)
    ]
    return max(found, key=lambda one: len(one.present) / (len(one.present) + len(one.missing)))


def _marks(page: Page, edition: Edition) -> dict[str, bool]:
    marks = {mark.where: mark.read(page) for mark in edition.LANDMARKS}
    for source in (*edition.TITLE, *edition.PUBLISHED):
        marks[source.where] = bool(source.read(page))
    for css in (*edition.ENTRIES, *edition.BODY):
        marks[css] = marks.get(css) or page.first(css) is not None
    return marks
