"""Shuffled paragraphs: an attribute orders them. The time has AM or PM; numbered buttons page the listing."""

from __future__ import annotations

import random

from zbcrawler.replica import chrome
from zbcrawler.replica.markup import attribute, page_text
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.paging import natural
from zbcrawler.replica.redesigns import parts
from zbcrawler.replica.redesigns.pieces import pictures, pieces_of, write
from zbcrawler.replica.redesigns.redesign import Redesign
from zbcrawler.replica.story import ReplicaStory

_FORMS = {
    "paragraph": '<p class="copy">{inner}</p>',
    "embed": '<div class="frame">{html}</div>',
    "picture": '<figure><img src="/placeholder.svg" data-image="{address}" alt="{alt}">{caption}</figure>',
    "lead": '<div class="cover" data-image="{address}" data-alt="{alt}">{caption}</div>',
    "caption": '<div class="cover-note">{words}</div>',
}
_ENTRY = (
    '<div class="cell" data-id="{href}"><a class="cell-link" href="{href}"><strong>{title}</strong></a>{when}</div>'
)


def story_page(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story."""
    title = page_text(story.title)
    advert = f'<div class="sponsor">{parts.advert(story, 1)}</div>'
    pieces = parts.among(write(pieces_of(story), _FORMS), (3, advert))
    # The first tag of each piece gets its place, in steps as if others had been taken out.
    placed = [
        one.replace(" ", f' data-pos="{10 * place}" ', 1)
        if one.startswith(("<p ", "<div "))
        else one.replace(">", f' data-pos="{10 * place}">', 1)
        for place, one in enumerate(pieces, 1)
    ]
    random.Random(story.number_value).shuffle(placed)
    return _page(
        newsroom,
        f'<title>{title}</title><meta property="og:url" content="{attribute(story.url)}">'
        f'<meta itemprop="name" content="{attribute(story.title)}">',
        f'<h1 itemprop="headline">{title}</h1>'
        + parts.stamp(story, '<span itemprop="dateline">{english_long}</span>')
        + f'{pictures(story.lead, _FORMS)}<div itemprop="text" class="scramble">{"".join(placed)}</div>'
        + parts.cut(story, '<div class="wall">{words}</div>'),
    )


def _page(newsroom: Newsroom, head: str, main: str) -> str:
    ranks = parts.entries(newsroom, parts.hot(newsroom), '<div class="rank"><a href="{href}">{title}</a></div>')
    return chrome.document(
        head,
        f'<div class="nav">{parts.menu("<a href={href}>{title}</a>")}</div><div class="main">{main}</div>'
        f'<div class="ranks">{ranks}</div>',
    )


def listing_page(newsroom: Newsroom, section: str, query: str) -> str:
    """Return a page of a section; ``page`` counts from 1, and links name some pages by their numbers."""
    number = max(1, natural(query, "page", 1))
    cards, more = parts.page(newsroom, section, number - 1, 14)
    rows = parts.entries(newsroom, cards, _ENTRY, '<em class="cell-time">{english_long}</em>')
    last = number + 1 if more else number
    steps = "".join(f'<a class="step" href="?page={step}">{step}</a>' for step in range(1, last + 1) if step != number)
    return _page(newsroom, "<title>即时</title>", f'<div class="grid">{rows}</div><div class="steps">{steps}</div>')


REDESIGN = Redesign("shuffled", story_page, listing_page)
