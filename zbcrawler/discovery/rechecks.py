"""Choose the archived stories whose pages a run fetches again because they may have been edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from zbcrawler.archive.run_state import PageRecord
from zbcrawler.common.addresses import StoryAddress, section_path
from zbcrawler.common.errors import PostError
from zbcrawler.common.outcomes import Outcome
from zbcrawler.common.times import SINGAPORE
from zbcrawler.discovery.crawl_context import Crawl
from zbcrawler.discovery.due_times import look_due, published_at, retry_is_due

# The most rechecks of a run, five minutes at the site's pace. More are due only if the run state was lost, or no run
# was made for days; they are spread over the next runs. A run of each quarter of an hour has some 40 to 70.
_AT_ONCE = 300


@dataclass
class Rechecks:
    """Choose the archived stories of a run's sections that are due to be fetched again.

    The run state says when pages were fetched, so that a run need not read posts. Only the posts of stories that the
    state does not know are read, once.
    """

    crawl: Crawl
    sections: tuple[str, ...]
    window: timedelta | None  # stories of this age or younger may have been edited; None: never
    growth: float  # see look_due

    def __post_init__(self) -> None:
        self._names = {section_path(name): name for name in self.sections}

    def choose(self, listed: Mapping[str, str]) -> list[tuple[StoryAddress, str, bool]]:
        """Return what is due, with its section, and whether it is looked at for the last time, longest due first.

        :param listed: the sections of stories that listings show or that are chosen already, by key
        :raises OSError: if the archive or the run state cannot be read
        """
        if self.window is None:
            return []
        state, now = self.crawl.state, self.crawl.clock.now()
        due: list[tuple[datetime, str, StoryAddress, str, bool]] = []
        for key, page in {**state.page_records(), **self._unknown(listed, self.window, now)}.items():
            since = look_due(page.published, page.time, now, self.window, self.growth) if page.published else None
            address = StoryAddress.parse(urlsplit(page.url).path) if since else None  # whichever host answered
            if since is None or address is None or not retry_is_due(state.retry(address).due, now):
                continue
            if section := listed.get(address.key_in(listed)) or self._names.get(address.section):
                is_last = page.published is not None and now >= page.published + self.window
                due.append((since, key, address, section, is_last))
        due.sort(key=lambda one: one[:2])
        return [one[2:] for one in (due[:_AT_ONCE] if self.growth else due)]

    def _unknown(self, listed: Mapping[str, str], window: timedelta, now: datetime) -> dict[str, PageRecord]:
        """Return records of posts that the run state does not know, and note them for later runs.

        Such a post was imported or came from another clone, or the run state was lost.
        """
        state, archive = self.crawl.state, self.crawl.archive
        found, known = {}, state.page_records()
        first, last = ((now - age).astimezone(SINGAPORE).date() for age in (window, timedelta()))
        for path in archive.posts_between(first - timedelta(days=1), last + timedelta(days=1)):
            page = known.get(path.stem) or known.get(path.stem[len("2026-01-31-") :])  # see StoryAddress.key_in
            if (page and page.published) or (address := archive.address_in(path)) is None:
                continue
            key = address.key_in(known)
            page = known.get(key)
            if page and page.published:
                continue
            try:
                story = archive.read(path)
            except PostError as error:
                if (section := self._names.get(address.section)) and address.key_in(listed) not in listed:
                    self.crawl.signals.settle(section, address, Outcome.FAILED, str(error))
                continue
            published = published_at(story.published, address.day, now)
            page = page or PageRecord(address.url, "", "", published)
            found[key] = page._replace(published=min(published, page.time))
            state.add_page_record(address, found[key])
        return found
