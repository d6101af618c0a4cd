"""Noise that looks like text: sentences, read-on links, tags, neighbours and editors' lines in plain paragraphs."""

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
    "picture": '<p><img src="{address}" alt="{alt}"></p>{caption}',
    "lead": '<p><img src="{address}" alt="{alt}"></p>{caption}',
    "caption": "<p><small>{words}</small></p>",
}
_TAGS = ("东屿", "渡轮", "夜市", "雨水花园", "图书馆", "榕树")


def _page(newsroom: Newsroom, title: str, head: str, main: str) -> str:
    # The hot list has the very markup of the section's entries.
    ranks = parts.entries(newsroom, parts.hot(newsroom), '<li><a href="{href}">{title}</a></li>')
    return chrome.document(
        f"<title>{title}</title>{head}",
        f"<nav><ul>{parts.menu('<li><a href={href}>{title}</a></li>')}</ul></nav><main>{main}</main>"
        f"<section><h3>今日热门</h3><ul>{ranks}</ul></section><footer><p>本页由复刻站生成</p></footer>",
    )


def story_page(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story."""
    title, number = page_text(story.title), story.number_value
    read_on, before, after = parts.beside(newsroom, story, 3)
    tags = " ".join(_TAGS[(number + step) % len(_TAGS)] for step in range(1 + number % 3))
    links = [
        f'<p>{label}：<a href="{attribute(one.href)}">{page_text(one.title)}</a></p>'
        for label, one in (("延伸阅读", read_on), ("上一篇", before), ("下一篇", after))
    ]
    body = parts.among(
        write(pieces_of(story), _FORMS),
        (1, "<p>点击订阅东屿早讯，每天早上收到最新消息。</p>"),
        (3, links[0]),
        (5, "<p>更多精彩内容，请下载联合早报应用程序。</p>"),
    )
    return _page(
        newsroom,
        f"{title}｜联合早报",
        f'<meta name="twitter:title" content="{attribute(story.title)}">',
        f"<h1>{title}</h1>"
        + parts.stamp(story, "<small>{dashes_day_first}</small>")
        + f"<div><p>（联合早报网讯）</p>{pictures(story.lead, _FORMS)}{''.join(body)}"
        + parts.cut(story, "<p>{words}</p>")
        + f"<p>责任编辑：{parts.editor(story)}</p><p>标签：{tags}</p>{links[1]}{links[2]}"
        "<p>未经授权，不得转载本文。</p></div>",
    )


def listing_page(newsroom: Newsroom, section: str, query: str) -> str:
    """Return a page of a section; only the hour of the day is shown."""
    number = max(1, natural(query, "page", 1))
    cards, more = parts.page(newsroom, section, number - 1, 25)
    rows = parts.entries(newsroom, cards, '<li>{when}<a href="{href}">{title}</a></li>', "<small>{clock}</small> ")
    following = f'<link rel="next" href="?page={number + 1}">' if more else ""
    return _page(newsroom, "滚动新闻", following, f"<h1>滚动新闻</h1><ul>{rows}</ul>")


REDESIGN = Redesign("noisy", story_page, listing_page)
