"""Custom elements: the browser draws ``zb-p`` and ``zb-pic``, whose attributes hold pictures, captions and times."""

from __future__ import annotations

from zbcrawler.replica import chrome
from zbcrawler.replica.markup import attribute, page_text
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.paging import natural
from zbcrawler.replica.redesigns import parts
from zbcrawler.replica.redesigns.pieces import pictures, pieces_of, write
from zbcrawler.replica.redesigns.redesign import Redesign
from zbcrawler.replica.story import ReplicaStory

_FORMS = {
    "paragraph": "<zb-p>{inner}</zb-p>",
    "heading": '<zb-heading level="{level}">{inner}</zb-heading>',
    "ul": "<zb-list>{parts}</zb-list>",
    "ol": "<zb-list ordered>{parts}</zb-list>",
    "part": "<zb-item>{part}</zb-item>",
    "quote": "<zb-quote>{inner}</zb-quote>",
    "picture": '<zb-pic data-file="{address}" data-alt="{alt}">{caption}</zb-pic>',
    "lead": '<zb-pic data-file="{address}" data-alt="{alt}" size="hero">{caption}</zb-pic>',
    "caption": "<zb-words>{words}</zb-words>",
}
_TILE = '<zb-tile href="{href}" heading="{label}"{when}></zb-tile>'


def _page(newsroom: Newsroom, title: str, main: str) -> str:
    tiles = parts.entries(newsroom, parts.hot(newsroom), _TILE)
    return chrome.document(
        f"<title>{title}</title>",
        f"<zb-app><zb-bar>{parts.menu('<zb-link href={href}>{title}</zb-link>')}</zb-bar>{main}"
        f'<zb-rail title="热门">{tiles}</zb-rail></zb-app>',
    )


def story_page(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story."""
    advert = f'<zb-ad slot="mid"><zb-p>{parts.advert(story)}</zb-p></zb-ad>'
    body = parts.among(write(pieces_of(story), _FORMS), (2, advert))
    rows = parts.entries(newsroom, parts.beside(newsroom, story, 3), _TILE)
    return _page(
        newsroom,
        "联合早报",
        f'<zb-article nid="{story.number}" heading="{attribute(story.title)}"'
        + parts.stamp(story, ' published-at="{milliseconds}"')
        + f"><zb-title>{page_text(story.title)}</zb-title>"
        f"<zb-body>{pictures(story.lead, _FORMS)}{''.join(body)}</zb-body>"
        + parts.cut(story, "<zb-wall>{words}</zb-wall>")
        + f'<zb-more title="延伸阅读">{rows}</zb-more></zb-article>',
    )


def listing_page(newsroom: Newsroom, section: str, query: str) -> str:
    """Return a page of a section; an attribute names the next one."""
    number = max(1, natural(query, "page", 1))
    cards, more = parts.page(newsroom, section, number - 1, 20)
    tiles = parts.entries(newsroom, cards, _TILE, ' at="{milliseconds}"')
    pager = f'<zb-pager next="/realtime/{section}?page={number + 1}"></zb-pager>' if more else "<zb-pager></zb-pager>"
    return _page(newsroom, "即时", f'<zb-stream section="{section}">{tiles}</zb-stream>{pager}')


REDESIGN = Redesign("custom-elements", story_page, listing_page)
