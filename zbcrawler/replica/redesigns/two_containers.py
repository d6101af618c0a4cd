"""The text in two containers with an advert between them. The time is Chinese, and a meta repeats it."""

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
    "picture": '<div class="photo"><picture><source srcset="{address} 1x"><img src="{address}" alt="{alt}">'
    "</picture>{caption}</div>",
    "lead": '<div class="photo photo--lead"><picture><source srcset="{address} 1x">'
    '<img src="{address}" alt="{alt}"></picture>{caption}</div>',
    "caption": '<p class="photo__words">{words}</p>',
}
_ENTRY = '<article class="teaser"><h2><a href="{href}">{title}</a></h2>{when}</article>'


def _page(newsroom: Newsroom, head: str, main: str) -> str:
    ranks = parts.entries(newsroom, parts.hot(newsroom), '<li><a href="{href}">{title}</a></li>')
    return chrome.document(
        head,
        f'<header class="masthead"><ul>{parts.menu("<li><a href={href}>{title}</a></li>")}</ul></header>'
        f'<div class="page">{main}</div><div class="rail"><h2>热门</h2><ul>{ranks}</ul></div>',
    )


def story_page(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story."""
    title, pieces = page_text(story.title), write(pieces_of(story), _FORMS)
    half = (len(pieces) + 1) // 2
    read_on = parts.entries(newsroom, parts.beside(newsroom, story, 2), '<p><a href="{href}">{title}</a></p>')
    return _page(
        newsroom,
        f'<title>{title}</title><meta property="og:title" content="{attribute(story.title)}">'
        f'<meta property="og:type" content="article"><link rel="canonical" href="{attribute(story.url)}">'
        + parts.stamp(story, '<meta property="article:published_time" content="{local}">'),
        f'<h1 class="story__title">{title}</h1>'
        + parts.stamp(story, '<p class="story__when">{chinese}</p>')
        + f'<div class="story__part">{pictures(story.lead, _FORMS)}{"".join(pieces[:half])}</div>'
        f'<div class="banner"><p>{parts.advert(story)}</p><div class="banner__more">{read_on}</div></div>'
        f'<div class="story__part">{"".join(pieces[half:])}</div>'
        + parts.cut(story, '<div class="story__wall">{words}</div>'),
    )


def listing_page(newsroom: Newsroom, section: str, query: str) -> str:
    """Return a page of a section with a link to the next one."""
    number = max(1, natural(query, "page", 1))
    cards, more = parts.page(newsroom, section, number - 1, 20)
    rows = parts.entries(newsroom, cards, _ENTRY, '<p class="teaser__when">{ago}</p>')
    link = f'<a class="more" href="/realtime/{section}?page={number + 1}">加载更多</a>' if more else ""
    return _page(newsroom, "<title>即时</title>", f'<div class="stream">{rows}</div>{link}')


REDESIGN = Redesign("two-containers", story_page, listing_page)
