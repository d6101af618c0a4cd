"""What an edition's pages are known by, declared; a page that no edition knows is told how near it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zbcrawler.editions.scripts import at

if TYPE_CHECKING:
    from collections.abc import Callable

    from zbcrawler.editions.page import Page


class Landmark(NamedTuple):
    """One mark of an edition.

    :ivar where: the mark in words
    :ivar stands_in: whether a page has it
    """

    where: str
    stands_in: Callable[[Page], bool]


def element(css: str) -> Landmark:
    """Return an element."""
    return Landmark(css, lambda page: page.first(css) is not None)


def script(word: str) -> Landmark:
    """Return a word that stands in no page of another edition, such as the name of a script's variable."""
    return Landmark(f"script {word}", lambda page: page.says(word))


def answer(*keys: str) -> Landmark:
    """Return an answer in JSON with all these values, each given as a path between dots."""
    return Landmark(
        f"JSON {' and '.join(keys)}",
        lambda page: page.json is not None and all(at(page.json, *key.split(".")) is not None for key in keys),
    )
