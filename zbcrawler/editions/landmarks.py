"""What an edition's pages are known by, declared; a page that no edition knows is told how near it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zbcrawler.editions.scripts import at
from zbcrawler.editions.selectors import first_of

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


def element(css: str, word: str) -> Landmark:
    """An element.

    :param word: what a page's text must hold for it, so that most pages need not be parsed to say no
    """
    return Landmark(css, lambda page: word in page.text and first_of(page.tree, css) is not None)


def script(word: str) -> Landmark:
    """A word that stands in no page of another edition, such as the name of a script's variable."""
    return Landmark(f"script {word}", lambda page: word in page.text)


def answer(*keys: str) -> Landmark:
    """An answer in JSON with all these values, each given as a path between dots."""
    return Landmark(
        f"JSON {' and '.join(keys)}",
        lambda page: page.json is not None and all(at(page.json, *key.split(".")) is not None for key in keys),
    )
