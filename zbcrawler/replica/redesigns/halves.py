"""Only one half of the site changed: the listing, or the story pages. The other half stays as it was."""

from __future__ import annotations

from zbcrawler.replica import chrome
from zbcrawler.replica.markup import attribute, page_text
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.paging import natural
from zbcrawler.replica.redesigns import parts
from zbcrawler.replica.redesigns.pieces import pictures, pieces_of, write
from zbcrawler.replica.redesigns.redesign import Redesign
from zbcrawler.replica.story import ReplicaStory

_STORE = "https://img2.zaobao.com/web"
_FORMS = {
    "heading": '<{tag}><span class="hl">{inner}</span></{tag}>',
    "picture": '<a class="zoom" href="{address}"><img loading="lazy" srcset="{address} 800w" alt="{alt}"></a>{caption}',
    "lead": '<a class="zoom" href="{address}"><img loading="lazy" srcset="{address} 800w" alt="{alt}"></a>{caption}',
    "caption": '<p class="zoom-caption">{words}</p>',
}
_ENTRY = (
    '<section data-kind="news"><header><a href="{href}"><img src="/thumb.svg" alt=""></a></header>'
    '<div data-part="words"><a href="{href}">{title}</a>{when}</div></section>'
)


def listing_page(newsroom: Newsroom, section: str, query: str) -> str:
    """Return a page of a section; ``page`` counts from 1."""
    number = max(1, natural(query, "page", 1))
    cards, more = parts.page(newsroom, section, number - 1, 18)
    rows = parts.entries(newsroom, cards, _ENTRY, '<time data-epoch="{seconds}">{ago}</time>')
    ranks = parts.entries(
        newsroom, parts.hot(newsroom), '<section data-kind="rank"><a href="{href}">{title}</a></section>'
    )
    link = f'<a rel="next" data-part="pager" href="/realtime/{section}?page={number + 1}">›</a>' if more else ""
    return chrome.document(
        "<title>即时 | 联合早报</title>",
        f'<div data-part="menu">{parts.menu("<a href={href}>{title}</a>")}</div>'
        f'<div data-part="feed">{rows}</div>{link}'
        f'<div data-part="ranks">{ranks}</div>',
    )


def story_page(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story: the parts of the time stand in a list."""
    title = page_text(story.title)
    advert = f'<div role="complementary"><p>赞助内容</p><p>{parts.advert(story)}</p></div>'
    body = parts.among(write(pieces_of(story), _FORMS, _STORE), (2, advert))
    return chrome.document(
        f'<title>{title}_即时_联合早报</title><meta property="og:title" content="{attribute(story.title)}">',
        f'<div role="banner">{parts.menu("<a href={href}>{title}</a>")}</div>'
        f'<div role="main"><h1>{title}</h1><ul class="facts">'
        + parts.stamp(story, "<li>{date}</li><li>{clock}</li>")
        + f'<li>编辑 {parts.editor(story)}</li></ul><div class="prose">{pictures(story.lead, _FORMS, store=_STORE)}'
        f"{''.join(body)}</div>{parts.cut(story, '<div role=alert>{words}</div>')}</div>"
        '<div role="contentinfo">本页由复刻站生成</div>',
    )


REDESIGNS = (Redesign("new-listing", listing=listing_page), Redesign("new-story", story_page, kept=_STORE))
