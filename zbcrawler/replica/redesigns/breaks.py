"""Text between line breaks: two of them end a paragraph in one build, one of them in the other."""

from __future__ import annotations

from zbcrawler.replica import chrome
from zbcrawler.replica.markup import attribute, page_text
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.paging import natural
from zbcrawler.replica.redesigns import parts
from zbcrawler.replica.redesigns.pieces import pictures, pieces_of, write
from zbcrawler.replica.redesigns.redesign import Redesign
from zbcrawler.replica.story import ReplicaStory

_SIZE = 16
_PLAIN = {
    "picture": '<img src="{address}" alt="{alt}">{caption}',
    "lead": '<center><img src="{address}" alt="{alt}">{caption}</center>',
    "caption": "<small>{words}</small>",
}
_DOUBLE = _PLAIN | {"paragraph": "{inner}<br><br>\n"}
_SINGLE = _PLAIN | {"paragraph": "　　{inner}<br/>"}
# Two elements hold the parts of the time.
_SPLIT_TIME = '<div id="info">记者 林若海 <b>{date}</b> 东屿讯 <i>{clock}</i></div>'


def _side(newsroom: Newsroom) -> str:
    return (
        '<div id="hot">' + parts.entries(newsroom, parts.hot(newsroom), '<a href="{href}">{title}</a><br>') + "</div>"
    )


def double_story(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story; the time has an English month."""
    title = page_text(story.title)
    advert = f'<div align="center"><a href="https://ads.example/{story.number}">{parts.advert(story, 3)}</a></div>'
    body = "".join(parts.among(write(pieces_of(story), _DOUBLE), (2, advert)))
    return chrome.document(
        f'<title>{title}</title><meta name="title" content="{attribute(story.title)}">'
        f'<meta property="og:url" content="{attribute(story.url)}">',
        f'<div id="head">{parts.menu("<a href={href}>{title}</a> | ")}</div><h1>{title}</h1>'
        + parts.stamp(story, '<div id="date">{english}</div>')
        + f'<div id="text">{pictures(story.lead, _DOUBLE)}{body}</div>'
        + parts.cut(story, '<div id="wall">{words}</div>')
        + _side(newsroom),
    )


def single_story(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story; a rule separates the text from the editor's line."""
    title = page_text(story.title)
    body = "".join(write(pieces_of(story), _SINGLE)).replace("<br>", "<br/>")
    return chrome.document(
        f"<title>{title}--联合早报</title>",
        f'<div id="bar">{parts.menu("<span><a href={href}>{title}</a></span>")}</div><h1 id="bt">{title}</h1>'
        + parts.stamp(story, _SPLIT_TIME)
        + f'{pictures(story.lead, _SINGLE)}<div id="zw">{body}'
        f'<p align="right">（责任编辑：{parts.editor(story)}）</p></div>'
        + parts.cut(story, '<div id="dy">{words}</div>')
        + _side(newsroom),
    )


def double_listing(newsroom: Newsroom, section: str, query: str) -> str:
    """Return a page of a section: links and times between line breaks."""
    number = natural(query, "p", 0) // _SIZE
    cards, more = parts.page(newsroom, section, number, _SIZE)
    rows = parts.entries(newsroom, cards, '<a href="{href}">{title}</a> {when}<br>', "({english})")
    after = f'<a id="older" href="/realtime/{section}?p={(number + 1) * _SIZE}">更早</a>' if more else ""
    return chrome.document(
        "<title>即时新闻</title>", f'<h1>即时</h1><div id="list">{rows}</div>{after}{_side(newsroom)}'
    )


def single_listing(newsroom: Newsroom, section: str, query: str) -> str:
    """Return the only page of a section: a list of terms, which shows the newest and names no other page."""
    cards, _ = parts.page(newsroom, section, 0, 30)
    rows = parts.entries(newsroom, cards, '<dt><a href="{href}">{title}</a></dt><dd>{when}</dd>', "{chinese}")
    return chrome.document("<title>滚动</title>", f'<h1>滚动</h1><dl id="gd">{rows}</dl>{_side(newsroom)}')


REDESIGNS = (
    Redesign("breaks", double_story, double_listing),
    Redesign("single-breaks", single_story, single_listing, split=True),
)
