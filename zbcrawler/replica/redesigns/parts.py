"""What the redesigns share: times in many forms, the entries of a listing, links beside the news. No markup."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone

from zbcrawler.common.times import SINGAPORE
from zbcrawler.replica import chrome
from zbcrawler.replica.markup import attribute, page_text
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.paging import page_of
from zbcrawler.replica.story import Card, ReplicaStory

EDITORS = ("林若海", "陈望舒", "苏晚晴", "方知远", "何明湖")
ADVERTS = (
    "夏日优惠开跑，全岛门市八折。",
    "三步学会理财，讲座免费报名。",
    "本周家电特卖，送货上门。",
    "邮轮假期两人同行，一人免费。",
    "新车试驾预约，礼品送完为止。",
)
_MENU = (("首页", "/"), ("即时", "/realtime"), ("中国", "/news/china"), ("国际", "/news/world"), ("言论", "/forum"))
CUT = "本文为订户专享内容，请登录后继续阅读。"


def times(at: datetime) -> dict[str, str]:
    """Return a time in the forms that templates may use."""
    here, utc = at.astimezone(SINGAPORE), at.astimezone(timezone.utc)
    return {
        "utc": f"{utc:%Y-%m-%dT%H:%M:%SZ}",
        "local": here.isoformat(),
        "day_first": f"{here:%d/%m/%Y %H:%M}",
        "dashes": f"{here:%Y-%m-%d %H:%M}",
        "dashes_day_first": f"{here:%d-%m-%Y %H:%M}",
        "english": f"{here:%b} {here.day}, {here.year} {(here.hour - 1) % 12 + 1}:{here:%M %p}",
        "english_long": f"{here.day} {here:%B %Y}, {(here.hour - 1) % 12 + 1:02d}:{here:%M} {here:%p}",
        "chinese": f"{here.year}年{here.month}月{here.day}日 {here:%H:%M}",
        "date": f"{here.year}年{here.month}月{here.day}日",
        "short": f"{here:%m-%d %H:%M}",
        "clock": f"{here:%H:%M}",
        "seconds": str(int(at.timestamp())),
        "milliseconds": str(int(at.timestamp()) * 1000),
    }


def stamp(story: ReplicaStory, form: str) -> str:
    """Return a story's time in a template, or nothing if no page of the story holds a time."""
    return form.format(**times(story.published)) if story.expected_time else ""


def entries(newsroom: Newsroom, cards: Iterable[Card], form: str, when: str = "") -> str:
    """Return entries in a template with ``{href}``, ``{title}`` and ``{when}``.

    :param when: the template of the time, with ``{ago}`` or a key of :func:`times`
    """
    return "\n".join(
        form.format(
            href=attribute(card.href),
            title=page_text(card.title),
            label=attribute(card.title),
            when=when.format(ago=ago(newsroom, card), **times(card.published)) if card.dated else "",
        )
        for card in cards
    )


def ago(newsroom: Newsroom, card: Card) -> str:
    """Return the age of an entry in words."""
    minutes = int((newsroom.clock.now() - card.published).total_seconds()) // 60
    if minutes < 60:
        return f"{max(1, minutes)}分钟前"
    return f"{minutes // 60}小时前" if minutes < 1440 else f"{minutes // 1440}天前"


def page(newsroom: Newsroom, section: str, number: int, size: int) -> tuple[list[Card], bool]:
    """Return the entries of a listing's page (from 0), and whether another follows."""
    return page_of(newsroom.cards(section, "react"), number, size)


def hot(newsroom: Newsroom, count: int = 6) -> list[Card]:
    """Return the entries of the hot list, the same beside every section: stories of all of them, and others."""
    listed = [
        Card(one.path, one.title, one.published) for name in newsroom.sections for one in newsroom.listed(name)[2:4]
    ]
    return [*listed, *beside(newsroom, None, count, shift=1)][: count + len(newsroom.sections)]


def beside(newsroom: Newsroom, story: ReplicaStory | None, count: int, shift: int = 0) -> list[Card]:
    """Return entries of stories that no listing shows, for a box of a page."""
    return [Card(one.path, one.title, one.published) for one in chrome.decoys(newsroom, story, count, shift)]


def menu(form: str) -> str:
    """Return the navigation's links in a template with ``{href}`` and ``{title}``."""
    return "".join(form.format(href=href, title=title) for title, href in _MENU)


def advert(story: ReplicaStory, shift: int = 0) -> str:
    """Return the words of an advert, which change from story to story."""
    return ADVERTS[(story.number_value + shift) % len(ADVERTS)]


def editor(story: ReplicaStory) -> str:
    """Return the name of the story's editor."""
    return EDITORS[story.number_value % len(EDITORS)]


def cut(story: ReplicaStory, form: str) -> str:
    """Return the words under a text that the paywall cuts, in a template with ``{words}``."""
    return form.format(words=CUT) if story.cut else ""


def among(pieces: list[str], *extra: tuple[int, str]) -> list[str]:
    """Return pieces with further ones, each after so many of the pieces if there are so many."""
    found = list(pieces)
    for after, piece in sorted(extra, reverse=True):
        if after <= len(pieces):
            found.insert(after, piece)
    return found
