"""Hashed class names, as CSS modules make them. The time is ISO in UTC; the lead stands above the body."""

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
    "paragraph": '<p class="Text_par__b7Kq1">{inner}</p>',
    "heading": '<{tag} class="Text_sub__Zr04x">{inner}</{tag}>',
    "picture": '<figure class="Media_box__p0Lw2"><img class="Media_img__t5Hn8" src="{address}" alt="{alt}">'
    "{caption}</figure>",
    "lead": '<figure class="Hero_box__w1Vd9"><img class="Hero_img__c3Xz6" src="{address}" alt="{alt}">'
    "{caption}</figure>",
    "caption": '<figcaption class="Media_cap__e8Yu3">{words}</figcaption>',
}
_ENTRY = (
    '<li class="Card_root__3kdP9"><a class="Card_link__8aBq4" href="{href}"><h3 class="Card_title__x2Mn7">{title}</h3>'
    "</a>{when}</li>"
)
_HOT = '<li class="Rank_item__u6Jc5"><a class="Rank_link__s9Gf0" href="{href}">{title}</a></li>'


def _page(head: str, main: str, newsroom: Newsroom) -> str:
    ranks = parts.entries(newsroom, parts.hot(newsroom), _HOT)
    return chrome.document(
        f'<meta charset="utf-8">{head}',
        f'<div class="Shell_top__q1Wd3">{parts.menu("<a class=Nav_link__m4Ty8 href={href}>{title}</a>")}</div>'
        f'<main class="Shell_main__k7Rb2">{main}</main>'
        f'<div class="Rank_root__h3Ns6"><h4>热榜</h4><ol>{ranks}</ol></div>'
        '<div class="Foot_root__d5Cv1">本页由复刻站生成</div>',
    )


def story_page(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the page of a story."""
    title = page_text(story.title)
    promotion = f'<div class="Promo_box__g2Lk7"><a href="/promo/{story.number}">{parts.advert(story)}</a></div>'
    read_on = parts.entries(
        newsroom, parts.beside(newsroom, story, 2), '<a class="More_link__y8Px4" href="{href}">{title}</a>'
    )
    body = parts.among(
        write(pieces_of(story), _FORMS),
        (2, promotion),
        (4, f'<aside class="More_box__a6Df2">延伸阅读{read_on}</aside>'),
    )
    return _page(
        f'<title>{title} - 联合早报</title><link rel="canonical" href="{attribute(story.url)}">'
        f'<meta property="og:title" content="{attribute(story.title)}">',
        f'<h1 class="Head_title__f4Js8">{title}</h1>'
        + parts.stamp(story, '<time class="Head_time__v1Ea5" datetime="{utc}">{clock}</time>')
        + pictures(story.lead, _FORMS)
        + f'<div class="Article_body__x7Gh2">{"".join(body)}</div>'
        + parts.cut(story, '<div class="Wall_box__l9Oi3">{words}</div>'),
        newsroom,
    )


def listing_page(newsroom: Newsroom, section: str, query: str) -> str:
    """Return a page of a section; ``page`` counts from 1, and the head names the next page."""
    number = max(1, natural(query, "page", 1))
    cards, more = parts.page(newsroom, section, number - 1, 20)
    rows = parts.entries(newsroom, cards, _ENTRY, '<span class="Card_time__n0Wq6">{ago}</span>')
    following = f'<link rel="next" href="/realtime/{section}?page={number + 1}">' if more else ""
    return _page(f"<title>即时</title>{following}", f'<ul class="Feed_list__r5Tk9">{rows}</ul>', newsroom)


REDESIGN = Redesign("hashed", story_page, listing_page)
