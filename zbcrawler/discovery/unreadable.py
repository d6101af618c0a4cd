"""Notice pages that no edition reads, and decide whether to learn them, by ``discovery.learning``."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scrapy.http import Response

from zbcrawler.archive.story_versions import missing_field
from zbcrawler.common.errors import PageError
from zbcrawler.discovery.crawl_context import Crawl
from zbcrawler.editions import Page
from zbcrawler.editions.listing_end import ways_of
from zbcrawler.items import Story

LISTING, STORY = "listing", "story"
UNREAD_STORIES = "no story page can be read"  # a fact of the run state: why, for people
_LARGEST = 2_000_000  # bytes of a page that is worth learning
_SAMPLE = 100  # hashes that stand for a page's skeleton
_TRY = "last try to learn a {}"  # a fact of the run state
_PAUSE = timedelta(days=1)
_TRIES = 3  # to learn, in that time, if the page changes


@dataclass
class UnreadablePages:
    """The pages of a run that no edition could read, and how many there were."""

    limit: float  # the share of story pages that may be unreadable (``MISSING_LIMIT``)
    listings: dict[str, Page] = field(default_factory=dict)  # the first one of each section
    story: Page | None = None  # the last one
    stories: int = 0  # unreadable ones; those without a title, text or time are among them
    pages: int = 0  # of stories, readable ones included
    odd: int = 2  # up to so many unreadable ones may be unusual stories
    is_over: bool = False  # the run must send no more requests, not even to learn

    def page_unreadable(self, response: Response, section: str) -> None:
        if not section:
            self._add_story(response, is_readable=False)
        elif page := small_page(response):
            self.listings.setdefault(section, page)

    def item_scraped(self, item: Story, response: Response) -> None:
        self._add_story(response, is_readable=item.published is not None)

    def item_dropped(self, item: Story, response: Response) -> None:
        self._add_story(response, is_readable=missing_field(item) is None)

    def requests_must_end(self, by_pages: bool) -> None:
        self.is_over |= not by_pages

    def _add_story(self, response: Response, is_readable: bool) -> None:
        self.pages += 1
        if not is_readable and (page := small_page(response)):
            self.story = page
            self.stories += 1

    @property
    def kinds(self) -> dict[str, Page]:
        """A page of each kind that must be learnt."""
        first = next(iter(self.listings.values()), None)
        kinds = {LISTING: first} if first else {}
        if self.story and self.stories > max(self.odd, self.limit * self.pages):
            kinds[STORY] = self.story
        return kinds


def small_page(response: Response) -> Page | None:
    """Return the page of a response; None if it is no page, or too large to learn from."""
    with suppress(PageError):
        return Page.of(response) if len(response.body) <= _LARGEST else None
    return None


def is_due(crawl: Crawl, kind: str, page: Page) -> bool:
    """Whether no try of the last day to learn was about such a page; note this try."""
    now, state, fact, tries = crawl.clock.now(), crawl.state, _TRY.format(kind), 0
    try:
        sample = _skeleton(page)
    except PageError:
        return False
    with suppress(ValueError, KeyError, TypeError):  # of another version, or damaged
        last = json.loads(state.fact(fact))
        if abs(now - datetime.fromisoformat(last["at"])) < _PAUSE:
            tries = last["tries"]
            both = sorted({*sample, *last["skeleton"]})[:_SAMPLE]
            is_alike = 2 * sum(way in sample and way in last["skeleton"] for way in both) >= len(both)
            if tries >= _TRIES or is_alike:
                return False
    state.note_fact(fact, json.dumps({"at": now.isoformat(), "tries": tries + 1, "skeleton": sample}))
    return True


def forget_page(crawl: Crawl, kind: str) -> None:
    """Forget what was learnt from: if nobody reads such pages later, the edition is lost, and is to be learnt again."""
    with suppress(ValueError, TypeError):
        last = json.loads(crawl.state.fact(_TRY.format(kind)))
        crawl.state.note_fact(_TRY.format(kind), json.dumps(last | {"skeleton": []}))


def _skeleton(page: Page) -> list[int]:
    """Return the smallest hashes of a page's ways; raise PageTooHardError."""
    return sorted(ways_of(page))[:_SAMPLE]
