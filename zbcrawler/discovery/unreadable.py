"""Notice pages that no edition reads; what then follows, ``discovery.learning``, is imported only in such a run."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from scrapy import signals
from scrapy.http import Response

from zbcrawler.archive.story_versions import missing_field
from zbcrawler.common.errors import PageError
from zbcrawler.editions import Page
from zbcrawler.items import Story
from zbcrawler.signals import page_unreadable, receives, requests_must_end

LISTING, STORY = "listing", "story"
_ODD = 2  # up to so many unreadable story pages may be unusual stories
_LARGEST = 2_000_000  # bytes of a page that is worth learning


@dataclass
class UnreadablePages:
    """The pages of a run that no edition could read, and how many there were."""

    limit: float  # the share of story pages that may be unreadable (``MISSING_LIMIT``)
    listings: dict[str, Page] = field(default_factory=dict)  # the first one of each section
    story: Page | None = None  # the last one
    stories: int = 0  # unreadable ones; those without a title, text or time are among them
    pages: int = 0  # of stories, readable ones included
    is_over: bool = False  # the run must send no more requests, not even to learn

    @receives(page_unreadable)
    def page_unreadable(self, response: Response, section: str) -> None:
        if not section:
            self._add_story(response, is_readable=False)
        elif page := small_page(response):
            self.listings.setdefault(section, page)

    @receives(signals.item_scraped)
    def item_scraped(self, item: Story, response: Response) -> None:
        self._add_story(response, is_readable=item.published is not None)

    @receives(signals.item_dropped)
    def item_dropped(self, item: Story, response: Response) -> None:
        self._add_story(response, is_readable=missing_field(item) is None)

    @receives(requests_must_end)
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
        if self.story and self.stories > max(_ODD, self.limit * self.pages):
            kinds[STORY] = self.story
        return kinds


def small_page(response: Response) -> Page | None:
    """Return the page of a response; None if it is no page, or too large to learn from."""
    with suppress(PageError):
        return Page.of(response) if len(response.body) <= _LARGEST else None
    return None
