"""The newsroom: all stories of the replica, the sections that list them, and their changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import cycle
from pathlib import Path

from zbcrawler.common.times import SINGAPORE, Clock
from zbcrawler.replica import cases, text
from zbcrawler.replica.bodies import read_bodies
from zbcrawler.replica.cases import Case
from zbcrawler.replica.composer import compose
from zbcrawler.replica.content import Content
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.markup import page_text
from zbcrawler.replica.pictures import Picture
from zbcrawler.replica.story import Card, Repetition, ReplicaStory

SECTIONS = ("china", "world", "singapore")
_MINUTES_APART = 24  # 60 stories a day and section (site-layouts 1.2)
_DECOYS = 18
_DECOY_TREES = ("realtime/{}", "news/{}", "entertainment", "forum/views", "news")
_STORY_PATH = re.compile(r"^(?:/[\w.-]+)+/(story\d{8}-\d+)$", re.ASCII)

# site-layouts 1.1: the number series jumped in March 2024. Here the newer half of the stories has new numbers.
_OLD_SERIES, _NEW_SERIES = 1_430_000, 3_119_512


class Newsroom:
    """All stories of the replica.

    :ivar cases: the odd stories by the name of their oddity (see ``cases.py``). A small newsroom has only the
        first of them, one with ``bodies`` only those that need no body of their own
    :ivar decoys: stories that sidebars link and no listing shows
    """

    def __init__(
        self,
        seed: int,
        clock: Clock,
        sections: Sequence[str] = SECTIONS,
        stories: int = 300,
        bodies: Path | None = None,
    ) -> None:
        """Fill the newsroom.

        :param seed: the same seed and time give the same stories, to the byte
        :param clock: the newsroom's time; all stories are older
        :param sections: last part of the listings' paths, e.g. ``china``
        :param stories: number of stories of all sections together, with the odd ones
        :param bodies: a folder of real posts and feed items, whose bodies are served instead of invented ones
        :raises ValueError: if there is no section, or the folder holds no body
        """
        if not sections:
            raise ValueError("sections: none given")
        self.seed = seed
        self.clock = clock
        self.sections = tuple(sections)
        self.cases: dict[str, ReplicaStory] = {}
        self.decoys: list[ReplicaStory] = []
        self._stories: dict[str, ReplicaStory] = {}
        self._outside: dict[str, list[Card]] = {section: [] for section in self.sections}
        self._bodies: Iterator[str] | None = cycle(read_bodies(bodies)) if bodies else None
        self._count = 0
        self._total = stories + _DECOYS
        self._opening(stories)

    def publish(self, section: str, count: int = 1) -> list[ReplicaStory]:
        """Publish new ordinary stories now, in the clock's minute."""
        return [self._make(section, Case("ordinary"), self._this_minute()) for _ in range(count)]

    def retitle(self, story: ReplicaStory) -> None:
        """Give a story another title and a longer body, but the same time. The site does so after midnight."""
        rng = text.generator(self.seed, f"retitle/{story.number}/{story.version}")
        old = story.title
        while story.title == old:
            story.title = text.headline(rng)
        if story.mainland_title:
            story.mainland_title = self._second_headline(story)
        self._extend(story, [text.paragraph(rng), text.paragraph(rng)])

    def edit(self, story: ReplicaStory) -> None:
        """Give a story one more paragraph."""
        rng = text.generator(self.seed, f"edit/{story.number}/{story.version}")
        self._extend(story, [text.paragraph(rng)])

    def shorten(self, story: ReplicaStory) -> None:
        """Take the second half of an invented text away, as an editor does: no page has a mark of the paywall."""
        if story.content is None or len(story.content.blocks) < 2:
            raise ValueError(f"{story.path}: has no invented text of several blocks")
        blocks = story.content.blocks
        story.content = replace(story.content, blocks=blocks[: len(blocks) // 2])
        story.version += 1
        story.changed = self.clock.now()

    def lock(self, story: ReplicaStory) -> None:
        """Put a story behind the paywall. Its pages show the first third, and the mark of their era."""
        story.locked = True
        story.version += 1

    def unlock(self, story: ReplicaStory) -> None:
        """Show a story's whole text again."""
        story.locked = False
        story.version += 1

    def withdraw(self, story: ReplicaStory, status: int = 404, listed: bool = True) -> None:
        """Remove a story's page.

        :param status: the answer of its address from now on
        :param listed: whether listings still show it
        """
        story.fault = Fault(status=status)
        story.listed = listed
        story.version += 1

    def add(
        self,
        section: str,
        number: int | str,
        day: date,
        title: str,
        published: datetime,
        raw_body: str | None = None,
        lead: Sequence[Picture] | None = None,
        content: Content | None = None,
    ) -> ReplicaStory:
        """Add one given story.

        :param day: the day in its address
        :param published: aware; listings show the story once the clock has reached this time
        :param raw_body: inner HTML of the body, served unchanged; give this or ``content``
        :param lead: lead pictures beside ``raw_body``
        """
        path = f"/realtime/{section}/story{day:%Y%m%d}-{number}"
        return self._keep(
            ReplicaStory(
                str(number),
                section,
                path,
                title,
                published.astimezone(SINGAPORE),
                content,
                raw_body,
                tuple(lead or ()),
            )
        )

    def listed(self, section: str) -> list[ReplicaStory]:
        """Return the section's own stories that are listed now, newest first."""
        now = self.clock.now()
        found = [one for one in self.every() if one.listed and one.section == section and one.published <= now]
        return sorted(found, key=lambda one: one.published, reverse=True)

    def cards(self, section: str, edition: str = "react") -> list[Card]:
        """Return all entries of an edition's listing now, newest first: stories, repetitions, other links."""
        now = self.clock.now()
        found = [card for story in self.every() for card in story.cards(section, edition)]
        found += self._outside.get(section, [])
        return sorted((one for one in found if one.published <= now), key=lambda one: one.published, reverse=True)

    def expected(self) -> list[ReplicaStory]:
        """Return the stories that a correct crawl of all sections archives now."""
        return [one for section in self.sections for one in self.listed(section) if one.archivable]

    def every(self) -> list[ReplicaStory]:
        """Return all stories, also unlisted ones and those of the future."""
        return list(self._stories.values())

    def find(self, path: str) -> ReplicaStory | None:
        """Return the story at a path. Only day and number count; the section may differ."""
        found = _STORY_PATH.match(path)
        return self._stories.get(found[1]) if found else None

    def find_number(self, number: str) -> ReplicaStory | None:
        """Return the story with a number, the first if several share it."""
        return next((story for story in self.every() if story.number == number), None)

    def _opening(self, stories: int) -> None:
        newest = self._this_minute() - timedelta(minutes=3)
        odd = cases.WITHOUT_BODIES if self._bodies else cases.ALL
        per_section = len(self.sections)
        plans: list[tuple[str, Case, datetime]] = []
        for index, section in enumerate(self.sections):
            share = stories // per_section + (index < stories % per_section)
            queue = list(odd[index::per_section])
            for place in range(share):
                case = queue.pop(0) if place % 2 and queue else Case("ordinary")
                wobble = text.generator(self.seed, f"time/{section}/{place}").randrange(_MINUTES_APART)
                plans.append((section, case, newest - timedelta(minutes=place * _MINUTES_APART + wobble) - case.age))
            self._outside[section] = list(cases.outside_links(section, newest))
        for place in range(_DECOYS):
            section = self.sections[place % per_section]
            plans.append((section, Case("decoy"), newest - timedelta(hours=2 * place + 1)))
        for section, case, published in sorted(plans, key=lambda plan: plan[2]):
            self._make(section, case, published)
        # Only the sitemap shows it (site-layouts 11: a few entries are dated in the future).
        self._make(self.sections[0], Case("scheduled"), self._this_minute() + timedelta(days=1)).listed = False
        # A node link redirects to a decoy. A crawler must not follow it.
        for decoy, section in zip(self.decoys, self.sections, strict=False):
            self._outside[section].append(Card(f"/node/{decoy.number}", decoy.title, newest - timedelta(minutes=95)))

    def _make(self, section: str, case: Case, published: datetime) -> ReplicaStory:
        number = self._next_number()
        rng = text.generator(self.seed, f"story/{self._count}")
        decoy = case.name == "decoy"
        tree = _DECOY_TREES[len(self.decoys) % len(_DECOY_TREES)] if decoy else case.tree
        day = published.astimezone(SINGAPORE) + timedelta(days=case.day_offset)
        path = f"/{tree.format(section)}/story{day:%Y%m%d}-{number}"
        story = ReplicaStory(
            number,
            section,
            path,
            case.title or text.headline(rng),
            published,
            traits=case.traits,
            fault=case.fault,
        )
        if self._bodies and not case.content:
            story.raw_body = next(self._bodies)
        else:
            story.content = (case.content or compose)(rng)
        if case.traits.two_headlines or (
            # Every edition shows the odd title.
            case.traits.two_headlines is None and not case.title and not decoy and story.number_value % 37 == 0
        ):
            story.mainland_title = self._second_headline(story)
        story.repetitions = self._repetitions(story, case)
        if decoy:
            story.listed = False
            self.decoys.append(story)
        elif case.name not in {"ordinary", "scheduled"}:
            self.cases[case.name] = story
        return self._keep(story)

    def _second_headline(self, story: ReplicaStory) -> str:
        rng = text.generator(self.seed, f"mainland/{story.number}/{story.version}")
        return next(title for title in iter(lambda: text.headline(rng), None) if title != story.title)

    def _repetitions(self, story: ReplicaStory, case: Case) -> tuple[Repetition, ...]:
        other = self.sections[(self.sections.index(story.section) + 1) % len(self.sections)]
        one: dict[str | None, Callable[[], Repetition]] = {
            "section": lambda: Repetition(other, story.path.replace(story.section, other, 1)),
            "ref": lambda: Repetition(story.section, story.path + "?ref=today-news-section-card-1"),
            "title": lambda: Repetition(story.section, story.path, "更新：" + story.title[:20]),
        }
        return (one[case.again](),) if case.again else ()

    def _keep(self, story: ReplicaStory) -> ReplicaStory:
        self._stories[story.path.rpartition("/")[2]] = story
        return story

    def _extend(self, story: ReplicaStory, paragraphs: list[str]) -> None:
        if story.content:
            story.content = story.content.grown(paragraphs, at=1)
        else:
            story.raw_body = (story.raw_body or "") + "".join(f"\n<p>{page_text(one)}</p>" for one in paragraphs)
        story.version += 1
        story.changed = self.clock.now()

    def _next_number(self) -> str:
        index, self._count = self._count, self._count + 1
        start = _OLD_SERIES if index < self._total // 2 else _NEW_SERIES
        # Numbers grow with time, but not strictly: they are shuffled in groups of four.
        return str(start + (index ^ 3) * 9 + text.generator(self.seed, f"number/{index}").randrange(9))

    def _this_minute(self) -> datetime:
        return self.clock.now().astimezone(SINGAPORE).replace(second=0, microsecond=0)
