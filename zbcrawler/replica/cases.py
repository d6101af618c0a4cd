"""The oddities of the real site, one story each (site-layouts, sections 3, 4, 9 and 10)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from zbcrawler.replica import oddities as bodies
from zbcrawler.replica.content import Content
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.story import Card, TimeSource, Traits

NO_TIMES: frozenset[TimeSource] = frozenset()


@dataclass(frozen=True)
class Case:
    """One oddity.

    :ivar name: its key in ``Newsroom.cases``
    :ivar content: makes the body; None for an ordinary body
    :ivar title: None for an ordinary title
    :ivar fault: what the address answers
    :ivar tree: the story's folder on the site, ``{}`` for the section
    :ivar day_offset: days between publication and the day in the address
    :ivar age: difference from the age of its neighbours
    :ivar again: where a second entry stands: in the next section, behind a ``ref=`` link, or under another title
    """

    name: str
    content: Callable[[random.Random], Content] | None = None
    title: str | None = None
    traits: Traits = field(default_factory=Traits)
    fault: Fault | None = None
    tree: str = "realtime/{}"
    day_offset: int = 0
    age: timedelta = timedelta()
    again: Literal["section", "ref", "title"] | None = None


TRANSPORT = (
    Case("gone_404", fault=Fault(status=404)),
    Case("gone_410", fault=Fault(status=410)),
    Case("audio_brief", fault=Fault(status=302, headers={"Location": "/specials/the-audio-brief/20250222"})),
    Case("busy_503", fault=Fault(status=503, times=1)),
    Case("busy_429", fault=Fault(status=429, times=1, headers={"Retry-After": "1"})),
    Case("two_sections", again="section"),
    Case("ref_link", again="ref"),
    Case("two_titles", again="title"),
    Case("news_tree", tree="news/{}"),
    Case("day_off", day_offset=1),
    Case("undated_card", traits=Traits(dated=False)),
    Case("days_ago", age=timedelta(days=3)),
    Case("weeks_ago", age=timedelta(days=16)),
    Case("last_year", age=timedelta(days=400)),
)

TIMES = (
    Case("time_created", traits=Traits(times=frozenset(("created",)))),
    Case("time_jsonld_month_first", traits=Traits(times=frozenset(("jsonld",)), month_first=True)),
    Case("time_jsonld_iso", traits=Traits(times=frozenset(("jsonld",)), month_first=False)),
    Case("time_byline", traits=Traits(times=frozenset(("byline",)))),
    Case("time_postdate", traits=Traits(times=frozenset(("postdate",)))),
    Case("time_pubdate", traits=Traits(times=frozenset(("pubdate", "postdate")))),
    Case("time_none", traits=Traits(times=NO_TIMES)),
)

TITLES = (
    Case("title_markup", title='"{{ site.time }}" --- #[甲](乙)* <b>粗</b> {% raw'),
    Case("title_backslash", title="路径 C:\\new\\title | `码` _斜_ ~删~ &amp; 完"),
    Case("title_blanks", title="分析：雨水花园扩建  料带动渡轮客流"),
    Case("title_emoji", title="东屿市一家三口👨‍👩‍👧获救 消防员：辛苦了🚒"),
)

PAGES = (
    Case("promotion_normal", bodies.paragraphs_of(5), traits=Traits(promotion="normal")),
    Case("promotion_empty", bodies.paragraphs_of(5), traits=Traits(promotion="empty")),
    Case("promotion_absent", bodies.paragraphs_of(5), traits=Traits(promotion="absent")),
    Case("control_characters", bodies.paragraphs_of(4), traits=Traits(control_characters=True)),
    Case("no_hydration", bodies.everyday, traits=Traits(hydration=False, control_characters=True)),
    Case("no_hydration_lead", bodies.silent_lead, traits=Traits(hydration=False)),
    Case(
        "no_hydration_no_jsonld_time",
        bodies.paragraphs_of(8),
        traits=Traits(hydration=False, times=frozenset(("pubdate", "byline"))),
    ),
    Case("old_markup", bodies.lazy_pictures, traits=Traits(old_markup=True)),
)

BODIES = tuple(Case(name, make) for name, make in bodies.MAKERS.items())

# These come last, so that the others keep their places in a small newsroom.
ERAS = (
    Case("two_headlines", traits=Traits(two_headlines=True)),
    Case("rerendered", bodies.everyday, traits=Traits(rerendered=True)),
    Case("no_section", tree="news"),
)

ALL = (*TRANSPORT, *TIMES, *TITLES, *PAGES, *BODIES, *ERAS)
# The cases that remain when the user gives the bodies.
WITHOUT_BODIES = tuple(case for case in ALL if case.content is None)


def outside_links(section: str, newest: datetime) -> Iterator[Card]:
    """Yield entries of a section's listing whose address is not a story's. ``newest`` is the time of the youngest."""
    links = (
        ("https://interactive.zaobao.com/2025/invented-harbour/", "互动新闻：海港的一天"),
        (f"/videos/news/{section}-harbour-8801", "【视频】夜渡三分钟"),
        (f"/podcast/{section}-morning/8802", "播客：早安东屿"),
        (f"/specials/the-audio-brief/{newest:%Y%m%d}", "早报声音简报"),
    )
    for place, (href, title) in enumerate(links):
        yield Card(href, title, newest - timedelta(minutes=20 + 70 * place))
