"""Invented listings of editions that nobody knows: stories of two sections, and a page of each shape."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from random import Random

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.times import SINGAPORE
from zbcrawler.items import Story

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=SINGAPORE)
PER_PAGE = 20
SITE = "https://www.zaobao.com.sg"
_PLACES = "渡口 琅州 雾港 白鹭镇 盐场 北境 东屿 旧街 灯塔 豆花铺 纸灯节 茶山 石桥 南渡 柳湾".split()
_EVENTS = "重开 延期 获救 涨价 换新 迁址 受阻 复工 夺冠 停电 试行 检修 庆百年 引热议 起火".split()
_SECTIONS = ("china", "world", "singapore", "finance")


@dataclass
class Row:
    """One story as a listing shows it."""

    path: str
    title: str
    time: datetime

    @property
    def ago(self) -> str:
        minutes = (NOW - self.time) // timedelta(minutes=1)
        return (
            f"{minutes}分钟前"
            if minutes < 60
            else f"{minutes // 60}小时前"
            if minutes < 1440
            else f"{minutes // 1440}天前"
        )

    @property
    def clock(self) -> str:
        return f"{self.time:%H:%M}" if self.time.date() == NOW.date() else f"{self.time:%m月%d日}"


def rows_of(section: str, tree: str = "news") -> list[Row]:
    """Return a section's stories, newest first; numbers are only about in order."""
    rng = Random(section)
    rows, time = [], NOW - timedelta(minutes=3)
    for place in range(60):
        number = 9_760_000 - 40 * place + rng.randrange(60) + 7 * _SECTIONS.index(section)
        title = f"{rng.choice(_PLACES)}{rng.choice(_EVENTS)} {rng.choice(_PLACES)}第{place + 2}次{rng.choice(_EVENTS)}"
        rows.append(Row(f"/{tree}/{section}/story{time:%Y%m%d}-{number}", title, time))
        time -= timedelta(minutes=rng.randrange(12, 60))
    return rows


def known_of(*listed: list[Row], every: int = 2) -> Callable[[StoryAddress], Story | None]:
    """Return what an archive with some of the stories knows."""
    stories = {}
    for row in (row for rows in listed for row in rows[::every]):
        address = StoryAddress.parse(row.path)
        stories[address.number] = Story(address, row.title, row.time)
    return lambda address: stories.get(address.number)


HOT = [Row(row.path, row.title, row.time) for row in sorted(rows_of("singapore"), key=lambda row: row.path[-3:])[:10]]


def _page(section: str, inner: str, more: str = "") -> str:
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{section} | 联合早报</title></head><body>'
        f'<nav><a href="/realtime">即时</a> <a href="/news/{section}">全部</a></nav>\n{inner}\n{more}<footer>版权所有</footer></body></html>'
    )


def hashed(section: str, rows: list[Row], number: int) -> str:
    """Use class names that a build made, and times for machines."""
    cards = "".join(
        f'<div class="sc-a1b2 kQzTx{place % 3}"><a class="css-9f8e7d" href="{row.path}?ref=list-{place}"><img src="/i.jpg" alt=""></a>'
        f'<a class="css-1x2y3z" href="{row.path}?ref=list-{place}"><h3 class="sc-h3 fZq">{escape(row.title)}</h3></a>'
        f'<time class="css-tm" datetime="{row.time.isoformat()}">{row.ago}</time></div>'
        for place, row in enumerate(rows)
    )
    hot = "".join(
        f'<div class="sc-a1b2 kQ"><a class="css-1x2y3z" href="{row.path}"><h3 class="sc-h3">{row.title}</h3></a></div>'
        for row in HOT
    )
    return _page(
        section,
        f'<main><h1>{section}</h1><div class="css-list0">{cards}</div><aside class="css-side">{hot}</aside></main>',
        f'<a rel="next" href="?page={number + 1}">›</a>',
    )


def tables(section: str, rows: list[Row], number: int) -> str:
    """Nest tables without a class."""
    lines = "".join(
        f'<tr><td>{row.clock}</td><td><a href="{row.path}">{escape(row.title)}</a></td></tr>' for row in rows
    )
    hot = "".join(
        f'<tr><td>{place}</td><td><a href="{row.path}">{row.title}</a></td></tr>' for place, row in enumerate(HOT, 1)
    )
    pager = "".join(f'<a href="?p={one}">{one}</a> ' for one in range(1, 4) if one != number)
    return _page(
        section, f"<table><tr><td><table>{hot}</table></td><td><table>{lines}</table><p>{pager}</p></td></tr></table>"
    )


def blocks_as_links(section: str, rows: list[Row], number: int) -> str:
    """Make each box a link; its text is cut, its attribute whole."""
    links = "".join(
        f'<a class="item" href="https://www.zaobao.com.sg{row.path}" title="{escape(row.title)}"><span>{escape(row.title[:9])}…</span><em>{row.ago}</em></a>'
        for row in rows
    )
    hot = "".join(
        f'<a class="item" href="{row.path}" title="{row.title}"><span>{row.title[:9]}…</span></a>' for row in HOT
    )
    return _page(
        section,
        f'<div id="stream">{links}</div><div id="hot">{hot}</div><a class="more" href="/realtime/{section}/page/{number + 1}">更多</a>',
    )


def custom_elements(section: str, rows: list[Row], number: int) -> str:
    """Hold everything in attributes of elements that the site has made up."""
    cards = "".join(
        f'<zb-card to="{row.path}" headline="{escape(row.title)}" at="{row.time.timestamp():.0f}"></zb-card>'
        for row in rows
    )
    hot = "".join(
        f'<zb-card to="{row.path}" headline="{escape(row.title)}" at="{row.time.timestamp():.0f}"></zb-card>'
        for row in HOT
    )
    return _page(
        section,
        f'<zb-app><zb-feed section="{section}">{cards}</zb-feed><zb-rail>{hot}</zb-rail></zb-app>',
        f'<zb-more data-src="?offset={number * 20}"></zb-more>',
    )


def _records(rows: list[Row]) -> list[dict[str, object]]:
    return [
        {
            "id": int(row.path.rpartition("-")[2]),
            "headline": row.title,
            "permalink": row.path,
            "publishedAt": row.time.isoformat(),
            "category": {"name": "某版", "url": "/news"},
        }
        for row in rows
    ]


def script_data(section: str, rows: list[Row], number: int) -> str:
    """Render nothing; a script holds the list, and a hot list."""
    state = {
        "route": f"/realtime/{section}",
        "hot": {"items": _records(HOT)},
        "feed": {"name": section, "items": _records(rows), "next": f"/realtime/{section}?page={number + 1}"},
    }
    return _page(
        section, '<div id="app"></div>', f"<script>window.__STATE__ = {json.dumps(state, ensure_ascii=False)};</script>"
    )


def attribute_data(section: str, rows: list[Row], number: int) -> str:
    """Hold the list in an attribute."""
    state = escape(json.dumps({"hot": _records(HOT), "rows": _records(rows)}, ensure_ascii=False))
    return _page(section, f'<div id="app" data-props="{state}"></div>')


def pure_json(section: str, rows: list[Row], number: int) -> str:
    """Write the listing as JSON."""
    return json.dumps(
        {
            "ok": True,
            "data": {
                "popular": _records(HOT),
                "list": _records(rows),
                "nextUrl": f"/realtime/{section}?page={number + 1}",
            },
        },
        ensure_ascii=False,
    )


def definitions(section: str, rows: list[Row], number: int) -> str:
    """Put the time behind the box."""
    lines = "".join(
        f'<dt><a href="{row.path}" aria-label="{escape(row.title)}">阅读全文</a></dt><dd>{row.clock}</dd>'
        for row in rows
    )
    hot = "".join(f'<li><a href="{row.path}">{row.title}</a></li>' for row in HOT)
    return _page(section, f'<dl>{lines}</dl><ol>{hot}</ol><a href="/realtime/{section}?page={number + 1}">下一页</a>')


def loose_lines(section: str, rows: list[Row], number: int) -> str:
    """Write lines of text: a link, the time behind it."""
    lines = "".join(f'<a href="{row.path}">{escape(row.title)}</a> ({row.clock})<br>\n' for row in rows)
    hot = "".join(f'<a href="{row.path}">{row.title}</a><br>' for row in HOT)
    return _page(section, f'<div class="hot">{hot}</div><div class="body">{lines}</div>')


def mixed_words(section: str, rows: list[Row], number: int) -> str:
    """Put title and time into one element, and the entries into groups of a day."""
    groups: dict[str, str] = {}
    for row in rows:
        day = f"{row.time:%m月%d日}"
        groups[day] = (
            groups.get(day, "")
            + f'<li><a href="{row.path}">{escape(row.title)}<small>某版 · {row.ago}</small></a></li>'
        )
    inner = "".join(f"<section><h2>{day}</h2><ul>{lines}</ul></section>" for day, lines in groups.items())
    hot = "".join(f'<li><a href="{row.path}">{row.title}<small>热</small></a></li>' for row in HOT)
    return _page(section, f'<div class="hot"><ul>{hot}</ul></div><div class="days">{inner}</div>')


def two_forms(section: str, rows: list[Row], number: int) -> str:
    """Give each section a form of its own."""
    return (definitions if section == "china" else blocks_as_links)(section, rows, number)


def interleaved(section: str, rows: list[Row], number: int) -> str:
    """Put adverts and a box of hot stories among the entries, in the same markup."""
    lines = [
        f'<li class="c"><a href="{row.path}"><h3>{escape(row.title)}</h3></a><span>{row.ago}</span></li>'
        for row in rows
    ]
    hot = "".join(f'<a href="{row.path}">{row.title}</a>' for row in HOT[:4])
    lines.insert(10, f'<li class="c box"><h3>热门</h3>{hot}</li>')
    lines.insert(5, '<li class="c ad"><a href="https://ads.example/1">广告</a></li>')
    return _page(section, f"<ul>{''.join(lines)}</ul>")


def linked_data(section: str, rows: list[Row], number: int) -> str:
    """List in JSON-LD alone."""
    items = [
        {
            "position": place,
            "item": {"url": SITE + row.path, "headline": row.title, "datePublished": row.time.isoformat()},
        }
        for place, row in enumerate(rows)
    ]
    return _page(
        section,
        "<div id=x></div>",
        f'<script type="application/ld+json">{json.dumps({"itemListElement": items}, ensure_ascii=False)}</script>',
    )


def rows_that_lead(section: str, rows: list[Row], number: int) -> str:
    """Lead by an attribute, not by a link; count back in English."""
    words = {"分钟前": " minutes ago", "小时前": " hours ago", "天前": " days ago"}
    lines = "".join(
        f'<div class="row" data-href="{row.path}"><b>{escape(row.title)}</b><i>{re.sub("|".join(words), lambda found: words[found[0]], row.ago)}</i></div>'
        for row in rows
    )
    return _page(section, f'<div class="rows">{lines}</div>')


SHAPES = (
    hashed,
    tables,
    blocks_as_links,
    custom_elements,
    script_data,
    attribute_data,
    pure_json,
    definitions,
    loose_lines,
    mixed_words,
    interleaved,
    linked_data,
    rows_that_lead,
)
