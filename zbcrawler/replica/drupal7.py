"""The Drupal 7 edition, which all clients got until 2020 (site-layouts, section 2)."""

from __future__ import annotations

import json

from zbcrawler.common.times import SINGAPORE
from zbcrawler.replica import chrome
from zbcrawler.replica.drupal7_body import body_html
from zbcrawler.replica.drupal7_next import is_rerendered, rerendered_page
from zbcrawler.replica.markup import attribute, page_link, page_text
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.paging import page_of
from zbcrawler.replica.pictures import drupal7_lead
from zbcrawler.replica.story import Card, ReplicaStory

NAME = "drupal7"

_PAGE_SIZE = 20  # the site's number is not known
_WEEKDAYS = "一二三四五六日"


def listing_page(newsroom: Newsroom, section: str, number: int) -> str:
    """Return page ``number`` (from 0) of a section's listing."""
    cards, more = page_of(newsroom.cards(section, NAME), number, _PAGE_SIZE)
    name = chrome.section_name(section)
    title = f"{name}即时新闻 | 联合早报网"
    head = (
        f'<title>{title}</title>\n<meta property="og:title" content="{title}">\n{chrome.style("zb2016")}'
        f"{chrome.tracking()}"
    )
    # Two forms are known, but not when each was used. The first section has one form, the next the other.
    listing = _rows(cards) if newsroom.sections.index(section) % 2 == 0 else _details(cards)
    body = (
        f'{_top(newsroom)}<div class="breadcrumb"><a href="/">首页</a> » <a href="/realtime">即时</a></div>'
        f'<h1 class="page-header">{name}</h1>\n{listing}\n{_pager(f"/realtime/{section}", number, more)}'
        f"{_sidebar(newsroom, None)}{chrome.footer()}"
    )
    return chrome.document(head, body)


def story_page(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story. Some pages were rendered again later, by Next.js."""
    main = _main(story)
    if is_rerendered(story):
        return rerendered_page(newsroom, story, main)
    title = page_text(story.title_in(NAME))
    head = (
        f"<title>{title} | 联合早报网</title>\n"
        f'<meta name="description" content="{chrome.description(story.opening)}">\n'
        f'<meta property="og:title" content="{attribute(story.title_in(NAME))}">\n{_jsonld(story)}'
        f"{chrome.own_address(story)}\n"
        f"{chrome.style('zb2016')}{chrome.tracking()}"
    )
    return chrome.document(head, f"{_top(newsroom)}{main}{_sidebar(newsroom, story)}{chrome.footer()}")


def _main(story: ReplicaStory) -> str:
    return (
        f'<div class="body-content">\n<h1>{page_text(story.title_in(NAME))}</h1>\n<aside>{_byline(story)}'
        f'<span class="datestamp">{_datestamp(story)}</span></aside>\n'
        f"{drupal7_lead(story.lead)}{_container(story)}\n</div>"
    )


def _container(story: ReplicaStory) -> str:
    body = body_html(story)
    if story.number_value % 4 == 0:
        return f'<div id="article_content"><div class="a_body">\n{body}\n</div></div>'
    return f'<div id="FineDining" class="article-content-container">\n{body}\n</div>'


def _byline(story: ReplicaStory) -> str:
    if story.number_value % 7:
        return ""
    return '<span class="contributor meta-byline">文/<a href="/byline/lin-ruohai">林若海</a></span>'


def _datestamp(story: ReplicaStory) -> str:
    # A re-rendered page has the time in its data too, so the visible time may be missing.
    times = story.traits.times & {"byline", "postdate"} if is_rerendered(story) else story.traits.times
    if not times:
        return ""
    at = story.published
    weekday = f"星期{_WEEKDAYS[at.weekday()]}"
    half, hour = "AM" if at.hour < 12 else "PM", (at.hour - 1) % 12 + 1
    return f"{at.year}年{at.month}月{at.day}日 {weekday} {hour:02d}:{at.minute:02d} {half}"


def _rows(cards: list[Card]) -> str:
    rows = "\n".join(
        f'<div class="row list"><a href="{attribute(one.href)}"><div class="post-detail">'
        f'<div class="post-title">{page_text(one.title)}</div>{_listed_date(one)}</div></a></div>'
        for one in cards
    )
    return f'<div class="post-list">\n{rows}\n</div>'


def _details(cards: list[Card]) -> str:
    rows = "\n".join(
        f'<li><div class="post-detail"><a href="{attribute(one.href)}"><span class="post-title">'
        f"{page_text(one.title)}</span></a>{_listed_date(one)}</div></li>"
        for one in cards
    )
    return f'<ul class="view-content">\n{rows}\n</ul>'


def _listed_date(card: Card) -> str:
    day = card.published.astimezone(SINGAPORE)
    return f'<span class="datestamp">{day:%d/%m/%Y}</span>' if card.dated else ""


def _pager(path: str, number: int, more: bool) -> str:
    """Return Drupal 7's own pager. The first page has no parameter."""

    def step(kind: str, words: str, page: int) -> str:
        return f'<li class="pager-{kind}">{page_link(path + (f"?page={page}" if page else ""), words)}</li>'

    before = step("first", "« 首页", 0) + step("previous", "‹ 上一页", number - 1) if number else ""
    after = step("next", "下一页 ›", number + 1) if more else ""
    here = f'<li class="pager-current">{number + 1}</li>'
    return f'<div class="item-list"><ul class="pager">{before}{here}{after}</ul></div>'


def _jsonld(story: ReplicaStory) -> str:
    """Return JSON-LD, which only photo stories have. It holds no time."""
    if not story.lead:
        return ""
    record = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title_in(NAME),
        "articleBody": story.opening,
        "wordCount": len(story.opening),
        "accessMode": "visual",
    }
    written = json.dumps(record, ensure_ascii=False).replace("</", "<\\/")
    return f'<script type="application/ld+json">{written}</script>\n'


def _top(newsroom: Newsroom) -> str:
    ticker = chrome.story_rows(chrome.decoys(newsroom, None, 4, shift=9), "ref=home-top-news", "span")
    return (
        '<header id="header"><a class="logo" href="/"><img src="/sites/all/themes/zb2016/logo.png" alt="联合早报"></a>'
        f'<div class="ticker">{ticker}</div>{chrome.menu("leaf")}<a href="/user/login">登录</a></header>'
    )


def _sidebar(newsroom: Newsroom, story: ReplicaStory | None) -> str:
    latest = chrome.story_rows(chrome.decoys(newsroom, story, 6, shift=2), "ref=sidebar-realtime")
    popular = chrome.story_rows(chrome.decoys(newsroom, story, 6, shift=8), "ref=sidebar-daily-popular")
    return (
        f'<aside class="region-sidebar"><h2>即时新闻</h2><ul>{latest}</ul><h2>热门</h2><ul>{popular}</ul>'
        '<div class="fb-page" data-href="https://www.facebook.com/invented.dongyu/"></div></aside>'
    )
