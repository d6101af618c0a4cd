"""The React edition of the Singapore half, 2024-06 to now (site-layouts, section 4)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import quote

from zbcrawler.common.times import SINGAPORE
from zbcrawler.replica import chrome, drupal_body
from zbcrawler.replica.content import Content, Standfirst
from zbcrawler.replica.markup import attribute, page_link, page_text
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.paging import natural, page_of
from zbcrawler.replica.pictures import react_lead
from zbcrawler.replica.story import Card, ReplicaStory

NAME = "react"
NO_PICTURE = "https://www.zaobao.com.sg/_web2/assets/social-share.png"

_API = "/_plat/api/v2/page-content/realtime/"
# One section answers in the nested form that some sections have since 2026.
_NESTED_SECTION = "singapore"
_PREFERRED_SOURCE = '<a href="https://www.google.com/preferences/source?q=zaobao.com.sg">设为谷歌新闻首选来源</a>'
_ANNOUNCEMENT = (
    "<div><p>订户专享 赠阅文章</p><p>早报新添“赠阅文章”功能！凡早报VIP会员，每月可赠送 5 篇订户专享文章。</p>"
    "<button>了解更多</button><button>知道了</button></div>"
)
_GOOGLE_AD = '<div class="bff-google-ad"><div class="google-ad" id="div-gpt-ad-imu1"></div></div>'


def listing_page(newsroom: Newsroom, section: str, number: int) -> str:
    """Return a section's page. It shows the first screen for every ``number``."""
    cards, _ = page_of(newsroom.cards(section, NAME), 0)
    now = newsroom.clock.now().astimezone(SINGAPORE)
    name = chrome.section_name(section)
    title = f"{name}即时新闻 | 联合早报"
    head = (
        f'<meta charset="utf-8"><title>{title}</title><meta property="og:title" content="{title}">\n'
        f"{chrome.style('bff')}{chrome.tracking()}"
    )
    rows = "\n".join(_card(card, now) for card in cards)
    body = (
        f'<div id="root">{_top(newsroom)}<main><h1>{name}</h1><div class="card-listing">\n{rows}\n</div>'
        "</main>"
        f"{_sidebar(newsroom, None)}{chrome.footer()}</div>"
    )
    return chrome.document(head, body)


def api_section(newsroom: Newsroom, path: str) -> str | None:
    """Return the section whose further entries have this path, or None."""
    section = path.removeprefix(_API)
    return section if section != path and section in newsroom.sections else None


def listing_json(newsroom: Newsroom, section: str, query: str) -> str:
    """Return a page of the listing API. ``page`` counts from 0. There are no articles after the last page."""
    cards, _ = page_of(newsroom.cards(section, NAME), natural(query, "page", 0))
    articles = [_article_row(card, section) for card in cards]
    if section != _NESTED_SECTION:
        response: dict[str, Any] = {"articles": articles}
    else:
        hot = [_article_row(Card(one.path, one.title, one.published), section) for one in newsroom.decoys[:5]]
        response = {
            "pageContentList": [
                {"key": "hot_news", "articles": hot},
                {"key": f"news_{section}", "articles": articles},
            ]
        }
    name = chrome.section_name(section)
    response["seoMetaInfo"] = {"seoTitle": f"{name}即时新闻 | 联合早报", "seoDescription": "即时新闻"}
    return json.dumps({"code": 200, "response": response}, ensure_ascii=False)


def story_page(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story."""
    title, at, times = page_text(story.title), story.published, story.traits.times
    picture = attribute(story.lead[0].address) if story.lead else NO_PICTURE
    pubdate = f'"pubdate":"{at:%Y-%m-%d %H:%M:%S}",' if "pubdate" in times else ""
    visible = f"<div>{_shown('发布', at)}</div>" if times & {"byline", "postdate"} else ""
    if visible and story.changed:
        visible += f"<div>{_shown('更新', story.changed.astimezone(SINGAPORE))}</div>"
    head = (
        f'<meta charset="utf-8"><title>{title} | 联合早报</title>\n'
        f'<meta property="og:title" content="{attribute(story.title)} | 联合早报">\n'
        f"{chrome.own_address(story)}\n"
        f'<meta property="og:image" content="{picture}">\n'
        '<script type="application/ld+json">{"@context":"https://schema.org","@type":"BreadcrumbList","itemListElement":[]}</script>\n'
        f'<script id="seo-article-page" type="application/ld+json">{_jsonld(story)}</script>\n'
        '<script type="application/ld+json">{"@context":"https://schema.org","@type":"WebSite","name":"联合早报"}</script>\n'
        f'<script id="ga_data_layer">var _data={{{pubdate}"author":"","articleid":"{story.number}"}};'
        "</script>\n"
        f"{chrome.style('bff')}{chrome.tracking()}"
    )
    body = (
        f'<div id="root">{_top(newsroom)}<div>{visible}</div><div>小标准中大</div>{_PREFERRED_SOURCE}'
        f'<article class="max-w-full">\n<h1>{_broken(title)}</h1>{_marker(story)}\n'
        f"{_standfirst(story)}{react_lead(story.lead)}"
        f'<div class="articleBody">\n{_shown_body(newsroom, story)}\n</div>\n{_below_body(newsroom, story)}'
        f"{chrome.outbrain(newsroom, story)}</article>{_sidebar(newsroom, story)}{chrome.footer()}{_gift()}"
        "</div>\n"
        f"{_hydration(story) if story.traits.hydration else ''}"
    )
    return chrome.document(head, body)


def body_html(story: ReplicaStory) -> str:
    """Return ``body_cn``: the blocks, with the noise that the site keeps among them."""
    if story.visible is None:
        return story.raw_html("react")
    if story.traits.old_markup:
        return drupal_body.body_html(story)
    return "".join(_pieces(story.visible))


def _pieces(content: Content) -> list[str]:
    pieces = [block.page("react") for block in content.blocks]
    pieces.insert(min(3, len(pieces)), _GOOGLE_AD)
    link = page_link("/realtime/china/story20250221-5910001", "推荐：另一则不属于正文的新闻")
    pieces.insert(min(6, len(pieces)), f'<div class="bff-recommend-article">{link}</div>')
    return pieces


def _shown_body(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the rendered ``body_cn``; in one story of three with the related stories that the template puts into it.

    They come after the fifth paragraph, or at the end of four (site-layouts 4.2).
    """
    content, kind = story.visible, story.number_value % 9
    if content is None or story.traits.old_markup or story.cut or kind > 2:
        return body_html(story)
    pieces = _pieces(content)
    paragraphs = [place for place, piece in enumerate(pieces, 1) if piece.startswith("<p>")]
    if len(paragraphs) > 3:
        pieces.insert(paragraphs[min(4, len(paragraphs) - 1)], _related(newsroom, story, kind))
    return "".join(pieces)


def _related(newsroom: Newsroom, story: ReplicaStory, kind: int) -> str:
    """Return the heading 延伸阅读 with one or two titles. A thumbnail's ``alt`` is the title; there may be fewer."""
    cards = []
    for place, one in enumerate(chrome.decoys(newsroom, story, 1 + kind % 2, shift=3)):
        size = "zaobao-sm" if place else "zaobao"
        image = (
            f'<img src="https://cassette.sphdigital.com.sg/image/{size}/{one.number_value:064x}"'
            f' alt="{attribute(one.title)}">'
        )
        link = page_link(one.path, one.title)
        cards.append(f'<div class="card">{image if kind or not place else ""}<div>{link}</div></div>')
    return f'<section><h2>延伸阅读</h2><div class="flex">{"".join(cards)}</div></section>'


def _marker(story: ReplicaStory) -> str:
    """Return the words that mark a cut story, behind its headline (site-layouts 8); the elements are not known."""
    if not story.cut:
        return ""
    marker = (
        '<div class="flex"><span>订户</span><button>赠阅文章</button></div>',
        "<div>订户</div>\n<div><svg><path d=''></path></svg> 赠阅文章 </div>",
        "<p>订户 <!-- -->赠阅文章</p>",
    )[story.number_value % 3]
    return marker + (_ANNOUNCEMENT if story.number_value % 4 == 0 else "")


def _standfirst(story: ReplicaStory) -> str:
    blocks = story.visible.blocks if story.visible else ()
    return "".join(f"<div>{page_text(one.text)}</div>\n" for one in blocks if isinstance(one, Standfirst))


def _broken(title: str) -> str:
    """Return a headline with its two blanks as a line break, which the site's headlines may hold."""
    return title.replace("  ", "\n")


def _shown(label: str, at: datetime) -> str:
    return f"{label}/{at.year}年{at.month}月{at.day}日 {at:%H:%M}"


def _card(card: Card, now: datetime) -> str:
    at = card.published.astimezone(SINGAPORE)
    shown = f"{at:%H:%M}" if at.date() == now.date() else f"{at:%m}月{at:%d}日"
    label = f' aria-label="{attribute(card.title)}"' if card.href.startswith("/") else ""
    link = page_link(card.href, card.title, f' class="cursor-pointer touch-auto"{label}')
    return f'<div class="card vertical-article-card"><div class="content-header">{link}<div>{shown}</div></div></div>'


def _article_row(card: Card, section: str) -> dict[str, Any]:
    return {
        "title": card.title,
        "href": card.href,
        "timestamp": int(card.published.timestamp()),
        "category_label": f"news_{section}",
        "thumbnail": NO_PICTURE,
        "summary": card.title,
    }


def _jsonld(story: ReplicaStory) -> str:
    article: dict[str, Any] = {"@type": "NewsArticle", "headline": story.title, "description": "第一句。第二句。"}
    if "jsonld" in story.traits.times:
        article["datePublished"] = story.published.isoformat()
    article["author"] = {"@type": "Person", "name": "联合早报"} if story.number_value % 2 else "联合早报"
    article["image"] = {"url": story.lead[0].address if story.lead else NO_PICTURE}
    return chrome.jsonld({"@context": "https://schema.org", "@graph": [article]}, story.traits.control_characters)


def _hydration(story: ReplicaStory) -> str:
    article: dict[str, Any] = {"id": story.number, "headline": _broken(story.title)}
    if "created" in story.traits.times:
        created = int(story.published.timestamp())
        article["create_time"] = created if story.number_value % 2 else str(created)
    article["tags"] = [{"name": "东屿"}]
    article["images"] = [{"url": one.address, "caption": one.caption} for one in story.lead]
    article["body_cn"] = body_html(story)
    data = {"loaderData": {"0-0": {"context": {"payload": {"article": article}}}}, "errors": None}
    # The site escapes in several ways. Each story shows one of them.
    way = story.number_value % 3
    if way == 0:
        literal = _js_string(json.dumps(data, ensure_ascii=False)).replace("<", "\\u003c")
    elif way == 1:
        literal = _js_string(json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"))
    else:
        literal = _js_string(json.dumps(data)).replace("</", "<\\/").replace("<!--", "\\u003c!--")
    literal = literal.replace("<script", "\\u003cscript")
    return f'<script>window.__staticRouterHydrationData = JSON.parse("{literal}");</script>'


def _js_string(written: str) -> str:
    return written.replace("\\", "\\\\").replace('"', '\\"')


def _below_body(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return what follows ``.articleBody`` inside the article: tags, neighbours, the offer of the article."""
    before, after = (chrome.decoys(newsroom, story, 2) * 2)[:2]
    address = f"https://newspost.newslink.sg/?publication=ZB&date={story.published:%m/%d/%Y}&title={quote(story.title)}"
    return (
        '<div class="article-tags"><div><div><img src="/assets/tag-icon.svg" alt=""></div>'
        '<a href="/keywords/dong-yu">东屿</a></div></div>'
        '<div class="flex"><div class="w-1/2">'
        + page_link(f"{before.path}?ref=previous-article", f"上一篇\n{before.title}")
        + '</div><div class="w-1/2">'
        + page_link(f"{after.path}?ref=next-article", f"下一篇 {after.title}")
        + f'</div></div><div><a href="{attribute(address)}"><img src="/assets/newspost-x.svg"'
        ' alt="">购买此文章</a></div>'
    )


def _top(newsroom: Newsroom) -> str:
    ticker = chrome.story_rows(chrome.decoys(newsroom, None, 4, shift=9), "ref=home-top-news", "span")
    return (
        '<header><div class="edition-switch"><button>简</button><button>繁</button><span>新加坡版</span>'
        "</div>"
        f'{chrome.menu("menu-entry")}<div class="news-feature-card">{ticker}</div>'
        '<a href="/login">登录/免费注册</a><a href="https://subscribe.sph.com.sg/zh/publications-zb/">订阅</a></header>'
    )


def _sidebar(newsroom: Newsroom, story: ReplicaStory | None) -> str:
    latest = chrome.story_rows(
        chrome.decoys(newsroom, story, 6, shift=2), "ref=sidebar-realtime", label="<span>6 分钟前</span>"
    )
    popular = chrome.story_rows(chrome.decoys(newsroom, story, 6, shift=8), "ref=sidebar-daily-popular")
    return (
        '<aside><h2><a href="/realtime">即时新闻</a></h2><ul'
        f' data-testid="test-realtime-article-card-list">{latest}</ul>'
        f"<h2>热门</h2><div>单日</div><div>一周</div><ul>{popular}</ul><h2>更多消息</h2></aside>"
        '<div class="vip"><h2>成为联合早报VIP</h2><p>解锁全网内容、电子报及专享福利</p></div>'
    )


def _gift() -> str:
    return (
        '<div role="dialog" class="gift-dialog"><p>订户专享 赠阅文章</p>'
        "<p>早报VIP会员登录后，即可使用此功能。</p>"
        '<button class="cursor-pointer">登录</button><button class="cursor-pointer">立即订阅</button>'
        "<p>早报VIP会员每月可赠阅 5 篇订户专享文章。</p></div>"
    )
