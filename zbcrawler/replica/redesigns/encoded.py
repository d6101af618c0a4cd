"""The story in attributes of an empty element: the facts as JSON, the text as HTML in Base64; listings as JSON."""

from __future__ import annotations

import json
from base64 import b64encode

from zbcrawler.replica import chrome
from zbcrawler.replica.markup import attribute
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.paging import natural
from zbcrawler.replica.redesigns import parts
from zbcrawler.replica.redesigns.pieces import pictures, pieces_of, write
from zbcrawler.replica.redesigns.redesign import Redesign
from zbcrawler.replica.story import Card, ReplicaStory

_FORMS = {
    "picture": '<p class="ph"><img src="{address}" alt="{alt}"></p>{caption}',
    "lead": '<p class="ph"><img src="{address}" alt="{alt}"></p>{caption}',
    "caption": '<p class="ph-text">{words}</p>',
}


def _page(newsroom: Newsroom, main: str) -> str:
    hot = attribute(_rows(parts.hot(newsroom)))
    return chrome.document("<title>联合早报</title>", f'{main}<reader-rail data-rows="{hot}"></reader-rail>')


def story_page(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story."""
    advert = f'<div data-ad="{story.number}"><p>{parts.advert(story)}</p></div>'
    body = parts.among(write(pieces_of(story), _FORMS), (2, advert))
    text = f'<div class="lead">{pictures(story.lead, _FORMS)}</div><div class="text">{"".join(body)}</div>'
    facts = {"headline": story.title, "issued": parts.times(story.published)["utc"] if story.expected_time else None}
    written = attribute(json.dumps({"facts": facts, "cut": story.cut}, ensure_ascii=False))
    return _page(
        newsroom, f'<reader-view data-story="{written}" data-text="{b64encode(text.encode()).decode()}"></reader-view>'
    )


def listing_page(newsroom: Newsroom, section: str, query: str) -> str:
    """Return a page of a section; a link asks for more."""
    number = max(1, natural(query, "page", 1))
    cards, more = parts.page(newsroom, section, number - 1, 20)
    link = f'<a href="/realtime/{section}?page={number + 1}">更多新闻</a>' if more else ""
    return _page(newsroom, f'<reader-list data-rows="{attribute(_rows(cards))}"></reader-list>{link}')


def _rows(cards: list[Card]) -> str:
    rows = [
        {"u": one.href, "t": one.title, "d": parts.times(one.published)["dashes"] if one.dated else ""} for one in cards
    ]
    return json.dumps(rows, ensure_ascii=False)


REDESIGN = Redesign("encoded", story_page, listing_page)
