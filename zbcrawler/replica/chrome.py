"""The parts around the news on every page of every edition: navigation, scripts, styles, footer.

They hold links that look like stories, headings and times, which a crawler has to ignore.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from zbcrawler.replica.markup import attribute, page_link, page_text
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.story import ReplicaStory

SECTION_NAMES = {"china": "中国", "world": "国际", "singapore": "新加坡", "finance": "财经", "sea": "东南亚"}

_MENU = (
    ("新闻", "/news", ("新加坡|singapore", "国际|world", "中国|china", "东南亚|sea", "体育|sports")),
    ("即时", "/realtime", ("新加坡|singapore", "国际|world", "中国|china", "财经|finance")),
    (
        "财经",
        "/finance",
        ("新加坡财经|singapore", "全球财经|world", "投资理财|invest", "房产|real-estate", "中小企业|sme"),
    ),
    ("言论", "/forum", ("社论|editorial", "评论|views", "交流站|talk", "漫画|comic", "早点|zaodian")),
    ("生活", "/lifestyle", ("保健|health", "美食|food", "旅行|travel", "文艺|art", "科技|tech")),
    ("视频", "/videos", ("新闻|news", "娱乐|entertainment", "系列节目|series", "直播|livestream")),
    ("播客", "/podcast", ("早安|morning", "下午|afternoon")),
)
_ADVERT_TEXTS = (
    "夏日优惠开跑",
    "三步学会理财",
    "本周家电特卖",
    "邮轮假期两人同行",
    "牙医不会告诉你的事",
    "新车试驾预约",
)


def section_name(section: str) -> str:
    """Return the Chinese name of a section, or the section itself."""
    return SECTION_NAMES.get(section, section)


@cache
def menu(item_class: str) -> str:
    """Return the navigation with its drop-downs.

    :param item_class: class of every entry; each edition has another
    """
    rows = []
    for name, root, children in _MENU:
        links = "".join(
            f'<li class="{item_class}">{page_link(root + "/" + slug, label)}</li>'
            for label, slug in (child.split("|") for child in children)
        )
        rows.append(f'<li class="{item_class} has-children">{page_link(root, name)}<ul>{links}</ul></li>')
    return f'<nav class="main-navigation" aria-label="主导航"><ul>{"".join(rows)}</ul></nav>'


@cache
def style(prefix: str, rules: int = 110) -> str:
    """Return an inline style sheet as large as the site's critical one."""
    lines = "".join(
        f".{prefix}-{number}{{margin:{number % 7}px {number % 11}px;padding:{number % 5}px;"
        f"color:#{number * 2711 % 4096:03x};font-size:{12 + number % 9}px;line-height:1.{number % 10}em}}\n"
        for number in range(rules)
    )
    return f"<style>{lines}</style>"


@cache
def tracking(names: int = 60) -> str:
    """Return inline scripts of analytics and advertising. They hold words that look like markup."""
    slots = ",".join(
        f'{{"slot":"/5908/zaobao/slot-{number}","sizes":[[300,250],[{300 + number},600]]}}' for number in range(names)
    )
    return (
        "<script>var dataLayer=dataLayer||[];dataLayer.push({event:'pageview',html:'<p>不是正文<\\/p>'});"
        f"window.googletag=window.googletag||{{cmd:[]}};window._slots=[{slots}];</script>"
        '<noscript><iframe src="https://www.googletagmanager.example/ns.html?id=GTM-0000" height="0"'
        ' width="0"></iframe>'
        "</noscript>"
    )


@cache
def footer() -> str:
    """Return the footer with its columns and legal lines."""
    columns = "".join(
        f'<div class="footer-column"><h4>{name}</h4>'
        + "".join(page_link(f"/about/{index}-{row}", f"{name}{row}") for row in range(1, 9))
        + "</div>"
        for index, name in enumerate(("关于我们", "联络我们", "订阅服务", "广告服务", "旗下刊物", "使用条款"))
    )
    return (
        f'<footer class="site-footer">{columns}<div class="newsletter-box"><form action="/newsletter">'
        "<p>订阅电邮简报</p>"
        '<input type="email" name="mail"><button type="submit">订阅</button></form></div>'
        "<p>本页由复刻站生成，内容纯属虚构。未经授权转载可能面对法律行动。</p></footer>"
    )


def decoys(newsroom: Newsroom, story: ReplicaStory | None, count: int, shift: int = 0) -> list[ReplicaStory]:
    """Return ``count`` unlisted stories for a box of a page. The page decides which ones."""
    start = shift + (story.number_value if story else 0)
    return [newsroom.decoys[(start + step) % len(newsroom.decoys)] for step in range(count)]


def story_rows(stories: Iterable[ReplicaStory], reference: str, tag: str = "li", label: str = "") -> str:
    """Return links to stories, each with the site's query and in an element of its own."""
    return "".join(f"<{tag}>{label}{page_link(f'{one.path}?{reference}', one.title)}</{tag}>" for one in stories)


def outbrain(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the recommendations of an advertiser, with one link of the site among them."""
    house = story_rows(decoys(newsroom, story, 1, shift=5), "obOrigUrl=true", "div")
    adverts = "".join(
        f'<div class="ob-dynamic-rec-container"><a href="https://ads.example/r/{index}?obOrigUrl=true"'
        ' rel="nofollow">'
        f'<img src="https://ads.example/{index}.jpg" alt=""><span class="ob-unit">{words}</span></a></div>'
        for index, words in enumerate(_ADVERT_TEXTS)
    )
    return f'<div id="outbrain-wrapper" class="OUTBRAIN"><h2>热文推荐</h2>{adverts}{house}</div>'


def description(words: str) -> str:
    """Return the page's description: the first 90 characters of the body, joined without breaks."""
    return attribute(words[:90] + "...")


def own_address(story: ReplicaStory) -> str:
    """Return the elements of the head that name the story's address; some pages have only one of them."""
    canonical = f'<link rel="canonical" href="{attribute(story.url)}">'
    shared = f'<meta property="og:url" content="{attribute(story.url)}">'
    return (canonical, shared, f"{canonical}{shared}")[story.number_value % 3]


def jsonld(data: dict[str, Any], control_characters: bool = False) -> str:
    """Return JSON-LD as a page holds it.

    :param control_characters: whether to put raw line breaks and tabs into its strings, as the site does
    """
    written = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    if control_characters:
        written = written.replace("。", "。\n\t").replace('", "description"', '\n", "description"')
    return written


def document(head: str, body: str) -> str:
    """Return a whole page."""
    return f'<!DOCTYPE html>\n<html lang="zh-Hans">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n'


def plain(title: str, words: str) -> str:
    """Return a page that is neither a listing nor a story, such as a video, an error or an audio brief."""
    return document(f"<title>{page_text(title)}</title>", f"{menu('nav-item')}<h2>{page_text(words)}</h2>{footer()}")
