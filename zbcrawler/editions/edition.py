"""What an edition is: one build of the site, which recognises its pages and reads them.

Most of an edition is declared: by what its pages are known, and where each field of a story is found.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from lxml.html import builder

from zbcrawler.cleaning.links import picture_address
from zbcrawler.common.errors import LandmarkMissingError
from zbcrawler.common.text import drop_unprintable, letters, one_line
from zbcrawler.common.times import is_relative, listing_time
from zbcrawler.editions.selectors import all_of, first_of, text_of
from zbcrawler.editions.sources import FieldValue, Source, find
from zbcrawler.items import Story

if TYPE_CHECKING:
    from datetime import date, datetime

    from lxml.html import HtmlElement

    from zbcrawler.cleaning.rules import Rule
    from zbcrawler.common.addresses import StoryAddress
    from zbcrawler.editions.landmarks import Landmark
    from zbcrawler.editions.page import Page

# "标题 | 联合早报网", "标题 | 联合早报", "标题 | 早报": no headline has a "|" of its own (site-layouts 10).
_SITE_NAME = re.compile(r"\s*[|｜]\s*(?:联合早报网?|早报网?|zaobao(?:\.com(?:\.sg)?)?)\s*$", re.IGNORECASE)
_BYLINE_LABEL = re.compile(r"^\s*(?:文|作者|记者)\s*[/／：:]\s*")
_NEWSPAPER = frozenset({"联合早报", "联合早报网", "早报", "zaobao"})


class Served(NamedTuple):
    """When an edition was served, as far as that is known (site-layouts 0).

    :ivar first: beginning of an ISO date: ``2020-07``
    :ivar last: the same, empty if it is served still
    """

    first: str
    last: str = ""

    def ended_before(self, day: date) -> bool:
        """Whether the edition was given up before that day: a story of then was never served so."""
        return bool(self.last) and day.isoformat()[: len(self.last)] > self.last

    def __str__(self) -> str:
        return f"{self.first} to {self.last or 'now'}"


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

        :param when: the words beside it that tell the time, if any
        :param now: the moment the page was fetched, aware
        """
        return cls(link, title, listing_time(when, now), exact=not is_relative(when))


@dataclass
class Listing:
    """A page of a section.

    :ivar entries: in the order of the page
    :ivar next: absolute address of the following page, None on the last
    :ivar edition: name of the edition that read it
    :ivar half: the edition's half of the site
    :ivar is_all: whether a listing that ends here has no more, for all that is known of the edition
    """

    entries: list[ListingEntry] = field(default_factory=list)
    next: str | None = None
    edition: str = ""
    half: str = ""
    is_all: bool = True


@dataclass
class Reading:
    """What a story page says.

    :ivar edition: name of the edition that read it
    :ivar title: one line, empty if the page has none
    :ivar published: the site's own time (aware), None if the page gives none
    :ivar raw: lead pictures, then the container of the body; uncleaned
    :ivar noise: elements in ``raw`` that the edition declares to be noise, beside what is noise everywhere
    :ivar places: for ``title``, ``published`` and ``body``, where each was found
    """

    edition: str
    title: str
    published: datetime | None
    raw: list[HtmlElement]
    noise: dict[HtmlElement, Rule] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def as_story(self, address: StoryAddress, section: str = "", origin: str = "") -> Story:
        """Return the item that the pipelines make a post of."""
        return Story(
            address,
            self.title,
            self.published,
            raw=self.raw,
            noise=self.noise,
            edition=self.edition,
            section=section,
            origin=origin,
        )


@dataclass
class Details:
    """What a story page says beside the story, for optional keys of the front matter.

    :ivar byline: who wrote it, empty if that is the newspaper
    :ivar keywords: the page's own
    :ivar updated: when the site last changed it (aware)
    :ivar image: absolute address of the picture for those who link the story, empty for the site's default
    :ivar places: for each of them, where it was found
    """

    byline: str = ""
    keywords: tuple[str, ...] = ()
    updated: datetime | None = None
    image: str = ""
    places: dict[str, str] = field(default_factory=dict)


class Edition(ABC):
    """One build of the site.

    :cvar name: what counters and messages call it
    :cvar letter: its letter in the notes on the site's layouts
    :cvar served: when it was served
    :cvar half: its half of the site, ``singapore`` or ``mainland``: each has headlines and
        picture hosts of its own
    :cvar LANDMARKS: by any of these its pages are known
    :cvar ENTRIES: the entries of a listing, or the links in them, as selectors, best first
    :cvar TITLE: where a story's headline is found, best first; so for the fields that follow
    :cvar PUBLISHED: where its time is found
    :cvar BODY: the container of its text, as selectors
    :cvar NOISE: what is noise in its bodies and not in the table of ``cleaning.rules``: selectors, each with its rule
    :cvar CAPTIONS: what stands under a picture in its bodies, is no ``figcaption`` and not known to the cleaner
    :cvar UPDATED, BYLINE, KEYWORDS, IMAGE: where the optional fields are found
    """

    name: ClassVar[str]
    letter: ClassVar[str]
    served: ClassVar[Served]
    half: ClassVar[str] = "singapore"

    LANDMARKS: ClassVar[tuple[Landmark, ...]]
    ENTRIES: ClassVar[tuple[str, ...]]
    TITLE: ClassVar[tuple[Source, ...]]
    PUBLISHED: ClassVar[tuple[Source, ...]]
    BODY: ClassVar[tuple[str, ...]]
    NOISE: ClassVar[dict[str, Rule]] = {}
    CAPTIONS: ClassVar[tuple[str, ...]] = ()
    UPDATED: ClassVar[tuple[Source, ...]] = ()
    BYLINE: ClassVar[tuple[Source, ...]] = ()
    KEYWORDS: ClassVar[tuple[Source, ...]] = ()
    IMAGE: ClassVar[tuple[Source, ...]] = ()

    def recognises(self, page: Page) -> bool:
        """Whether a page is of this build, judged from the page alone."""
        return any(mark.stands_in(page) for mark in self.LANDMARKS)

    @abstractmethod
    def listing(self, page: Page, now: datetime) -> Listing:
        """Read a page of a section.

        :param now: when it was fetched (aware), for times such as ``3小时前``
        :raises LandmarkMissingError: if the page holds no listing
        """

    def entries(self, page: Page) -> list[HtmlElement]:
        """Return what the first of ``ENTRIES`` that finds something finds.

        :raises LandmarkMissingError: if none does
        """
        for css in self.ENTRIES:
            if found := page.all(css):
                return found
        raise LandmarkMissingError(self.name, " or ".join(self.ENTRIES), page.address)

    def story(self, page: Page) -> Reading:
        """Read a story page.

        :raises LandmarkMissingError: if the page holds no body
        """
        title, published, body = find(page, self.TITLE), find(page, self.PUBLISHED), self.body(page)
        places = {"title": title.where, "published": published.where, "body": body.where}
        noise = {found: rule for css, rule in self.NOISE.items() for root in body.value for found in all_of(root, css)}
        for caption in [found for css in self.CAPTIONS for root in body.value for found in all_of(root, css)]:
            caption.tag = "figcaption"
        return Reading(self.name, without_site_name(title.value or ""), published.value, body.value, noise, places)

    def details(self, page: Page) -> Details:
        """Read what a story page says beside the story."""
        fields = {"byline": self.BYLINE, "keywords": self.KEYWORDS, "updated": self.UPDATED, "image": self.IMAGE}
        found = {name: find(page, sources) for name, sources in fields.items()}
        places = {name: one.where for name, one in found.items()}
        return Details(places=places, **{name: one.value for name, one in found.items() if one.value})

    def body(self, page: Page) -> FieldValue:
        """Return what is to become the post's body: a list of elements, the lead pictures first.

        :raises LandmarkMissingError: if the page has no such thing
        """
        css, box = self.container(page)
        return FieldValue([*self.lead(page, box), box], css)

    def lead(self, page: Page, body: HtmlElement) -> list[HtmlElement]:
        """Return the story's pictures that stand outside its body."""
        return []

    def container(self, page: Page) -> tuple[str, HtmlElement]:
        """Return the element that holds a story's text, and the selector that found it.

        :raises LandmarkMissingError: if there is none
        """
        for css in self.BODY:
            boxes = page.all(css)
            if boxes:
                # An empty one may stand before it.
                return css, next((box for box in boxes if text_of(box)), boxes[0]) if len(boxes) > 1 else boxes[0]
        raise LandmarkMissingError(self.name, " or ".join(self.BODY), page.address)


# -- what editions share ----------------------------------------------------------------------------

STORE = "https://static.zaobao.com/s3fs-public/"
"""The picture store, by its public name."""


def take_from_store(picture: HtmlElement, known_as: re.Pattern[str]) -> None:
    """Give an ``img`` its address in the picture store.

    :param known_as: what stands for the store's address on this edition's pages
    """
    for name in ("src", "data-src"):
        if address := picture.get(name):
            picture.set(name, known_as.sub(STORE, address))


def without_site_name(title: str) -> str:
    """Return a page's title without the newspaper's name behind it."""
    return _SITE_NAME.sub("", one_line(title))


def byline(value: object) -> str:
    """Who wrote a story, from a text, a JSON-LD person or several; empty if that is just the newspaper."""
    if isinstance(value, dict):
        value = value.get("name")
    if isinstance(value, (list, tuple)):
        return "、".join(dict.fromkeys(name for one in value if (name := byline(one))))
    name = _BYLINE_LABEL.sub("", one_line(value)) if isinstance(value, str) else ""
    return "" if letters(name).lower() in _NEWSPAPER else name


def keywords(value: object) -> tuple[str, ...]:
    """Keywords, from a list of texts or of records with a name, or from one text with commas."""
    if isinstance(value, str):
        value = re.split("[,，、;；]", value)
    names = (one.get("name") if isinstance(one, dict) else one for one in value) if isinstance(value, list) else ()
    return tuple(dict.fromkeys(name for one in names if isinstance(one, str) and (name := one_line(one))))


def image(value: object) -> str:
    """The address of a picture, from an address, a JSON-LD image or several; empty for the site's default picture."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("url")
    return picture_address(figure(value)[0]) or "" if isinstance(value, str) else ""


def figure(address: str, caption: object = None) -> HtmlElement:
    """Return a picture whose address, and perhaps caption, come from data instead of from markup."""
    # lxml refuses control characters in attributes and text.
    element = builder.E.figure(builder.E.img(src=drop_unprintable(address)))
    if isinstance(caption, str) and (words := drop_unprintable(caption).strip()):
        element.append(builder.E.figcaption(words))
    return element


def framed(picture: HtmlElement, caption: str) -> HtmlElement:
    """Return a copy of an ``img`` in a figure, with the caption that the page shows beside it."""
    copy = figure(picture.get("src") or "", caption)
    for name in ("data-src", "srcset", "title", "alt"):
        if picture.get(name):
            copy[0].set(name, picture.get(name))
    return copy


def before(body: HtmlElement, page: Page, css: str) -> list[HtmlElement]:
    """Return the outermost elements that a selector finds above the body.

    Pictures of other stories stand in sidebars under the same names: the story's own come before its text.
    """
    found = page.all(css)
    if not found:
        return []
    wanted, above = set(found), []
    inside: HtmlElement | None = None
    for element in page.tree.iter():
        if element is body:
            break
        if element in wanted and not (inside is not None and _holds(inside, element)):
            above.append(element)
            inside = element
    return [element for element in above if not _holds(element, body)]


def _holds(outer: HtmlElement, inner: HtmlElement) -> bool:
    return any(element is outer for element in inner.iterancestors())


def first_text(tree: HtmlElement, *selectors: str) -> str:
    """Return the text of the first element that one of the selectors finds."""
    return text_of(first_of(tree, *selectors))
