"""The answers of the replica's addresses, without the network."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from types import ModuleType
from typing import Final, Literal, cast
from urllib.parse import unquote, urlsplit

from zbcrawler.replica import astro, chrome, drupal, drupal7, mainland, react
from zbcrawler.replica.editions import EditionName
from zbcrawler.replica.images import image_at
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.paging import natural
from zbcrawler.replica.redesigns import REDESIGNS, Redesign
from zbcrawler.replica.sitemaps import Form, sitemap_at
from zbcrawler.replica.story import ReplicaStory

MIXED: Final = "mixed"
HTML, JSON, TEXT, XML = "text/html", "application/json", "text/plain", "application/xml"
GZIP = "application/gzip"

_MODULES: dict[EditionName, ModuleType] = {
    "drupal7": drupal7,
    "drupal": drupal,
    "react": react,
    "mainland": mainland,
    "astro": astro,
}
# ``mixed``: the number of a story decides its edition, the place of a section that of its listing.
EDITIONS = (*_MODULES, MIXED)
_STORIES_OF_MIXED = tuple(_MODULES)
# Astro comes last because its listing does not show every story. Three sections do not reach it.
_LISTINGS_OF_MIXED: tuple[EditionName, ...] = ("mainland", "drupal7", "react", "drupal", "astro")
_APIS = (react, mainland)  # the editions whose further entries are JSON

_OTHER_PAGES = (
    "/videos/",
    "/podcast/",
    "/specials/",
    "/interactive-graphics/",
    "/shorts/",
    "/keywords/",
)
_CACHED_PAGES = 3000  # some 100 MB at most


@dataclass(frozen=True)
class Answer:
    """The answer to a request, before any fault.

    :ivar kind: media type, without charset
    :ivar charset: whether ``Content-Type`` names the charset, if the replica names charsets
    """

    status: int
    body: bytes
    kind: str = HTML
    headers: dict[str, str] = field(default_factory=dict)
    charset: bool = True


class Site:
    """One newsroom in one edition of the site, or in all of them. Thread-safe.

    :ivar robots: text of ``/robots.txt``
    :ivar sitemaps: the form of the sitemaps
    """

    def __init__(self, newsroom: Newsroom, edition: str) -> None:
        """Prepare to answer.

        :raises ValueError: if there is no such edition
        """
        self.newsroom = newsroom
        self.edition = edition
        self.robots = "User-agent: *\nAllow: /\n"
        self._redesigned: Redesign | None = None
        self.sitemaps: Form = "monthly"
        self._pages: OrderedDict[tuple[str, str, int], Answer] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def edition(self) -> str:
        """Return the edition that is served, or ``mixed``. It can be changed at any time."""
        return self._edition

    @edition.setter
    def edition(self, name: str) -> None:
        if name not in EDITIONS:
            raise ValueError(f"edition {name}: not one of {', '.join(EDITIONS)}")
        self._edition = cast("EditionName | Literal['mixed']", name)

    @property
    def redesigned(self) -> str | None:
        """Return the redesign that is served in place of the edition, or None. It can be changed at any time.

        The redesigns ``listing`` and ``story`` have pages that nobody can read.

        :raises ValueError: on setting, if there is no such redesign
        """
        return self._redesigned.name if self._redesigned else None

    @redesigned.setter
    def redesigned(self, name: str | None) -> None:
        known = _ILLEGIBLE | REDESIGNS
        if name is not None and name not in known:
            raise ValueError(f"redesign {name}: not one of {', '.join(REDESIGNS)}")
        self._redesigned = None if name is None else known[name]

    def expected_lines(self, story: ReplicaStory) -> list[str] | None:
        """Return the lines of a post made from the story's page as it is now, or None if its body is not invented."""
        if self._redesigned and self._redesigned.story:
            return self._redesigned.expected_lines(story)
        return story.expected_lines(self.edition_of(story))

    def edition_of(self, story: ReplicaStory) -> EditionName:
        """Return the edition of the story's page."""
        if self._edition == MIXED:
            return _STORIES_OF_MIXED[story.number_value % len(_STORIES_OF_MIXED)]
        return self._edition

    def listing_edition_of(self, section: str) -> EditionName:
        """Return the edition of the section's listing."""
        if self._edition == MIXED:
            return _LISTINGS_OF_MIXED[self.newsroom.sections.index(section) % len(_LISTINGS_OF_MIXED)]
        return self._edition

    def expected(self) -> list[ReplicaStory]:
        """Return the stories that a correct crawl of all sections archives now, as far as the listings show them."""
        wanted = set(self.newsroom.expected())
        found: dict[str, ReplicaStory] = {}
        for section in self.newsroom.sections:
            edition = self.listing_edition_of(section)
            most = astro.LISTED if edition == astro.NAME else None
            for card in self.newsroom.cards(section, edition)[:most]:
                story = self.story_at(card.href)
                if story in wanted:
                    found[story.path] = story
        return list(found.values())

    def story_at(self, target: str) -> ReplicaStory | None:
        """Return the story at ``target``.

        :param target: path and query
        """
        return self.newsroom.find(target.partition("?")[0])

    def answer(self, target: str) -> Answer:
        """Return the page at ``target`` (path and query)."""
        story = self.story_at(target)
        if story:
            return self._story(story)
        parts = urlsplit(target)
        path = parts.path.rstrip("/") or "/"
        if path == "/robots.txt":
            return Answer(200, self.robots.encode(), TEXT)
        if image := image_at(unquote(path)):
            return Answer(200, *image)
        if sitemap := sitemap_at(self.newsroom, path, self.sitemaps):
            return Answer(200, sitemap, GZIP if path.endswith(".gz") else XML)
        if section := self._section(path):
            return Answer(200, self._listing(section, parts.query).encode())
        if api := self._api(path, parts.query):
            return api
        if path.startswith("/node/") and (story := self.newsroom.find_number(path[len("/node/") :])):
            return Answer(301, b"", headers={"Location": story.path})
        if path in {"/", "/realtime"} or path.startswith(_OTHER_PAGES):
            return Answer(200, chrome.plain("联合早报", "这里没有文章。").encode())
        return not_found()

    def _story(self, story: ReplicaStory) -> Answer:
        if self._redesigned and self._redesigned.story:
            return Answer(200, self._redesigned.story(self.newsroom, story).encode())
        edition = self.edition_of(story)
        key = (edition, story.path, story.version)
        with self._lock:
            if cached := self._pages.get(key):
                return cached
        page = _MODULES[edition].story_page(self.newsroom, story).encode()
        # site-layouts 1.4: the mainland's newer edition sometimes answers without a charset.
        answer = Answer(200, page, charset=edition != astro.NAME or story.number_value % 4 != 0)
        with self._lock:
            self._pages[key] = answer
            while len(self._pages) > _CACHED_PAGES:
                self._pages.popitem(last=False)
        return answer

    def _listing(self, section: str, query: str) -> str:
        if self._redesigned and self._redesigned.listing:
            return self._redesigned.listing(self.newsroom, section, query)
        number = natural(query, "page", 0)
        page: str = _MODULES[self.listing_edition_of(section)].listing_page(self.newsroom, section, number)
        return page

    def _api(self, path: str, query: str) -> Answer | None:
        for module in _APIS:
            section = module.api_section(self.newsroom, path)
            if not section or self.listing_edition_of(section) != module.NAME:
                continue
            if self._redesigned and self._redesigned.listing:
                return Answer(200, b'{"data":{"cards":[]}}', JSON)
            return Answer(200, module.listing_json(self.newsroom, section, query).encode(), JSON)
        return Answer(404, b'{"code":404,"response":null}', JSON) if path.startswith("/_plat/api/") else None

    def _section(self, path: str) -> str | None:
        section = path.removeprefix("/realtime/")
        return section if section != path and section in self.newsroom.sections else None


def not_found() -> Answer:
    """Return the answer of an unknown address."""
    return failure(404)


def failure(status: int) -> Answer:
    """Return a short page for an error status."""
    return Answer(status, chrome.plain(f"{status} | 联合早报", f"找不到页面（{status}）").encode())


def _unknown(title: str) -> str:
    """Return a page of an unknown redesign: the same words in other markup."""
    body = f'<zb-app><zb-stream><zb-tile data-k="1">{title}</zb-tile></zb-stream></zb-app>'
    return chrome.document("<title>联合早报 新版</title>", body)


_ILLEGIBLE = {
    "listing": Redesign("listing", listing=lambda newsroom, section, query: _unknown("新版即时新闻")),
    "story": Redesign("story", lambda newsroom, story: _unknown(story.title)),
}
