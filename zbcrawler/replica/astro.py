"""The Astro edition of the mainland half, 2025-08 to now (site-layouts, section 6)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Final

from zbcrawler.common.times import SINGAPORE
from zbcrawler.replica import chrome
from zbcrawler.replica.astro_body import body_html
from zbcrawler.replica.markup import attribute, page_link, page_text
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.pictures import astro_lead
from zbcrawler.replica.story import Card, ReplicaStory

NAME: Final = "astro"
# A section lists no more: how its island loads further entries is not known.
LISTED = 27

_STATIC = 18
_LINK_TEXT = 16  # characters; the rest is cut and replaced by "…"
_ASSETS = "https://dss0.zbstatic5.com/web2/_astro"
_NO_PICTURE = f"{_ASSETS}/pic-default.BqA1.png"


def listing_page(newsroom: Newsroom, section: str, number: int) -> str:
    """Return a section's page. It is the same for every ``number``."""
    cards = newsroom.cards(section, NAME)[:LISTED]
    now = newsroom.clock.now().astimezone(SINGAPORE)
    name = chrome.section_name(section)
    title = f"{name}新闻 | 联合早报网"
    head = (
        f'<meta charset="utf-8"><title>{title}</title>\n<meta property="og:title" content="{title}">\n'
        f"{chrome.style('astro')}{chrome.tracking()}"
    )
    rows = "\n".join(_card(card, name, now) for card in cards[:_STATIC])
    rest = [_row(card) for card in cards[_STATIC:]]
    more = "\n".join(_card(card, name, now) for card in cards[_STATIC:])
    body = (
        f'{_top(newsroom)}<main class="mx-auto"><h1>{name}</h1>\n<div data-testid="article-list">\n{rows}\n</div>\n'
        f"{_hot_news(newsroom, None)}\n{_island('LoadMoreList.C2', {'list': rest}, more)}\n</main>{chrome.footer()}"
    )
    return chrome.document(head, body)


def story_page(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story."""
    own, number = story.title_in(NAME), story.number_value
    title, picture = page_text(own), attribute(_share_image(story))
    # Some pages end with a second script that is not the article's.
    extra = f'<script type="application/ld+json">{_website()}</script>\n' if number % 2 else ""
    head = (
        f'<meta charset="utf-8"><title>{title} | 联合早报</title>\n'
        f'<meta name="description" content="{chrome.description(story.opening)}">\n'
        f'<meta property="og:title" content="{attribute(own)} | 联合早报">\n'
        f"{chrome.own_address(story)}\n"
        f'<meta property="og:image" content="{picture}">\n'
        '<script type="application/ld+json">{"@context":"https://schema.org","@type":"BreadcrumbList",'
        '"itemListElement":[]}</script>\n'
        f'<script type="application/ld+json">{_jsonld(story)}</script>\n{extra}'
        f"<script>{_ga_parameters(story)}</script>\n{chrome.style('astro')}{chrome.tracking()}"
    )
    body = (
        f'{_top(newsroom)}<main class="mx-auto">\n<h1 class="article-title">{title}</h1>\n{astro_lead(story.lead)}'
        "<zb-ai-summary><p>摘要由人工智能生成：这几句话不是正文。</p></zb-ai-summary>\n"
        f'<article id="article-body" class="article-body">\n{body_html(newsroom, story)}\n</article>\n'
        f"{_keywords() if number % 4 else ''}{_hot_news(newsroom, story)}{chrome.outbrain(newsroom, story)}</main>"
        f"{chrome.footer()}"
    )
    return chrome.document(head, body)


def serialised(value: object) -> list[Any]:
    """Return a value as Astro passes it to an island: ``[0, value]``, a list as ``[1, [...]]`` (site-layouts 6.1)."""
    if isinstance(value, list):
        return [1, [serialised(one) for one in value]]
    if isinstance(value, dict):
        return [0, {name: serialised(one) for name, one in value.items()}]
    return [0, value]


def _island(component: str, properties: dict[str, Any], inside: str) -> str:
    # The properties are a record of values; the record itself is not wrapped.
    record = {name: serialised(one) for name, one in properties.items()}
    written = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return (
        f'<astro-island uid="Z1{len(written)}" component-url="{_ASSETS}/{component}.js" component-export="default"'
        f' client="visible" props="{attribute(written)}" ssr="">\n{inside}\n</astro-island>'
    )


def _card(card: Card, section_name: str, now: datetime) -> str:
    cut = len(card.title) > _LINK_TEXT
    link = page_link(
        card.href,
        card.title[:_LINK_TEXT] + "…" if cut else card.title,
        f' class="article-link text-lg" title="{attribute(card.title)}"',
    )
    time = f"<span>·</span><span>{_shown(card.published.astimezone(SINGAPORE), now)}</span>" if card.dated else ""
    return (
        f'<article class="relative"><div class="flex"><div class="flex-1">\n  {link}\n</div>'
        f'<div class="text-xs"><span>{section_name}</span>{time}</div></div></article>'
    )


def _shown(published: datetime, now: datetime) -> str:
    age = now - published
    if age < timedelta(minutes=1):
        return "刚刚"
    if age < timedelta(hours=1):
        return f"{age // timedelta(minutes=1)}分钟前"
    if published.date() == now.date():
        return f"{published:%H:%M}"
    year = f"{published.year}年" if published.year != now.year else ""
    return f"{year}{published.month}月{published.day}日"


def _row(card: Card) -> dict[str, Any]:
    number = card.href.partition("?")[0].rpartition("-")[2]
    return {
        "id": int(number) if number.isdigit() else None,
        "title": card.title,
        "publicationDate": f"{card.published.astimezone(SINGAPORE):%Y-%m-%d %H:%M:%S}",
        "url": card.href,
    }


def _jsonld(story: ReplicaStory) -> str:
    article: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title_in(NAME),
    }
    article["description"] = story.opening
    if story.traits.times & {"created", "jsonld"}:
        article["datePublished"] = story.published.isoformat()
    if story.number_value % 3:
        article["keywords"] = "东屿,海"
    article["author"] = {"@type": "Person", "name": "联合早报"}
    article["image"] = {"@type": "ImageObject", "url": _share_image(story)}
    return chrome.jsonld(article, story.traits.control_characters)


def _website() -> str:
    return chrome.jsonld({"@context": "https://schema.org", "@type": "WebSite", "name": "联合早报"})


def _ga_parameters(story: ReplicaStory) -> str:
    shown = story.traits.times & {"byline", "postdate", "pubdate"}
    pubdate = f'"pubdate":"{story.published:%Y-%m-%d %H:%M:%S}",' if shown else ""
    return f'var gaPushParams = {{{pubdate}"articleid":"{story.number}","author":"","contentaccess":"free"}};'


def _share_image(story: ReplicaStory) -> str:
    return story.lead[0].shown(NAME) if story.lead else _NO_PICTURE


def _keywords() -> str:
    return (
        '<div data-testid="related-words"><a class="keyword-tag_item" href="/keywords/dong-yu">东屿</a>'
        '<a class="keyword-tag_item" href="/keywords/hai">海</a></div>\n'
    )


def _hot_news(newsroom: Newsroom, story: ReplicaStory | None) -> str:
    """Return links that every page of the site shows. They lack the class of the listing's links."""
    rows = "".join(
        f"<article>{page_link(one.path, one.title)}<span>1小时前</span></article>"
        for one in chrome.decoys(newsroom, story, 12)
    )
    return _island("HotNews.X1", {}, rows)


def _top(newsroom: Newsroom) -> str:
    ticker = chrome.story_rows(chrome.decoys(newsroom, None, 4, shift=9), "ref=home-top-news", "span")
    return (
        f'<header><a class="logo" href="/"><img src="{_ASSETS}/logo.D1.svg" alt="联合早报"></a>'
        f'{chrome.menu("menu-link")}<div class="ticker">{ticker}</div><button>登录</button></header>'
    )
