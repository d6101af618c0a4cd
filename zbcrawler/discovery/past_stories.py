"""Past stories: the base class of their sources, and the choice of those that the archive lacks."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from scrapy import Request
from scrapy.settings import BaseSettings

from zbcrawler.archive.run_state import ListingRecord
from zbcrawler.common.addresses import TREES, StoryAddress
from zbcrawler.common.errors import Outcome
from zbcrawler.common.times import start_of
from zbcrawler.discovery.candidates import Candidate, DueRules
from zbcrawler.discovery.crawl_context import Crawl

_EDITS = "sitemaps"  # the name of the run state's records of edits
A_DAY = timedelta(days=1)  # between the days of an address and of publication, at most (site-layouts 1.1)


class PastScope(NamedTuple):
    """What a backfill looks for: days of the stories' addresses, and paths of sections."""

    since: date
    until: date
    sections: tuple[str, ...]  # empty: all

    def holds(self, address: StoryAddress) -> bool:
        return self.since <= address.day <= self.until and (not self.sections or address.section in self.sections)

    def rank(self, address: StoryAddress) -> int:
        """Return the place of an address among those of its story, in the order of the sections, or of the trees."""
        order, name = self.sections or TREES, address.section if self.sections else address.section.partition("/")[0]
        return order.index(name) if name in order else len(order)


class PastStory(NamedTuple):
    """A story that a source has; ``changed``: its last change (aware), None if unknown."""

    address: StoryAddress
    changed: datetime | None = None


@dataclass
class PastSource:
    """List past stories part by part, the oldest first; pass each part to ``take``."""

    crawl: Crawl
    scope: PastScope
    take: Callable[[Sequence[PastStory]], list[StoryAddress]]  # takes the stories of a part, returns those to request
    settings: BaseSettings
    name: ClassVar[str]
    unit: ClassVar[str]  # what a part is, in the plural
    parts: deque[Any] = field(default_factory=deque)  # those not requested yet
    is_excused: bool = False  # finding no story of the scope is no problem, or was reported

    @property
    def delay(self) -> float:
        """The seconds between two requests for stories."""
        return self.settings.getfloat("DOWNLOAD_DELAY")

    def first_request(self) -> Request | None:
        """Return the request that finds the parts; None if the parts are known already."""
        return None

    def part_request(self, part: Any) -> Request:
        raise NotImplementedError

    def story_request(self, story: Candidate) -> Request | None:
        """Return the request for a story; None to request it from the site."""
        return None

    def end(self) -> None:
        self.parts.clear()
        self.is_excused = True

    def problem(self, what: str) -> None:
        self.is_excused = True
        self.crawl.signals.problem(self.name, what)

    def check_found(self, what: str) -> None:
        if not (self.parts or self.is_excused):
            self.problem(f"{what}; are the sections right, and was the site redesigned?")


@dataclass
class MissingStories:
    crawl: Crawl
    scope: PastScope
    due: DueRules
    recheck: bool  # archived stories are fetched again if a sitemap says that they were edited later
    _edited: dict[str, datetime] = field(default_factory=dict)  # times of edits to fetch, by key

    def in_scope(self, found: Iterable[PastStory]) -> list[PastStory]:
        """Return the stories in the scope, each once, under the address of the lowest rank."""
        listed: dict[str, PastStory] = {}
        inside = [story for story in found if self.scope.holds(story.address)]
        for story in sorted(inside, key=lambda story: self.scope.rank(story.address)):
            listed.setdefault(story.address.key_in(listed), story)
        return list(listed.values())

    def choose(self, listed: Iterable[PastStory]) -> tuple[list[Candidate], Counter[str]]:
        """Return what to fetch, oldest first, and how many stories of each section are archived; settle the others.

        :raises OSError, PostError: if the archive, a post or a note cannot be read
        """
        signals, now = self.crawl.signals, self.crawl.clock.now()
        known: Counter[str] = Counter()
        wanted = []
        for address, changed in listed:
            section = address.section or "/"  # an address at the root of the site
            # site-layouts 11: a few entries have a future date; a later run fetches them. Once their day has come, the
            # time of change is wrong.
            day = start_of(address.day)
            if day - A_DAY > now or (day > now and changed is not None and changed > now):
                signals.settle(section, address.url, Outcome.SKIPPED, "dated in the future")
                continue
            post = self.crawl.archive.find(address)
            candidate = Candidate(section, address, post)
            is_edited = self.recheck and post and changed and self._is_edited(address, post, changed)
            outcome, reason = (None if is_edited else self.due.outcome_without_fetch(candidate)) or (None, "")
            if outcome is None:
                wanted.append(candidate)
            elif outcome is Outcome.UNCHANGED:
                known[section] += 1
            else:
                signals.settle(section, address, outcome, reason)
        return sorted(wanted, key=lambda story: story.address.age_order), known

    def story_settled(self, address: StoryAddress | str, outcome: Outcome) -> None:
        """Note that an edit was fetched, so that the next run does not fetch it again."""
        if not isinstance(address, StoryAddress):
            return
        changed = self._edited.pop(address.key_in(self._edited), None)
        if changed and outcome is not Outcome.LEFT:
            record = ListingRecord(_EDITS, "", changed)
            self.crawl.state.add_listing_record(address, record, self.crawl.clock.now())

    def _is_edited(self, address: StoryAddress, post: Path, changed: datetime) -> bool:
        """Return whether the sitemap shows an edit that is not archived and was not fetched by an earlier run."""
        last = self.crawl.state.listing_record(address, _EDITS)
        # A time in the future was a mistake of the sitemap, and hides no later edit.
        if last and last.time and (changed == last.time or changed < last.time <= self.crawl.clock.now()):
            return False
        self._edited[address.key_in(self._edited)] = changed
        archived = self.crawl.archive.read(post)
        return changed - max(time for time in (archived.date, archived.updated) if time) >= timedelta(minutes=1)
