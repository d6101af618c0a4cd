"""Which story a page says that it is: a cache, or a site in trouble, may send another story's page.

Signs are the canonical link and ``og:url`` in the head, the story's JSON-LD record, and the data of React, if any.
"""

import html
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from urllib.parse import urlsplit

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import OtherStoryError
from zbcrawler.editions.embedded_json import news_records
from zbcrawler.editions.page import Page

# Most pages are read without a tree, so the text is searched: the characters of the longest head and the longest link,
# and how many signs of a kind are looked at.
_HEAD, _LONGEST, _MOST = 100_000, 2000, 10
_TAG = re.compile(
    r"""<(?:link|meta)(?=\s[^<>]*\b(?:rel|property|name)\s*=\s*["']?(?:canonical|og:url)\b)"""
    r"""[^<>]*?\s(?:href|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""",
    re.IGNORECASE,
)
_RECORD = re.compile(r"application/ld\+json[^<>]{0,200}>(.*?)(?:</script|\Z)", re.DOTALL)


def check_own_address(page: Page, address: StoryAddress, links: Iterable[object] = ()) -> None:
    """Raise OtherStoryError if a page says that it is another story's.

    Of signs that contradict each other, one that names the story is believed. ``links`` are from the edition's own
    data, as is the text, so these count alone if they name any story.
    """
    own_end = address.path[address.path.rindex("/") :]
    for signs in (links, _signs(page)):
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
    return StoryAddress.parse(html.unescape(link), frozenset({urlsplit(base).netloc.lower()}))


def _signs(page: Page) -> Iterator[object]:
    body = page.text.find("<body", 0, _HEAD)
    for found in islice(_TAG.finditer(page.text, 0, body if body >= 0 else _HEAD), _MOST):
        yield found[1] or found[2] or found[3] or ""
    for found in islice(_RECORD.finditer(page.text), _MOST):
        # Most records have no address, and are not parsed. Several are those of a list, such as recommended stories.
        if "/story" in found[1] and len(records := list(news_records(found[1]))) == 1:
            main = records[0].get("mainEntityOfPage")
            for record in (records[0], main if isinstance(main, dict) else {"url": main}):
                yield from (record.get("url"), record.get("@id"))
