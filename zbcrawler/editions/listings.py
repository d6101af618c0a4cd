"""What an edition reads on a page of a section: entries, and how the listing goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qs, urljoin, urlsplit

from zbcrawler.common.times import is_relative, listing_time
from zbcrawler.editions.page import Page
from zbcrawler.editions.scripts import value_at
from zbcrawler.editions.values import as_line


@dataclass(frozen=True)
class ListingEntry:
    """One entry of a listing page.

    :ivar link: as the page wrote it, relative or absolute
    :ivar title: as listed; may be cut or differ from the story's own
    :ivar time: as listed (aware), None if the page gave none
    :ivar exact: whether ``time`` is the same whenever the page is fetched; ``3小时前`` is not
    """

    link: str
    title: str
    time: datetime | None = None
    exact: bool = True

    @classmethod
    def shown(cls, link: str, title: str, when: object, now: datetime) -> ListingEntry:
        """Return an entry as a page shows it to readers.

        :param when: the time in the page's words, if any
        :param now: the moment the page was fetched, aware
        """
        return cls(link, title, listing_time(when, now), exact=not is_relative(when))


@dataclass
class Listing:
    """A page of a section.

    :ivar next: absolute address of the following page, None on the last
    :ivar edition: name of the edition that read it
    :ivar half: the edition's half of the newspaper's site
    :ivar is_all: whether a listing that ends here is known to have no more pages
    """

    entries: list[ListingEntry] = field(default_factory=list)
    next: str | None = None
    edition: str = ""
    half: str = ""
    is_all: bool = True


def entries_in(
    rows: object, link: str, time: str, read_time: Callable[[object], datetime | None]
) -> list[ListingEntry]:
    """Return the entries of a listing's data: records with a ``title``, and a link and a time under these names."""
    return [
        ListingEntry(url, as_line(value_at(row, "title")), read_time(value_at(row, time)))
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(url := value_at(row, link), str)
    ]


def following_page(page: Page, css: str) -> str | None:
    """Return the address that a pager's link leads to, None if it does not lead on in the same section."""
    link = page.first(css)
    if link is None:
        return None
    try:
        address = urljoin(page.address, link.get("href").strip())
        same_section = urlsplit(address)[:3] == urlsplit(page.address)[:3]
    except ValueError:
        return None
    return address if same_section and address != page.address else None


def following_number(page: Page, name: str, first: int) -> int:
    """Return the number of the page after this one.

    :param name: the query's field for the number of this page
    :param first: what follows a page whose address has no number
    """
    number = parse_qs(urlsplit(page.address).query).get(name, [""])[0]
    return int(number) + 1 if number.isascii() and number.isdigit() and len(number) < 7 else first
