"""Which address answers what: the replica of the site without its network part."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs, urlsplit

from zbcrawler.replica import chrome, drupal, react

if TYPE_CHECKING:
    from types import ModuleType

    from zbcrawler.replica.newsroom import Newsroom
    from zbcrawler.replica.story import ReplicaStory

EDITIONS: dict[str, ModuleType] = {"drupal": drupal, "react": react}
HTML, JSON, TEXT = "text/html", "application/json", "text/plain"

_API = "/_plat/api/v2/page-content"
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
    """What a request gets, before any fault.

    :ivar kind: media type, without charset
    """

    status: int
    body: bytes
    kind: str = HTML
    headers: dict[str, str] = field(default_factory=dict)


class Site:
    """One build of the site over one newsroom. Safe to use from any thread.

    :ivar robots: text of ``/robots.txt``
    :ivar redesigned: which kind of page has unknown markup now
    """

    def __init__(self, newsroom: Newsroom, edition: str) -> None:
        """:raises ValueError: if there is no such edition"""
        if edition not in EDITIONS:
            raise ValueError(f"edition {edition}: not one of {', '.join(EDITIONS)}")
        self.newsroom = newsroom
        self.edition = edition
        self.robots = "User-agent: *\nAllow: /\n"
        self.redesigned: Literal["listing", "story"] | None = None
        self._build = EDITIONS[edition]
        self._pages: OrderedDict[tuple[str, int], Answer] = OrderedDict()
        self._lock = threading.Lock()

    def story_at(self, target: str) -> ReplicaStory | None:
        """The story that a request asks for.

        :param target: path and query
        """
        return self.newsroom.find(target.partition("?")[0])

    def answer(self, target: str) -> Answer:
        """The page at ``target`` (path and query)."""
        story = self.story_at(target)
        if story:
            return self._story(story)
        parts = urlsplit(target)
        path = parts.path.rstrip("/") or "/"
        if path == "/robots.txt":
            return Answer(200, self.robots.encode(), TEXT)
        number = _page_number(parts.query)
        if path.startswith(_API):
            return self._api(path[len(_API) :], number)
        if section := self._section(path):
            page = _unknown("新版即时新闻") if self.redesigned == "listing" else None
            return Answer(200, (page or self._build.listing_page(self.newsroom, section, number)).encode())
        if path.startswith("/node/") and (story := self.newsroom.find_number(path[len("/node/") :])):
            return Answer(301, b"", headers={"Location": story.path})
        if path in {"/", "/realtime"} or path.startswith(_OTHER_PAGES):
            return Answer(200, chrome.plain("联合早报", "这里没有文章。").encode())
        return not_found()

    def _story(self, story: ReplicaStory) -> Answer:
        if self.redesigned == "story":
            return Answer(200, _unknown(story.title).encode())
        key = (story.number, story.version)
        with self._lock:
            if cached := self._pages.get(key):
                return cached
        answer = Answer(200, self._build.story_page(self.newsroom, story).encode())
        with self._lock:
            self._pages[key] = answer
            while len(self._pages) > _CACHED_PAGES:
                self._pages.popitem(last=False)
        return answer

    def _api(self, path: str, number: int) -> Answer:
        section = self._section(path)
        if not section or self._build is not react:
            return Answer(404, b'{"code":404,"response":null}', JSON)
        if self.redesigned == "listing":
            return Answer(200, b'{"data":{"cards":[]}}', JSON)
        return Answer(200, react.listing_json(self.newsroom, section, number).encode(), JSON)

    def _section(self, path: str) -> str | None:
        section = path.removeprefix("/realtime/")
        return section if section != path and section in self.newsroom.sections else None


def not_found() -> Answer:
    """The answer for an address that nothing lies at."""
    return failure(404)


def failure(status: int) -> Answer:
    """A short page for an error status."""
    return Answer(status, chrome.plain(f"{status} | 联合早报", f"找不到页面（{status}）").encode())


def _page_number(query: str) -> int:
    value = parse_qs(query).get("page", ["0"])[0]
    return int(value) if value.isascii() and value.isdigit() and len(value) < 7 else 0


def _unknown(title: str) -> str:
    """A page of a redesign that nobody has seen yet: its words are there, in other markup."""
    body = f'<zb-app><zb-stream><zb-tile data-k="1">{title}</zb-tile></zb-stream></zb-app>'
    return chrome.document("<title>联合早报 新版</title>", body)
