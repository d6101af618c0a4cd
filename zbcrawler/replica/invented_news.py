"""A newsroom with a few stories that read like news, for people who look: the demo and the pictures of the docs."""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle
from pathlib import Path

from zbcrawler.common.times import SINGAPORE, Clock
from zbcrawler.replica.content import Content, Text
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.story import ReplicaStory

MOMENT = "2026-01-31T18:00:00+08:00"  # The texts name days of the week.
# What an editor changes later: part of a title (to find the story), and texts, each with what replaces it.
RETITLED = (
    "沿海5.8级地震",
    ("至少三人受伤", "伤者增至11人"),
    ("六支搜救队", "九支搜救队"),
    ("沿海公路有一段塌方，救援车辆须绕道。", "沿海公路的塌方已经清除，救援车辆可以通过。"),
)
CORRECTED = ("夜间渡轮", ("涨幅约70%", "涨幅约17%"))

_STORIES = Path(__file__).with_name("invented_news.txt")
_FIRST_NUMBER = 3_120_268
# Pages link these stories beside and below the news.
_BESIDE = ("渡轮上的最后一班岗", "三代人的茶山", "灯塔管理员的一天", "一张地图走遍东屿", "小镇书店的第十年", "候鸟来了")


class InventedNews(Newsroom):
    """Stories of two days; three more appear within 80 minutes after ``MOMENT``. No oddities of the site."""

    def __init__(self) -> None:
        super().__init__(seed=1, clock=Clock.parse(MOMENT), stories=0)
        self._outside = {section: [] for section in self.sections}
        for story, title in zip(self.decoys, cycle(_BESIDE), strict=False):
            story.title = title
        now = self.clock.now().astimezone(SINGAPORE)
        for place, written in enumerate(_STORIES.read_text("utf-8").split("\n\n")):
            head, title, *paragraphs = written.strip().split("\n")
            section, minutes = head.split()
            published = now - timedelta(minutes=int(minutes))
            content = Content(tuple(map(Text, paragraphs)))
            number = _FIRST_NUMBER - 9 * place + (2000 if int(minutes) < 0 else 0)
            self.add(section, number, published.date(), title, published, content=content)

    def titled(self, words: str) -> ReplicaStory:
        """Return the only story with these words in its title."""
        (story,) = [one for one in self.every() if words in one.title and one.listed]
        return story

    def change(self, words: str, *changes: tuple[str, str]) -> ReplicaStory:
        """Replace texts in the title and the paragraphs of the story with ``words`` in its title; return the story."""
        story = self.titled(words)
        for old, new in changes:
            blocks = story.content.blocks if story.content else ()
            texts = [one.text.replace(old, new) for one in blocks if isinstance(one, Text)]
            story.content = Content(tuple(map(Text, texts)), story.lead)
            story.title = story.title.replace(old, new)
        story.version += 1
        story.changed = self.clock.now()
        return story
