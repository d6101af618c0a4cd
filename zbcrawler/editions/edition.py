"""What an edition is: one build of the site, which recognises its pages and reads them."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zbcrawler.cleaning.text import one_line

if TYPE_CHECKING:
    from datetime import datetime

    from lxml.html import HtmlElement

    from zbcrawler.editions.page import Page

# "标题 | 联合早报网", "标题 | 联合早报", "标题 | 早报": no headline has a "|" of its own (site-layouts 10).
_SITE_NAME = re.compile(r"\s*[|｜]\s*(?:联合早报网?|早报网?|zaobao(?:\.com(?:\.sg)?)?)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Listed:
    """One entry of a listing page.

    :ivar link: as the page wrote it, relative or absolute
    :ivar title: as listed; may be cut or differ from the story's own
    :ivar time: as listed (aware), None if the page gave none
    """

    link: str
    title: str
    time: datetime | None = None


@dataclass
class Listing:
    """A page of a section.

    :ivar entries: in the order of the page
    :ivar next: absolute address of the following page, None on the last
    """

    entries: list[Listed] = field(default_factory=list)
    next: str | None = None


@dataclass
class Reading:
    """What a story page says.

    :ivar edition: name of the edition that read it
    :ivar title: one line, empty if the page has none
    :ivar published: the site's own time (aware), None if the page gives none
    :ivar raw: lead pictures, then the container of the body; uncleaned
    """

    edition: str
    title: str
    published: datetime | None
    raw: list[HtmlElement]


class Edition(ABC):
    """One build of the site.

    :cvar name: what counters and messages call it
    :cvar letter: its letter in the notes on the site's layouts
    :cvar served: when it was served, for the reader
    """

    name: str
    letter: str
    served: str

    @abstractmethod
    def recognises(self, page: Page) -> bool:
        """Whether a page is of this build, judged from the page alone."""

    @abstractmethod
    def listing(self, page: Page, now: datetime) -> Listing:
        """Reads a page of a section.

        :param now: when it was fetched (aware), for times such as ``3小时前``
        :raises LandmarkMissingError: if the page holds no listing
        """

    @abstractmethod
    def story(self, page: Page) -> Reading:
        """Reads a story page.

        :raises LandmarkMissingError: if the page holds no body
        """


def without_site_name(title: str) -> str:
    """A page's title without the newspaper's name behind it."""
    return _SITE_NAME.sub("", one_line(title))
