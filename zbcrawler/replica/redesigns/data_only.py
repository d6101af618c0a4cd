"""Data only: the page is a shell, and a script holds JSON with the body as HTML. Times are milliseconds."""

from __future__ import annotations

import json
from typing import Any

from zbcrawler.replica import chrome
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.paging import natural
from zbcrawler.replica.redesigns import parts
from zbcrawler.replica.redesigns.pieces import moved, pieces_of, write
from zbcrawler.replica.redesigns.redesign import Redesign
from zbcrawler.replica.story import Card, ReplicaStory

_STORE = "https://media.zaobao.com.sg/store"
_FORMS = {"picture": '<figure><img src="{address}" alt="{alt}">{caption}</figure>'}


def _page(title: str, data: dict[str, Any]) -> str:
    written = json.dumps({"props": {"pageProps": data}, "buildId": "q7Xk2"}, ensure_ascii=False).replace("<", "\\u003c")
    return chrome.document(
        f'<meta charset="utf-8"><title>{title}</title><script src="/_app/main-4f2a.js" defer></script>',
        f'<div id="__app"></div><script id="__APP_DATA__" type="application/json">{written}</script>',
    )


def story_page(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story."""
    advert = f'<div class="in-article-ad" data-slot="{story.number}">{parts.advert(story)}</div>'
    article: dict[str, Any] = {
        "nid": story.number,
        "headline": story.title,
        "publishedAt": int(story.published.timestamp()) * 1000 if story.expected_time else None,
        "hero": [{"src": moved(one.address, _STORE), "text": one.caption} for one in story.lead],
        "content": "".join(parts.among(write(pieces_of(story), _FORMS, _STORE), (2, advert))),
        "locked": story.cut,
    }
    related = [{"headline": one.title, "path": one.href} for one in parts.beside(newsroom, story, 4)]
    return _page("联合早报", {"article": article, "related": related, "hot": _rows(parts.hot(newsroom))})


def listing_page(newsroom: Newsroom, section: str, query: str) -> str:
    """Return a page of a section; the data name the next page."""
    number = max(1, natural(query, "page", 1))
    cards, more = parts.page(newsroom, section, number - 1, 20)
    following = f"/realtime/{section}?page={number + 1}" if more else None
    data = {"section": section, "feed": {"items": _rows(cards), "next": following}, "hot": _rows(parts.hot(newsroom))}
    return _page("即时", data)


def _rows(cards: list[Card]) -> list[dict[str, Any]]:
    return [
        {"headline": one.title, "path": one.href, "ts": int(one.published.timestamp()) * 1000 if one.dated else None}
        for one in cards
    ]


REDESIGN = Redesign("data-only", story_page, listing_page, kept=_STORE)
