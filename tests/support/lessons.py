"""Learn a build of the replica from archived stories without a crawl, and read stories that taught nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from scrapy.exceptions import DropItem
from scrapy.utils.test import get_crawler

from support.crawling import MOMENT
from support.redesigned import RARE, difference, publish, without_alt
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PageError
from zbcrawler.common.times import Clock
from zbcrawler.editions import Edition, Page
from zbcrawler.editions.learning.stories import Learnt, Lesson, choose, learn_stories
from zbcrawler.editions.learnt import LearntEdition
from zbcrawler.items import Story
from zbcrawler.pipelines.prepare_story import PrepareStoryPipeline
from zbcrawler.replica import Newsroom, ReplicaStory
from zbcrawler.replica.composer import compose
from zbcrawler.replica.redesigns import REDESIGNS
from zbcrawler.replica.site import Site


class Reading(NamedTuple):
    """What a learnt edition made of a build.

    :ivar wrong: what is wrong in stories that taught nothing, as ``PATH: text: -should +is``
    :ivar refused: how many of these the edition or a pipeline refused, which is no fault
    """

    learnt: Learnt
    read: int
    refused: int
    wrong: list[str]


def learn_and_read(before: str, after: str, stories: int = 150, most: int = 40) -> Reading:
    """Learn a build's story pages, and read all other stories with what was learnt.

    :param before: the edition whose posts teach
    :param after: a redesign or an edition
    """
    newsroom = Newsroom(7, Clock(MOMENT), stories=stories)
    site = Site(newsroom, before)
    archived = [_archived(story, before, site.expected_lines(story)) for story in newsroom.expected()]
    if after in REDESIGNS:
        site.redesigned = after
    else:
        site.edition = after
    newsroom.clock = Clock(MOMENT + timedelta(hours=1))
    new = [*publish(newsroom, [compose] * 30 + list(RARE))]
    chosen = choose(archived, most)
    learnt = learn_stories([Lesson(_page(site, one.address.path), one) for one in chosen])
    if not learnt.declaration:
        return Reading(learnt, 0, 0, [])
    edition = LearntEdition({"name": "learnt", "story": learnt.declaration})
    taught = {one.address.path for one in chosen}
    others = [*new, *(one for one in newsroom.expected() if one.path not in taught)]
    outcomes = [_faults(edition, site, story, "react" if after in REDESIGNS else after) for story in others]
    wrong = [fault for faults in outcomes for fault in faults or ()]
    return Reading(learnt, sum(faults is not None for faults in outcomes), outcomes.count(None), wrong)


def _archived(story: ReplicaStory, edition: str, lines: list[str]) -> Story:
    address = StoryAddress.parse(story.path)
    return Story(address, story.expected_title_in(edition), story.expected_time, body=lines, edition=edition)


def _page(site: Site, path: str) -> Page:
    return Page(f"https://www.zaobao.com{path}", site.answer(path).body.decode())


def _faults(edition: Edition, site: Site, story: ReplicaStory, name: str) -> list[str] | None:
    """Return what is wrong in a story that an edition read; None if it was refused."""
    page = _page(site, story.path)
    crawler = get_crawler(settings_dict={"CLOCK": site.newsroom.clock.now().isoformat()})
    try:
        if not edition.replaces(page, None):
            return None
        read = edition.story(page, StoryAddress.parse(story.path))
        read = PrepareStoryPipeline.from_crawler(crawler).process_item(read)
    except (PageError, DropItem):
        return None
    return list(_differences(read, story, name, site.expected_lines(story)))


def _differences(read: Story, story: ReplicaStory, name: str, lines: list[str]) -> Iterator[str]:
    for what, is_, should in (
        ("title", [read.title], [story.expected_title_in(name)]),
        ("time", [str(read.published)], [str(story.expected_time)]),
        ("text", without_alt(read.body), without_alt(lines)),
    ):
        if is_ != should:
            yield f"{story.path}: {what}: {difference(should, is_)}"
