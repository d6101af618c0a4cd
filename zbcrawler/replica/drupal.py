"""The Drupal edition of the Singapore half, 2020-07 to 2024-06 (site-layouts, section 3)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from zbcrawler.common.times import SINGAPORE
from zbcrawler.replica import chrome
from zbcrawler.replica.drupal_body import body_html
from zbcrawler.replica.markup import attribute, page_link, page_text
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.paging import page_of
from zbcrawler.replica.pictures import drupal_lead
from zbcrawler.replica.story import Card, ReplicaStory

NAME = "drupal"


def listing_page(newsroom: Newsroom, section: str, number: int) -> str:
    """Return page ``number`` (from 0) of a section's listing."""
    cards, more = page_of(newsroom.cards(section, NAME), number)
    now = newsroom.clock.now().astimezone(SINGAPORE)
    rows = "\n".join(_card(card, now) for card in cards)
    # site-layouts 3.1: the last column of the grid holds no article.
    filler = '<div class="col-12 col-lg-4"><div id="dfp-ad-lb2"></div></div>'
    query = f"?_wrapper_format=html&page={number + 1}"
    following = page_link(query, "下一页", ' class="pagination-link pagination-link-next"') if more else ""
    name = chrome.section_name(section)
    title = f"{name}即时新闻 | 联合早报网"
    head = (
        f'<title>{title}</title>\n<meta property="og:title" content="{title}">\n{chrome.style("zb")}{chrome.tracking()}'
    )
    body = (
        f'{_top(newsroom)}<div id="breadcrumbs"><a href="/">首页</a><a href="/realtime">即时</a></div>'
        f'<div class="col col-auto"><h1>{name}</h1></div>'
        f'<div class="article-list on-listing-pages"><div class="article-type">\n{rows}\n{filler}</div></div>'
        f'<ul class="pagination"><li>{following}</li></ul>{_sidebar(newsroom, None)}{chrome.footer()}'
    )
    return chrome.document(head, body)


def story_page(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story."""
    title = page_text(story.title)
    head = (
        f"<title>{title} | 联合早报网</title>\n"
        f'<meta name="description" content="{chrome.description(story.opening)}">\n'
        f'<meta property="og:title" content="{attribute(story.title)}">\n'
        f"{chrome.own_address(story)}\n"
        f'<meta property="og:image:url" content="{_share_image(story)}">\n'
        f'<script type="application/ld+json">{_organization()}</script>\n'
        f'<script type="application/ld+json">{_jsonld(story)}</script>\n'
        f'<script type="application/json" data-drupal-selector="drupal-settings-json">{_settings(story)}'
        "</script>\n"
        f"{chrome.style('zb')}{chrome.tracking()}"
    )
    body = (
        f'{_top(newsroom)}<ul class="breadcrumbs-list"><li>即时</li><li>'
        f"{chrome.section_name(story.section)}</li></ul>"
        f'<div class="content"><h1>{title}</h1>\n{_byline(story)}'
        '<div class="article-meta"><div class="article-share-fb"><a href="https://share.example/fb">分享</a></div>'
        '<div class="field-name-dynamic-twig-fieldnode-2020-font-size">字体大小： 小 中 大</div></div>\n'
        f"{drupal_lead(story.lead)}"
        '<div class="article-content-container"><div class="article-content js-fontsized">'
        f'<div class="article-content-rawhtml">\n{body_html(story)}</div></div></div>\n'
        '<div class="keywords"><ul><li><a href="/keywords/dong-yu">东屿</a></li><li><a'
        ' href="/keywords/hai">海</a></li></ul>'
        '</div><div class="newspost-holder"><a href="https://newspost.newslink.sg/?publication=ZB">购买此文章</a></div>'
        f"{_related(newsroom, story)}</div>\n{_sidebar(newsroom, story)}{chrome.footer()}"
        '<div id="js-overlay-microtransaction" class="overlay-microtransaction">'
        "<p>已是早报订户，请您登录后继续阅读全文。</p></div>"
    )
    return chrome.document(head, body)


def _card(card: Card, now: datetime) -> str:
    date = f'<span class="meta meta-published-date">\n          {_ago(card.published, now)}\n      </span>'
    return (
        '<div class="col col-lg-12 "><div class="article-type-content">'
        f'<a class="article-type-link" href="{attribute(card.href)}"><h2>{page_text(card.title)}</h2></a>'
        f'<div class="article-type-meta">{date if card.dated else ""}</div></div></div>'
    )


def _ago(published: datetime, now: datetime) -> str:
    age = now - published
    if age < timedelta(hours=1):
        return f"{age // timedelta(minutes=1)}分钟前"
    if age < timedelta(days=1):
        return f"{age // timedelta(hours=1)}小时前"
    if age < timedelta(days=7):
        return f"{age.days}天前"
    return f"{published.astimezone(SINGAPORE):%d/%m/%Y}"


def _byline(story: ReplicaStory) -> str:
    times, at = story.traits.times, story.published
    half = "AM" if at.hour < 12 else "PM"
    hour = (at.hour - 1) % 12 + 1
    early = "byline" in times and ("postdate" not in times or story.number_value % 2 == 0)
    author = '<h4 class="title-byline byline">文 / <a href="/byline/lin-ruohai">林若海</a></h4>\n'
    author = author if story.number_value % 7 == 0 else ""
    if early:
        day = f"{at.year}年{at.month}月{at.day}日"
        return f'{author}<h4 class="title-byline date-published">发布 / {day} {hour}:{at.minute:02d} {half}</h4>\n'
    if times & {"postdate", "pubdate"}:
        words = f"发布/ {at.year}年{at.month:02d}月{at.day:02d}日 {hour:02d}:{at.minute:02d} {half}"
        return (
            f'{author}<div class="group-story-postdate"><div class="story-postdate">{words}</div>'
            '<div class="story-changeddate"></div></div>\n'
        )
    return author


def _jsonld(story: ReplicaStory) -> str:
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "description": story.opening,
    }
    if "jsonld" in story.traits.times:
        month_first = story.traits.month_first
        month_first = story.number_value % 2 == 0 if month_first is None else month_first
        data["datePublished"] = f"{story.published:%m/%d/%Y - %H:%M}" if month_first else story.published.isoformat()
    return chrome.jsonld(data, story.traits.control_characters)


def _organization() -> str:
    return chrome.jsonld(
        {
            "@context": "https://schema.org",
            "@type": "Organization",
            "name": "联合早报",
            "url": "https://www.zaobao.com",
        }
    )


def _settings(story: ReplicaStory) -> str:
    details = {"nid": story.number}
    if "created" in story.traits.times:
        details["created"] = str(int(story.published.timestamp()))
    written = json.dumps({"path": {"baseUrl": "/"}, "articleDetails": details, "user": {"uid": 0}})
    return written.replace("<", "\\u003C")


def _share_image(story: ReplicaStory) -> str:
    return attribute(story.lead[0].address) if story.lead else "/themes/custom/zbsg2020/images/default-img.png"


def _top(newsroom: Newsroom) -> str:
    ticker = chrome.story_rows(chrome.decoys(newsroom, None, 4, shift=9), "ref=home-top-news", "span")
    return (
        '<header class="site-header"><a class="logo" href="/"><img src="/themes/custom/zbsg2020/logo.svg"'
        ' alt="联合早报"></a>'
        f'<div class="ticker">{ticker}</div>{chrome.menu("nav-item")}<a href="/login">登录</a></header>'
    )


def _related(newsroom: Newsroom, story: ReplicaStory) -> str:
    some = chrome.decoys(newsroom, story, 4)
    cards = "".join(f'<div class="card"><a href="{one.path}"><h3>{page_text(one.title)}</h3></a></div>' for one in some)
    steps = chrome.story_rows(some[:2], "ref=previous-article", "div", label="上一篇 ")
    return (
        f'<div id="NextPrevious">{steps}</div><div id="related-articles"><h2>相关阅读</h2>{cards}</div>'
        f'<div id="mobile-recommend-articles">{chrome.story_rows(some, "ref=sidebar-realtime", "p")}</div>'
        f"{chrome.outbrain(newsroom, story)}"
    )


def _sidebar(newsroom: Newsroom, story: ReplicaStory | None) -> str:
    latest = chrome.story_rows(chrome.decoys(newsroom, story, 6, shift=2), "ref=sidebar-realtime", label="6 分钟前 ")
    popular = chrome.story_rows(chrome.decoys(newsroom, story, 6, shift=8), "ref=sidebar-daily-popular")
    return (
        f'<aside class="sidebar"><h2><a href="/realtime">即时新闻</a></h2><ul>{latest}</ul><h2>热门</h2>'
        f"<ul>{popular}</ul>"
        '<div id="dfp-ad-halfpage1" class="dfp-tag-wrapper"></div></aside>'
    )
