"""A list of blocks in data, assigned to a variable: paragraphs, pictures, lists, adverts. Nothing is rendered."""

from __future__ import annotations

import json
from typing import Any

from zbcrawler.replica import chrome
from zbcrawler.replica.markup import page_text
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.paging import natural
from zbcrawler.replica.pictures import Picture
from zbcrawler.replica.redesigns import parts
from zbcrawler.replica.redesigns.pieces import Piece, pieces_of
from zbcrawler.replica.redesigns.redesign import Redesign
from zbcrawler.replica.story import Card, ReplicaStory

Data = dict[str, Any]


def _page(title: str, name: str, data: Data) -> str:
    written = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    return chrome.document(
        f'<meta charset="utf-8"><title>{title}</title>',
        f'<div id="app" data-v="3"></div><script>window.{name} = {written};\nwindow.boot && window.boot();</script>',
    )


def story_page(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story."""
    blocks = [_block(piece) for piece in pieces_of(story)]
    for after, advert in ((5, {"type": "ad", "text": parts.advert(story, 1)}), (2, {"type": "ad", "slot": "mid-1"})):
        if after <= len(blocks):
            blocks.insert(after, advert)
    read_on = [{"title": one.title, "url": one.href} for one in parts.beside(newsroom, story, 3)]
    blocks.append({"type": "related", "items": read_on})
    state = {
        "meta": {"id": story.number, "lang": "zh-Hans"},
        "story": {
            "title": story.title,
            "time": str(int(story.published.timestamp())) if story.expected_time else "",
            "blocks": [*map(_picture, story.lead), *blocks],
        },
    }
    return _page(f"{page_text(story.title)} | 联合早报", "__STORY__", state)


def listing_page(newsroom: Newsroom, section: str, query: str) -> str:
    """Return a page of a section; ``page`` counts from 1, and no link leads there."""
    number = max(1, natural(query, "page", 1))
    cards, more = parts.page(newsroom, section, number - 1, 12)
    data = {
        "list": {"rows": _rows(cards), "page": number, "hasMore": more},
        "rank": {"rows": _rows(parts.hot(newsroom))},
    }
    return _page("即时 | 联合早报", "__LIST__", data)


def _rows(cards: list[Card]) -> list[Data]:
    times = [parts.times(one.published)["local"] if one.dated else "" for one in cards]
    return [{"url": one.href, "title": one.title, "date": at} for one, at in zip(cards, times, strict=True)]


def _block(piece: Piece) -> Data:
    if piece.picture:
        return _picture(piece.picture)
    if piece.kind == "heading":
        return {"type": "heading", "level": int(piece.tag[1]), "text": piece.inner}
    if piece.kind == "list":
        return {"type": "list" if piece.tag == "ul" else "ordered-list", "items": list(piece.parts)}
    if piece.kind == "quote":
        return {"type": "quote", "text": piece.inner}
    if piece.kind == "paragraph":
        return {"type": "text", "text": piece.inner}
    return {"type": "html", "html": piece.html}


def _picture(one: Picture) -> Data:
    return {"type": "image", "url": one.address, "caption": one.caption, "alt": one.post_alt}


REDESIGN = Redesign("blocks", story_page, listing_page)
