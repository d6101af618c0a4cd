"""No class and no id at all: nested tables, as in the last century. Listings go on by an offset."""

from __future__ import annotations

from zbcrawler.replica.markup import page_text
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.paging import natural
from zbcrawler.replica.redesigns import parts
from zbcrawler.replica.redesigns.pieces import pictures, pieces_of, write
from zbcrawler.replica.redesigns.redesign import Redesign
from zbcrawler.replica.story import ReplicaStory

_SIZE = 18
_FORMS = {
    "picture": '<table align="center"><tr><td><img src="{address}" alt="{alt}" border="0"></td></tr>{caption}</table>',
    "lead": '<table width="100%"><tr><td><img src="{address}" alt="{alt}" width="640"></td></tr>{caption}</table>',
    "caption": '<tr><td><font size="2">{words}</font></td></tr>',
}
_ENTRY = '<tr><td>·</td><td><a href="{href}">{title}</a></td><td nowrap>{when}</td></tr>'
_HOT = '<tr><td><a href="{href}">{title}</a></td></tr>'


def _page(newsroom: Newsroom, title: str, main: str) -> str:
    ranks = parts.entries(newsroom, parts.hot(newsroom), _HOT)
    menu = parts.menu('<td><a href="{href}">{title}</a></td>')
    return (
        f"<html><head><meta charset=utf-8><title>{title}</title></head><body bgcolor=white>"
        f"<table width=980><tr>{menu}</tr></table><table width=980><tr>"
        f"<td valign=top width=700>{main}</td><td valign=top><table><tr><td><b>热门</b></td></tr>{ranks}</table></td>"
        "</tr></table><table width=980><tr><td>本页由复刻站生成</td></tr></table></body></html>\n"
    )


def story_page(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story."""
    title = page_text(story.title)
    advert = f'<table align="right"><tr><td><a href="/go/{story.number}">{parts.advert(story, 2)}</a></td></tr></table>'
    body = "\n".join(parts.among(write(pieces_of(story), _FORMS), (2, advert)))
    when = parts.stamp(story, '<tr><td align="right">发布于 {dashes}</td></tr>')
    return _page(
        newsroom,
        f"{title}_联合早报",
        f"<table><tr><td><h2>{title}</h2></td></tr>{when}</table><table><tr><td>"
        f"{pictures(story.lead, _FORMS)}{body}</td></tr>"
        + parts.cut(story, "<tr><td><b>{words}</b></td></tr>")
        + f'</table><table><tr><td>责任编辑：{parts.editor(story)}</td><td><a href="/">返回首页</a></td></tr></table>',
    )


def listing_page(newsroom: Newsroom, section: str, query: str) -> str:
    """Return a page of a section; ``p`` is the number of entries before the first one."""
    number = natural(query, "p", 0) // _SIZE
    cards, more = parts.page(newsroom, section, number, _SIZE)
    rows = parts.entries(newsroom, cards, _ENTRY, "{short}")
    before = f'<a href="?p={(number - 1) * _SIZE}">上一页</a>' if number else ""
    after = f'<a href="?p={(number + 1) * _SIZE}">下一页</a>' if more else ""
    main = f"<table>{rows}</table><table><tr><td>{before}</td><td>{after}</td></tr></table>"
    return _page(newsroom, "即时新闻", main)


REDESIGN = Redesign("tables", story_page, listing_page)
