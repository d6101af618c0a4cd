"""AMP: pictures, adverts and players in AMP's own elements. JSON-LD of another type holds the time too."""

from __future__ import annotations

import json
from typing import Any

from zbcrawler.replica.markup import attribute, page_text
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.paging import natural
from zbcrawler.replica.redesigns import parts
from zbcrawler.replica.redesigns.pieces import pictures, pieces_of, write
from zbcrawler.replica.redesigns.redesign import Redesign
from zbcrawler.replica.story import ReplicaStory

_FORMS = {
    "picture": '<amp-img src="{address}" alt="{alt}" width="640" height="480" layout="responsive"></amp-img>{caption}',
    "lead": '<amp-img src="{address}" alt="{alt}" width="1200" height="800" layout="responsive"></amp-img>{caption}',
    "caption": '<div class="amp-caption">{words}</div>',
}
_ENTRY = '<div role="listitem" class="amp-row"><a href="{href}"><span>{title}</span></a>{when}</div>'


def _page(newsroom: Newsroom, head: str, main: str) -> str:
    menu = parts.menu('<li><a href="{href}">{title}</a></li>')
    ranks = parts.entries(newsroom, parts.hot(newsroom), '<a class="amp-hot" href="{href}">{title}</a>')
    return (
        f'<!doctype html>\n<html amp lang="zh">\n<head><meta charset="utf-8">{head}'
        '<script async src="https://cdn.ampproject.org/v0.js"></script>'
        "<style amp-custom>.amp-row{margin:0}</style></head>\n"
        f'<body><amp-sidebar id="menu" layout="nodisplay"><ul>{menu}</ul></amp-sidebar>{main}'
        f"<amp-accordion><section><h4>热门</h4><div>{ranks}</div></section></amp-accordion>"
        '<amp-analytics type="gtag"><script type="application/json">{"vars":{"id":"G-0"}}</script></amp-analytics>'
        "</body></html>\n"
    )


def story_page(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story."""
    title = page_text(story.title)
    record: dict[str, Any] = {"@context": "https://schema.org", "@type": "ReportageNewsArticle", "name": story.title}
    if story.expected_time:
        record["dateCreated"] = story.published.isoformat()
    written = json.dumps(record, ensure_ascii=False).replace("</", "<\\/")
    advert = (
        f'<amp-ad width="300" height="250" type="doubleclick"><div placeholder>{parts.advert(story)}</div></amp-ad>'
    )
    tale = f'<amp-story-player><a href="/stories/{story.number}">东屿图片故事</a></amp-story-player>'
    pieces = [
        one.replace("<iframe", "<amp-iframe").replace("</iframe", "</amp-iframe")
        for one in write(pieces_of(story), _FORMS)
    ]
    return _page(
        newsroom,
        f'<title>{title}</title><link rel="canonical" href="{attribute(story.url)}">'
        f'<script type="application/ld+json">{written}</script>',
        f"<article><header><h1>{title}</h1>"
        + parts.stamp(story, '<time datetime="{local}">{date}</time>')
        + f'</header>{pictures(story.lead, _FORMS)}<section class="amp-text">'
        f"{''.join(parts.among(pieces, (1, advert), (4, tale)))}</section>"
        + parts.cut(story, '<section subscriptions-section="content-not-granted">{words}</section>')
        + "</article>",
    )


def listing_page(newsroom: Newsroom, section: str, query: str) -> str:
    """Return a page of a section; AMP's own element names the next one."""
    number = max(1, natural(query, "page", 1))
    cards, more = parts.page(newsroom, section, number - 1, 20)
    rows = parts.entries(newsroom, cards, _ENTRY, '<time datetime="{utc}">{ago}</time>')
    following = json.dumps([{"title": "更多", "url": f"/realtime/{section}?page={number + 1}", "image": ""}])
    link = f'<amp-next-page><script type="application/json">{following}</script></amp-next-page>' if more else ""
    return _page(newsroom, "<title>即时</title>", f'<div role="list">{rows}</div>{link}')


REDESIGN = Redesign("amp", story_page, listing_page)
