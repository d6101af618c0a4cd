"""The first edition of the mainland half, 2020-11 to 2025 (site-layouts, section 5)."""

from __future__ import annotations

import json
from typing import Any, Final

from zbcrawler.common.times import SINGAPORE
from zbcrawler.replica import chrome
from zbcrawler.replica.mainland_body import body_html
from zbcrawler.replica.markup import attribute, page_link, page_text
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.paging import natural, page_of
from zbcrawler.replica.pictures import mainland_lead
from zbcrawler.replica.story import Card, ReplicaStory

NAME: Final = "mainland"

_API = "/more/sitemap/"
_API_SIZE, _MOST_API_SIZE = 9, 100
_SCREEN = 2 * _API_SIZE  # the HTML shows pages 1 and 2 of the API
# Only the number of china is known. The others are invented.
_NUMBERS = {"china": 3, "world": 5, "singapore": 7, "finance": 11, "sea": 13}
_FIRST_OTHER_NUMBER = 40
_NO_PICTURE = "https://dss0.zbstatic5.com/web/images/default-img.png"


def listing_page(newsroom: Newsroom, section: str, number: int) -> str:
    """Return a section's page. It shows the first screen for every ``number``."""
    cards, _ = page_of(newsroom.cards(section, NAME), 0, _SCREEN)
    name = chrome.section_name(section)
    title = f"{name}即时新闻 | 联合早报网"
    head = (
        f'<meta charset="utf-8"><title>{title}</title>\n<meta property="og:title" content="{title}">\n'
        f"{chrome.style('zbcn')}{chrome.tracking()}"
    )
    rows = "\n".join(map(_card, cards))
    body = (
        f'{_top(newsroom)}<ol class="breadcrumb"><li><a href="/">首页</a></li><li><a href="/realtime">即时</a></li>'
        f'<li class="active">{name}</li></ol>\n<div class="tabs"><span class="tab-tag active">即时</span>'
        '<span class="tab-tag">热门</span></div>\n'
        f'<div id="more-container" class="row reset-row-margin clearfix">\n{rows}\n</div>\n'
        '<div class="text-center"><button id="more-btn" class="btn">加载更多</button></div>\n'
        f'<script>var pageNo=2,pageSize={_API_SIZE},sitemapId="{_number_of(newsroom, section)}",loading=false;'
        "</script>\n"
        f"{_sidebar(newsroom, None)}{chrome.footer()}"
    )
    return chrome.document(head, body)


def api_section(newsroom: Newsroom, path: str) -> str | None:
    """Return the section whose further entries have this path, or None."""
    numbers = {f"{_API}{_number_of(newsroom, section)}": section for section in newsroom.sections}
    return numbers.get(path)


def listing_json(newsroom: Newsroom, section: str, query: str) -> str:
    """Return a page of the API. ``pageNo`` counts from 1, ``pageSize`` is free. No data follows the last page."""
    size = min(max(1, natural(query, "pageSize", _API_SIZE)), _MOST_API_SIZE)
    number = max(1, natural(query, "pageNo", 1)) - 1
    cards, _ = page_of(newsroom.cards(section, NAME), number, size, _SCREEN)
    data = [
        {
            "title": card.title,
            "contentPreview": f"{card.title}。",
            "publicationDate": f"{card.published.astimezone(SINGAPORE):%Y-%m-%d %H:%M:%S}",
            "url": card.href,
        }
        for card in cards
    ]
    return json.dumps({"result": {"pageSize": size, "data": data}}, ensure_ascii=False)


def story_page(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story."""
    own = story.title_in(NAME)
    title, section = page_text(own), chrome.section_name(story.section)
    head = (
        f'<meta charset="utf-8"><title>{title} | 联合早报网</title>\n'
        f'<meta name="description" content="{chrome.description(story.opening)}">\n'
        f'<meta property="og:title" content="{attribute(own)}">\n'
        f"{chrome.own_address(story)}\n"
        f'<script type="application/ld+json">{_website()}</script>\n'
        f'<script type="application/ld+json">{_jsonld(story)}</script>\n'
        f"{chrome.style('zbcn')}{chrome.tracking()}"
    )
    body = (
        f'{_top(newsroom)}<ol class="breadcrumb"><li><a href="/">首页</a></li><li><a href="/realtime">即时</a></li>'
        f'<li class="active">{section}</li></ol>\n<h1 class="article-title">{title}</h1>\n{_author_info(story)}'
        f'{mainland_lead(story.lead)}<article id="article-body" class="article-body">\n{body_html(story)}\n</article>\n'
        f"{_beneath(newsroom, story)}{_sidebar(newsroom, story)}{chrome.footer()}"
    )
    return chrome.document(head, body)


def _number_of(newsroom: Newsroom, section: str) -> int:
    return _NUMBERS.get(section) or _FIRST_OTHER_NUMBER + newsroom.sections.index(section)


def _card(card: Card) -> str:
    # The date has no year. Around New Year only the clock tells which year is meant.
    date = f"{card.published.astimezone(SINGAPORE):%m-%d}" if card.dated else ""
    return (
        f'<a class="col-lg-4 col-12 list-block no-gutters row" href="{attribute(card.href)}" target="_blank">'
        '<div class="col-12 no-gutters row"><div class="col-9 col-lg-12">\n'
        f'  <div class="f18 m-eps">{page_text(card.title)}</div>\n'
        f'  <div class="text-tip-color pdt10">{date}</div>\n</div></div></a>'
    )


def _author_info(story: ReplicaStory) -> str:
    # The place of the time is known, its form is not. This is the form of the React edition.
    at, tells = story.published, story.traits.times & {"byline", "postdate", "pubdate"}
    shown = f"发布/{at.year}年{at.month}月{at.day}日 {at:%H:%M}" if tells else ""
    return (
        f'<div class="text-track-v1 author-info f14"><div class="mgt10">{shown}</div>'
        '<div class="font-size-box">字体大小： 小 中 大</div></div>\n'
    )


def _website() -> str:
    return chrome.jsonld(
        {"@context": "https://schema.org", "@type": "WebSite", "name": "联合早报", "url": "https://www.zaobao.com"}
    )


def _jsonld(story: ReplicaStory) -> str:
    data: dict[str, Any] = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": story.title_in(NAME)}
    data["description"] = story.opening
    if story.traits.times & {"created", "jsonld"}:
        month_first = story.traits.month_first
        month_first = story.number_value % 2 == 0 if month_first is None else month_first
        data["datePublished"] = f"{story.published:%m/%d/%Y - %H:%M}" if month_first else story.published.isoformat()
    picture = "https:" + story.lead[0].shown(NAME).removeprefix("https:") if story.lead else _NO_PICTURE
    data["image"] = {"@type": "ImageObject", "url": picture}
    # It is only known that control characters occur sometimes.
    return chrome.jsonld(data, story.traits.control_characters or story.number_value % 11 == 0)


def _top(newsroom: Newsroom) -> str:
    ticker = chrome.story_rows(chrome.decoys(newsroom, None, 4, shift=9), "ref=home-top-news", "span")
    return (
        '<header class="header"><div class="edition-switch"><span>简体</span><a href="/?lang=zh-Hant">繁体</a></div>'
        f'{chrome.menu("nav-item")}<div class="ticker">{ticker}</div><a href="/login">登录</a></header>'
    )


def _beneath(newsroom: Newsroom, story: ReplicaStory) -> str:
    some = chrome.decoys(newsroom, story, 4)
    steps = chrome.story_rows(some[:2], "ref=previous-article", "div", label="上一篇 ")
    return (
        f'<div class="keywords"><a href="/keywords/dong-yu">东屿</a></div><div id="NextPrevious">{steps}</div>'
        f'<div class="related-articles"><h2>相关阅读</h2>{chrome.story_rows(some, "ref=sidebar-realtime", "p")}</div>'
    )


def _sidebar(newsroom: Newsroom, story: ReplicaStory | None) -> str:
    def block(name: str, shift: int) -> str:
        rows = "".join(
            f'<div class="eps">{page_link(one.path, one.title)}</div>'
            for one in chrome.decoys(newsroom, story, 6, shift)
        )
        return f'<div id="{name}">{rows}</div>'

    return (
        f'<aside class="col-lg-4"><h3>推荐</h3>{block("recommend_block", 2)}<h3>即时</h3>{block("real_china", 8)}'
        '<div class="adv-tag adv" id="dfp-ad-halfpage1"></div></aside>'
    )
