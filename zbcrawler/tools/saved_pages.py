"""Saved pages, and the fixtures of the tests: a saved page, and beside it the post or listing that it must give.

The first line of a saved page says where the page was and when it was fetched::

    <!-- https://www.zaobao.com/realtime/china/story20210610-1154260 2021-06-10T09:00:00+08:00 -->
"""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from zbcrawler.archive import posts
from zbcrawler.cleaning.links import absolute
from zbcrawler.common.addresses import PUBLIC_SITE, STORY_HOSTS, StoryAddress
from zbcrawler.editions import Edition, Page
from zbcrawler.editions.edition import Listing
from zbcrawler.editions.field_sources import as_line
from zbcrawler.items import Story

TESTS = Path(__file__).parents[2] / "tests"

_FIRST_LINE = re.compile(r"<!-- (?P<address>\S+) (?P<collected>\S+) -->\r?\n")
_OWN_ADDRESSES = (
    ('link[rel="canonical"]', "href"),
    ('meta[property="og:url"]', "content"),
    ('link[rel="alternate"]', "href"),
)


class SavedPage(NamedTuple):
    address: str  # empty if the file does not say
    collected: str  # when the page was fetched, as ISO 8601 with a zone; empty if the file does not say
    text: str  # the page itself


def read_saved(text: str) -> SavedPage:
    """Return a saved page, with or without its first line."""
    head = _FIRST_LINE.match(text)
    return SavedPage(head["address"], head["collected"], text[head.end() :]) if head else SavedPage("", "", text)


def own_address(page: Page) -> str:
    """Return the address that a page gives itself, empty if it gives none that leads to a page of the site.

    Prefer a story's address. The front page's is left out: other pages give it, too.
    """
    named = [element.get(name) for css, name in _OWN_ADDRESSES for element in page.all(css)]
    given = list(filter(None, map(absolute, [*named, as_line(page.linked_data.get("url"))])))
    pages = (link for link in given if urlsplit(link).netloc in STORY_HOSTS and urlsplit(link).path not in {"", "/"})
    return next(filter(StoryAddress.parse, given), None) or next(pages, "")


def save(page: Page, edition: Edition, collected: datetime, result: Story | Listing, name: str) -> tuple[Path, Path]:
    """Write a fixture, and return the paths of the pair.

    A story is ``fixtures/EDITION/NAME.html`` and ``.md``, a listing ``listings/EDITION/NAME.html`` and ``.json``.

    :param collected: when the page was fetched (aware)
    :raises FileExistsError: if there is such a pair already
    """
    if isinstance(result, Listing):
        folder, suffix, expected = "listings", ".json", entries_of(result)
    else:
        folder, suffix, expected = "fixtures", ".md", posts.render(result)
    parts = urlsplit(page.address)
    # A page of the replica is kept under the site's address.
    public = page.address if parts.netloc in STORY_HOSTS else PUBLIC_SITE + urlunsplit(("", "", *parts[2:]))
    path = TESTS / folder / edition.name / f"{name}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8", newline="") as file:
        file.write(f"<!-- {public} {collected.isoformat(timespec='seconds')} -->\n{page.text}")
    path.with_suffix(suffix).write_text(expected, "utf-8", newline="\n")
    return path, path.with_suffix(suffix)


def entries_of(listing: Listing) -> str:
    """Return the entries of a listing as JSON whose diffs are easy to read."""
    rows = [[entry.time.isoformat() if entry.time else None, entry.link, entry.title] for entry in listing.entries]
    written = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f'{{"next": {json.dumps(listing.next)}, "entries": [\n  {written}\n]}}\n'
