"""Choose which stories of the past the archive lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from zbcrawler.archive.notes import OwedStory
from zbcrawler.archive.state import ListingRecord
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.outcomes import Outcome
from zbcrawler.common.times import SINGAPORE, start_of
from zbcrawler.discovery.absence import settle_noted
from zbcrawler.discovery.candidates import Candidate, DueRules
from zbcrawler.discovery.crawl import Crawl
from zbcrawler.discovery.past_source import PastScope, PastStory

# The listing that reports edits, in the run state.
_SITEMAPS = "sitemaps"
# site-layouts 1.1: the day of an address may be one beside that of the publication.
_A_DAY = timedelta(days=1)


class _Listed(NamedTuple):
    """A story in the scope; ``rank`` is the place of its section among those asked for."""

    address: StoryAddress
    rank: int
    changed: datetime | None


class MissingStories:
    """Choose what to fetch of the stories that a source of the past has.

    :ivar debts: owed stories, by number
    """

    def __init__(self, crawl: Crawl, scope: PastScope, owed_now: bool, recheck: bool) -> None:
        """Choose nothing yet.

        :param owed_now: whether all owed stories are due
        :param recheck: whether archived stories are fetched again if a sitemap says that they were edited later
        """
        self._crawl = crawl
        self._scope = scope
        self._ranks = {section: rank for rank, section in enumerate(scope.sections)}
        self._owed_now = owed_now
        self._recheck = recheck
        self._edited: dict[str, datetime] = {}  # by number, the edits that stories are fetched for
        self.debts: dict[str, OwedStory] = {}

    def read_debts(self) -> None:
        """Read which stories are owed.

        :raises OSError: if the notes cannot be read
        :raises PostError: if a note cannot be read
        """
        self.debts = self._crawl.owed.all()

    def in_scope(self, found: Iterable[PastStory]) -> list[_Listed]:
        """Return the stories in the scope, each once: by its address in the first of the sections."""
        listed: dict[str, _Listed] = {}
        for address, changed in found:
            rank = self._ranks.get(address.section)
            if rank is None or not self._scope.since <= address.day <= self._scope.until:
                continue
            if address.number not in listed or rank < listed[address.number].rank:
                listed[address.number] = _Listed(address, rank, changed)
        return list(listed.values())

    def choose(self, listed: Iterable[_Listed]) -> tuple[list[Candidate], Counter[str]]:
        """Return what to fetch, the oldest first, and how many stories of each section the archive has.

        All other stories are settled.

        :raises OSError: if the archive or its notes cannot be read
        :raises PostError: if a post or a note cannot be read
        """
        signals = self._crawl.signals
        due = DueRules(self._crawl, self.debts, self._owed_now)
        known: Counter[str] = Counter()
        wanted = []
        for address, rank, changed in listed:
            if self._is_of_the_future(address, changed):
                signals.settle(address.section, address.url, Outcome.SKIPPED, "dated in the future")
                continue
            post = self._crawl.archive.find(address)
            candidate = Candidate(address.section, rank, address, start_of(address.day), post)
            if self._recheck and post and changed and self._is_edited(address, post, changed):
                wanted.append(candidate)
                continue
            outcome, reason = due.fate(candidate) or (None, "")
            if outcome is None:
                wanted.append(candidate)
            elif outcome is Outcome.UNCHANGED:
                known[address.section] += 1
            elif outcome is Outcome.GONE:
                settle_noted(signals, address.section, address, reason)
            else:
                signals.settle(address.section, address, outcome, reason)
        return sorted(wanted, key=lambda story: story.address.age_order), known

    def remember_edit(self, address: StoryAddress | str, outcome: Outcome) -> None:
        """Note that an edit was fetched, so that the next run does not repeat that; receives ``story_settled``."""
        if not isinstance(address, StoryAddress):
            return
        changed = self._edited.pop(address.number, None)
        if changed and outcome is not Outcome.LEFT:
            record = ListingRecord(_SITEMAPS, "", changed)
            self._crawl.state.add_listing_record(address.number, record, self._crawl.clock.now())

    def _is_of_the_future(self, address: StoryAddress, changed: datetime | None) -> bool:
        # site-layouts 11: a few entries are. A later run fetches them.
        time = max(start_of(address.day) - _A_DAY, changed or datetime.min.replace(tzinfo=SINGAPORE))
        return time > self._crawl.clock.now()

    def _is_edited(self, address: StoryAddress, post: Path, changed: datetime) -> bool:
        """Return whether the sitemap shows an edit that the archive does not have, and no run has fetched."""
        last = self._crawl.state.listing_record(address.number, _SITEMAPS)
        if last and last.time and changed <= last.time:
            return False
        self._edited[address.number] = changed
        archived = self._crawl.archive.read(post)
        times = [time for time in (archived.date, archived.updated) if time]
        return changed - max(times) >= timedelta(minutes=1)
