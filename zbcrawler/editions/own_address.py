"""Which story a page says that it is: a cache, or a site in trouble, may send another story's page.

Signs are the canonical link and ``og:url`` in the head, the JSON-LD record of the story, and the data of React. The
pages of one edition have some of them or none. A link to the front page or to a section is no sign.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any
from urllib.parse import urljoin, urlsplit

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import OtherStoryError
from zbcrawler.editions.embedded_json import news_records
from zbcrawler.editions.page import Page

# Searched in the text, because most pages are read without a tree: the characters of the longest head and the longest
# tag, and how many tags are looked at.
_HEAD, _LONGEST, _MOST = 100_000, 2000, 10
_TAG = re.compile(r"""<(?:link|meta)\s(?=[^<>]*\b(?:rel|property|name)\s*=\s*["']?(?:canonical|og:url)\b)""", re.I)
_LINK = re.compile(r"""\s(?:href|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""", re.I)


def check_own_address(page: Page, address: StoryAddress, links: Iterable[object] = ()) -> None:
    """Check that a page does not say that it is another story's.

    Signs that contradict each other are a mistake of the page: then one that names the story is believed. But the text
    is read from the edition's own data, so these count alone if they name any story.

    :param links: addresses that the edition's own data give, of any type
    :raises OtherStoryError: if signs name other stories, and none names the story of ``address``
    """
    own_end = address.path[address.path.rindex("/") :]
    for signs in (links, chain(_head_links(page), _linked_data(page))):
        other = None
        for link in signs:  # the first that names the story ends the search
            if isinstance(link, str) and link.endswith(own_end):
                return
            named = _story_in(link, page.address)
            if named and named.is_same_story(address):
                return
            other = other or named
        if other:
            raise OtherStoryError(page.address, other.url)


def _story_in(link: object, base: str) -> StoryAddress | None:
    if not isinstance(link, str) or "/story" not in (link := link[:_LONGEST].lower()):
        return None
    hosts = frozenset({urlsplit(base).netloc.lower()})
    try:
        return StoryAddress.parse(urljoin(base, html.unescape(link).strip()), hosts)
    except ValueError:  # such as http://[
        return None


def _head_links(page: Page) -> Iterator[str]:
    text = page.text
    for word in ("canonical", "og:url"):
        place = -1
        for _ in range(_MOST):
            place = text.find(word, place + 1, _HEAD)
            if place < 0 or text.find("<body", 0, place) >= 0:
                break
            start = text.rfind("<", max(0, place - _LONGEST), place)
            tag = text[start : text.find(">", place, place + _LONGEST)] if start >= 0 else ""
            if _TAG.match(tag) and (found := _LINK.search(tag)):
                yield found[1] or found[2] or found[3] or ""


def _linked_data(page: Page) -> Iterator[object]:
    text, place = page.text, -1
    for _ in range(_MOST):
        place = text.find("application/ld+json", place + 1)
        if place < 0:
            return
        start, end = text.find(">", place, place + _LONGEST), text.find("</script", place)
        if start < 0 or text.find("/story", start, end) < 0:  # no address; most records are not parsed
            continue
        records = list(news_records(text[start + 1 : end]))
        # Several records are those of a list, such as recommended stories.
        if len(records) == 1:
            yield from _addresses(records[0])


def _addresses(record: dict[str, Any]) -> Iterator[object]:
    page = record.get("mainEntityOfPage")
    yield from (record.get("url"), record.get("@id"), page)
    if isinstance(page, dict):
        yield from (page.get("@id"), page.get("url"))
