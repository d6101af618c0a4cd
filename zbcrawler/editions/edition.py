"""What an edition is: one form of the site's pages, with the code that recognises and reads them.

Most of an edition is declared: the landmarks of its pages, and where each field of a story is found.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import takewhile
from typing import ClassVar, NamedTuple
from urllib.parse import parse_qs, urljoin, urlsplit

from lxml.html import HtmlElement

from zbcrawler.cleaning.links import PICTURE_STORE
from zbcrawler.cleaning.noise_rules import Rule
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import LandmarkMissingError
from zbcrawler.common.markup import drop_refused
from zbcrawler.common.text import one_line
from zbcrawler.common.times import is_relative, listing_time
from zbcrawler.editions.embedded_json import value_at
from zbcrawler.editions.field_sources import FieldValue, Linked, Source, as_line, find
from zbcrawler.editions.page import Page, all_of, text_of
from zbcrawler.items import Story

# "标题 | 联合早报网", "标题 | 联合早报", "标题 | 早报": no headline has a "|" of its own (site-layouts 10).
_SITE_NAME = re.compile(r" ?[|｜] ?(?:联合早报网?|早报网?|zaobao(?:\.com(?:\.sg)?)?)$", re.IGNORECASE)


class Served(NamedTuple):
    """When an edition was served, as far as known (site-layouts 0); beginnings of ISO dates such as ``2020-07``."""

    first: str
    last: str = ""  # empty if the edition is still served

    def ended_before(self, day: date) -> bool:
        """Whether the edition was replaced before that day, so it never served a story of that day."""
        return bool(self.last) and day.isoformat()[: len(self.last)] > self.last

    def __str__(self) -> str:
        return f"{self.first} to {self.last or 'now'}"


@dataclass(frozen=True)
class ListingEntry:
    """One entry of a listing page."""

    link: str  # as the page wrote it, relative or absolute
    title: str  # as listed; may be cut, or differ from the story's own title
    time: datetime | None = None  # as listed (aware), None if the page gave none
    exact: bool = True  # whether ``time`` is independent of when the page is fetched; ``3小时前`` is not

    @classmethod
    def shown(cls, link: HtmlElement, title: str, when: object, now: datetime) -> "ListingEntry":
        """Return an entry as a page fetched at ``now`` shows it; ``when`` is the time in the page's words, if any."""
        return cls(link.get("href"), title, listing_time(when, now), exact=not is_relative(when))


@dataclass
class Listing:
    """A page of a section."""

    entries: list[ListingEntry] = field(default_factory=list)
    next: str | None = None  # absolute address of the following page, None on the last
    edition: str = ""  # name of the edition that read it
    half: str = ""  # the edition's half of the newspaper's site
    is_all: bool = True  # whether a listing that ends here is known to have no more pages
    ends_at: Callable[[Page], bool] | None = None  # whether an unreadable next page is the end; None: it is none


class Edition(ABC):
    """One form of the site's pages. Selectors and sources stand best first."""

    name: ClassVar[str]
    letter: ClassVar[str] = ""  # in the notes on the site's layouts
    served: ClassVar[Served] = Served("")
    half: ClassVar[str] = "singapore"  # or ``mainland``: each half has headlines and picture hosts of its own

    marks_cuts: ClassVar[bool] = False  # whether the mark of its cut pages is known, so that no cut goes unseen

    LANDMARKS: ClassVar[tuple[Source, ...]]  # a page with any of these is of this edition
    ENTRIES: ClassVar[tuple[str, ...]]  # selectors of the entries of a listing, or of the links in them
    TITLE: ClassVar[tuple[Source, ...]]  # where a story's headline is found
    PUBLISHED: ClassVar[tuple[Source, ...]]  # where its time is found
    BODY: ClassVar[tuple[str, ...]]  # selectors of the container of its text
    LEAD: ClassVar[str] = ""  # a selector of the story's pictures above its text
    STORE: ClassVar[re.Pattern[str] | None] = None  # what the pages write instead of the picture store's public address
    NOISE: ClassVar[dict[str, Rule]] = {}  # by selector: rules for noise in its bodies that the table of rules lacks
    CAPTIONS: ClassVar[tuple[str, ...]] = ()  # selectors of captions that the cleaner does not know
    # Where the fields for the optional keys of the front matter are found (docs/reference/post-layout.md).
    DETAILS: ClassVar[dict[str, tuple[Source, ...]]] = {
        "byline": (Linked.AUTHOR,),
        "keywords": (Linked.KEYWORDS,),
        "updated": (Linked.UPDATED,),
        "image": (Linked.IMAGE, Linked.SHARED_IMAGE),
    }

    def recognises(self, page: Page) -> bool:
        """Whether a page is of this edition in code, judged from the page alone."""
        return any(landmark.read(page) for landmark in self.LANDMARKS)

    def replaces(self, page: Page, known: "Edition | None") -> bool:
        """Whether this edition is data, and reads a page in place of the edition in code that recognises the page."""
        return False

    @abstractmethod
    def listing(self, page: Page, now: datetime) -> Listing:
        """Read a page of a section, fetched at ``now`` (aware); raise LandmarkMissingError if it holds no listing."""

    def entries(self, page: Page) -> list[HtmlElement]:
        """Return what the first successful selector of ``ENTRIES`` finds; raise LandmarkMissingError if none does."""
        if found := next(filter(None, map(page.all, self.ENTRIES)), None):
            return found
        raise self.missing(page, *self.ENTRIES)

    def missing(self, page: Page, *landmarks: str) -> LandmarkMissingError:
        what = f"the {self.name} edition should have {' or '.join(landmarks)} here, but lacks it"
        return LandmarkMissingError(f"{page.address}: {what}")

    def story(self, page: Page, address: StoryAddress) -> Story:
        """Read a story page, without the optional fields; raise LandmarkMissingError if the page holds no body."""
        title, published, body = find(page, self.TITLE), find(page, self.PUBLISHED), self.body(page)
        noise = {found: rule for css, rule in self.NOISE.items() for root in body.value for found in all_of(root, css)}
        for caption in [found for css in self.CAPTIONS for root in body.value for found in all_of(root, css)]:
            caption.tag = "figcaption"
        return self.as_story(page, address, (title, published, body), noise)

    def as_story(
        self, page: Page, address: StoryAddress, found: Sequence[FieldValue], noise: dict[HtmlElement, Rule]
    ) -> Story:
        """Return the item that the pipelines turn into a post; ``found``: the title, the time and the raw body."""
        title, published, body = found
        story = Story(address, headline(title.value), published.value, raw=body.value, noise=noise, origin=page.origin)
        story.edition, story.half, story.cuts_are_marked = self.name, self.half, self.marks_cuts
        story.truncated = self.is_cut(page) or any(rule.truncates for rule in noise.values())
        story.places = {"title": title.where, "published": published.where, "body": body.where}
        return story

    def is_cut(self, page: Page) -> bool:
        """Whether a marker outside the text says that the paywall cuts the story; the cleaner finds those inside."""
        return False

    def own_links(self, page: Page) -> tuple[object, ...]:
        """Return what the edition's own data give as the page's address, of any type."""
        return ()

    def details(self, page: Page) -> dict[str, FieldValue]:
        """Read the optional fields of a story, by name."""
        return {name: find(page, sources) for name, sources in self.DETAILS.items()}

    def body(self, page: Page) -> FieldValue:
        """Return what becomes the post's body: a list of elements, the lead pictures first."""
        css, box = self.container(page)
        raw = [*self.lead_pictures(page, box), box]
        for picture in [picture for one in raw for picture in one.iter("img")] if self.STORE else ():
            for name in ("src", "data-src"):
                if self.STORE and (address := picture.get(name)):
                    picture.set(name, drop_refused(self.STORE.sub(PICTURE_STORE, address)))
        return FieldValue(raw, css)

    def lead_pictures(self, page: Page, body: HtmlElement) -> list[HtmlElement]:
        """Return the story's pictures that stand outside its body: the outermost that ``LEAD`` finds above it.

        Sidebars hold other stories' pictures with the same class names. The story's own come before its text.
        """
        wanted = set(page.all(self.LEAD)) if self.LEAD else ()
        above: list[HtmlElement] = []
        for element in takewhile(lambda element: element is not body, page.tree.iter() if wanted else ()):
            if element in wanted and not (above and above[-1] in element.iterancestors()):
                above.append(element)
        return [element for element in above if element not in body.iterancestors()]

    def container(self, page: Page) -> tuple[str, HtmlElement]:
        """Return the selector that finds the text, and the element; raise LandmarkMissingError if none finds any."""
        for css in self.BODY:
            if boxes := page.all(css):
                # An empty element may stand before the one with the text.
                return css, next((box for box in boxes if text_of(box)), boxes[0]) if len(boxes) > 1 else boxes[0]
        raise self.missing(page, *self.BODY)


def headline(title: str | None) -> str:
    """Return a story's title as one line without the newspaper's name; empty for None."""
    return _SITE_NAME.sub("", one_line(title or ""))


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
    """Return the address that a pager's link leads to, None if the address is not of the same section."""
    link = page.first(css)
    with suppress(ValueError):
        address = urljoin(page.address, link.get("href").strip()) if link is not None else page.address
        same_section = urlsplit(address)[:3] == urlsplit(page.address)[:3]
        return address if same_section and address != page.address else None
    return None


def following_number(page: Page, name: str, first: int) -> int:
    """Return the number of the next page: the number in a field of the query, plus 1; ``first`` if there is none."""
    number = parse_qs(urlsplit(page.address).query).get(name, [""])[0]
    return int(number) + 1 if number.isascii() and number.isdigit() and len(number) < 7 else first
