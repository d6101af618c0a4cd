"""The editions in code, as the tests read pages with them."""

from __future__ import annotations

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.editions import EDITIONS, Editions, Page
from zbcrawler.items import Story

_IN_CODE = Editions()
edition_of, read_listing, read_story = _IN_CODE.edition_of, _IN_CODE.read_listing, _IN_CODE.read_story
ADDRESS = StoryAddress.parse("/realtime/china/story20260131-1")
HALF_OF = {edition.name: edition.half for edition in EDITIONS}


def story_on(page: Page) -> Story:
    """Return the story on a page, whatever its address."""
    return edition_of(page).story(page, StoryAddress.parse(page.address) or ADDRESS)
