"""Saved pages: a page in a file, whose first line says where it was and when it was fetched.

::

    <!-- https://www.zaobao.com/realtime/china/story20210610-1154260 2021-06-10T09:00:00+08:00 -->

The tests' fixtures are such files, each beside what must come of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from zbcrawler.cleaning.links import absolute
from zbcrawler.common.addresses import STORY_HOSTS, StoryAddress
from zbcrawler.editions.values import line

if TYPE_CHECKING:
    from datetime import datetime

    from zbcrawler.editions import Page

_FIRST_LINE = re.compile(r"<!-- (?P<address>\S+) (?P<collected>\S+) -->\r?\n")


class SavedPage(NamedTuple):
    """One saved page.

    :ivar address: where it was; empty if the file does not say
    :ivar collected: when it was fetched, as ISO 8601 with a zone; empty if the file does not say
    :ivar text: the page itself
    """

    address: str
    collected: str
    text: str


def read_saved(text: str) -> SavedPage:
    """Return a saved page, with or without its first line."""
    head = _FIRST_LINE.match(text)
    return SavedPage(head["address"], head["collected"], text[head.end() :]) if head else SavedPage("", "", text)


def saved(address: str, collected: datetime, text: str) -> str:
    """Return the text of a saved page."""
    return f"<!-- {address} {collected.isoformat(timespec='seconds')} -->\n{text}"


def own_address(page: Page) -> str:
    """Return the address that a page gives itself, empty if it gives none that leads to a page of the site.

    That of a story, if there is one; the front page's stands for nothing.
    """
    named = [
        element.get(name)
        for css, name in (
            ('link[rel="canonical"]', "href"),
            ('meta[property="og:url"]', "content"),
            ('link[rel="alternate"]', "href"),
        )
        for element in page.all(css)
    ]
    given = list(filter(None, map(absolute, [*named, line(page.linked_data.get("url"))])))
    stories = filter(StoryAddress.parse, given)
    return next(stories, None) or next(filter(_is_on_site, given), "")


def _is_on_site(address: str) -> bool:
    parts = urlsplit(address)
    return parts.netloc in STORY_HOSTS and parts.path not in {"", "/"}
