"""Build the pictures that stand outside a story's body, and correct the addresses of those inside."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml.html import HtmlElement, builder

from zbcrawler.cleaning.links import PICTURE_STORE
from zbcrawler.common.markup import drop_refused
from zbcrawler.editions.page import Page


def take_from_store(pictures: Iterable[HtmlElement], store: re.Pattern[str]) -> None:
    """Give each ``img`` its address in the picture store; see :attr:`Edition.STORE`."""
    for picture in pictures:
        for name in ("src", "data-src"):
            if address := picture.get(name):
                picture.set(name, drop_refused(store.sub(PICTURE_STORE, address)))


def figure(address: str, caption: object = None) -> HtmlElement:
    """Return a picture whose address, and perhaps caption, come from data instead of from markup."""
    element: HtmlElement = builder.E.figure(builder.E.img(src=drop_refused(address)))
    if isinstance(caption, str) and (words := drop_refused(caption).strip()):
        element.append(builder.E.figcaption(words))
    return element


def framed(picture: HtmlElement, caption: str) -> HtmlElement:
    """Return a copy of an ``img`` in a figure, with the caption that the page shows beside it."""
    copy = figure(picture.get("src") or "", caption)
    for name in ("data-src", "srcset", "title", "alt"):
        if value := picture.get(name):
            copy[0].set(name, drop_refused(value))
    return copy


def elements_above(body: HtmlElement, page: Page, css: str) -> list[HtmlElement]:
    """Return the outermost elements that a selector finds above the body.

    Pictures of other stories stand in sidebars under the same names: the story's own come before its text.
    """
    wanted = set(page.all(css))
    if not wanted:
        return []
    above: list[HtmlElement] = []
    for element in page.tree.iter():
        if element is body:
            break
        if element in wanted and not (above and above[-1] in element.iterancestors()):
            above.append(element)
    return [element for element in above if element not in body.iterancestors()]
