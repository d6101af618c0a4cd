"""Story addresses: a story's number, day, canonical URL and path, read from any link to the story."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

PUBLIC_SITE = "https://www.zaobao.com"

# site-layouts 1.1: the same path works on both domains; other hosts (interactive., stock., the printed edition's) have
# no stories under a story address.
STORY_HOSTS = frozenset({"zaobao.com", "www.zaobao.com", "zaobao.com.sg", "www.zaobao.com.sg"})

# site-layouts 1.1, from 29,008 listing links. The number may have any width; in March 2024 the site began a new series.
_STORY_PATH = re.compile(r"^((?:/[A-Za-z0-9_.-]+)*)/story(20\d{2})(\d{2})(\d{2})-(\d{1,18})/?$", re.ASCII)

# Parts of paths in listings that lead to pages other than stories (site-layouts 1.1, 4.2).
_OTHER_KINDS = dict.fromkeys(("/zvideos/", "/videos/", "/video-series/", "/livestream", "/shorts/"), "video")
_OTHER_KINDS |= {"/node/": "node", "/podcast": "podcast", "/the-audio-brief": "audio brief", "/forum/comic/": "comic"}
_OTHER_KINDS |= {"/interactive-graphics/": "interactive page", "/specials/": "special page"}

# The parts of the site that have sections of news. A story may be in both, under one number.
TREES = ("realtime", "news")


# site-layouts 1.2: the sections of realtime news that the site is known to have. It may have more.
SECTIONS = ("china", "world", "singapore", "finance")


def section_path(name: str) -> str:
    """Return the path of a realtime section on the site: ``realtime/china`` for ``china``."""
    return f"{TREES[0]}/{name}"


NEIGHBOURS = (0, -1, 1, -2, 2)
"""By so many days two addresses of one story may differ. Further apart, the site counts from the beginning again."""

# Thousands of stories share a day.
_day = lru_cache(maxsize=1000)(date)


@lru_cache(maxsize=1000)
def _days_near(day: date) -> tuple[str, ...]:
    """Return the days of one story's addresses as text, the day itself first."""
    return tuple(str(day + timedelta(days=shift)) for shift in NEIGHBOURS)


def kind_of(link: str, own_hosts: frozenset[str] = frozenset()) -> str | None:
    """Return the kind of a page that is no story, by its absolute link, such as ``video``; None if unknown."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return "broken link"
    if parts.netloc.lower() not in STORY_HOSTS | own_hosts:
        return "other host"
    return next((kind for piece, kind in _OTHER_KINDS.items() if piece in parts.path), None)


@dataclass(frozen=True, slots=True)
class StoryAddress:
    section: str  # the path between the site's root and the story, e.g. realtime/china
    day: date  # of publication, in Singapore
    number: str  # digits that identify the story, together with the day: see ``NEIGHBOURS``

    @classmethod
    def parse(cls, link: str, own_hosts: frozenset[str] = frozenset()) -> StoryAddress | None:
        """Read a link as a story address, None if it leads elsewhere; ``own_hosts`` (with port) stand for the site."""
        try:
            parts = urlsplit(link.strip())
            host, hosts, found = parts.netloc.lower(), STORY_HOSTS | own_hosts, _STORY_PATH.match(parts.path)
            # Web archives also write the default ports.
            is_here = not host or host in hosts or host.removesuffix(":443").removesuffix(":80") in hosts
            if not (found and is_here and parts.scheme in {"", "http", "https"}):
                return None
            section, year, month, day, number = found.groups()
            return cls(sys.intern(section.lstrip("/")), _day(int(year), int(month), int(day)), number)
        except ValueError:  # a broken link, or a day that does not exist
            return None

    @property
    def url(self) -> str:
        """The public address, whichever domain served the page."""
        return PUBLIC_SITE + self.path

    @property
    def path(self) -> str:
        """The path on the site, e.g. ``/realtime/china/story20210610-1154260``."""
        # Computed each time: a run may hold many addresses, and paths would take most of their memory.
        folder = f"/{self.section}" if self.section else ""
        return f"{folder}/story{self.day:%Y%m%d}-{self.number}"

    def is_same_story(self, other: StoryAddress) -> bool:
        return self.number == other.number and abs((self.day - other.day).days) <= max(NEIGHBOURS)

    def key_in(self, known: Collection[str]) -> str:
        """Return the key under which a collection has the story, as day and number; a new key if it has not."""
        if not known:
            return f"{self.day}-{self.number}"
        keys = [f"{day}-{self.number}" for day in _days_near(self.day)]
        # Older versions kept the state of runs by the number alone.
        return next((key for key in (*keys, self.number) if key in known), keys[0])

    @property
    def age_order(self) -> tuple[date, int]:
        """The key that sorts the oldest first."""
        return self.day, int(self.number)

    def __str__(self) -> str:
        return self.url
