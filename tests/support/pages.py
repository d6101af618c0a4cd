"""Fixtures: a saved page, and the post that the project must make of it.

A case is two files: ``tests/fixtures/EDITION/CASE.html`` and ``CASE.md``. The page's first line holds
its address and the time of its download::

    <!-- https://www.zaobao.com/realtime/china/story20210610-1154260 2021-06-10T09:00:00+08:00 -->

A listing is ``tests/listings/EDITION/CASE.html``, with its entries in ``CASE.json``. The text is invented.
``python tests/regenerate.py`` writes the expected files again and shows the changes.
"""

from __future__ import annotations

import io
from pathlib import Path

from scrapy.utils.test import get_crawler

from support.editions import read_listing, story_on
from zbcrawler.common.times import Clock
from zbcrawler.editions import Page
from zbcrawler.exporters import PostExporter
from zbcrawler.pipelines.prepare_story import PrepareStoryPipeline
from zbcrawler.tools.saved_pages import entries_of, read_saved

FIXTURES = Path(__file__).parents[1] / "fixtures"
LISTINGS = Path(__file__).parents[1] / "listings"


def cases() -> list[Path]:
    """Return all saved pages."""
    return sorted(FIXTURES.glob("*/*.html"))


def listings() -> list[Path]:
    """Return all saved listings. The entries of each are in the ``.json`` file beside it."""
    return sorted(LISTINGS.glob("*/*.html"))


def entries_in(case: Path) -> str:
    """Return the entries of a saved listing, in the form of its ``.json`` file."""
    kept = read_saved(case.read_bytes().decode("utf-8"))
    listing = read_listing(Page(kept.address, kept.text), Clock.parse(kept.collected).now())
    if listing.edition != case.parent.name:
        raise ValueError(f"{case}: taken for the {listing.edition} edition")
    return entries_of(listing)


def post_of(case: Path) -> str:
    """Return the post that the project makes of a saved page."""
    kept = read_saved(case.read_bytes().decode("utf-8"))
    if not kept.address:
        raise ValueError(f"{case}: the first line must be <!-- ADDRESS TIME -->")
    page = Page(kept.address, kept.text)
    story = story_on(page)
    if story.edition != case.parent.name:
        raise ValueError(f"{case}: taken for the {story.edition} edition")
    crawler = get_crawler(settings_dict={"CLOCK": kept.collected})
    story = PrepareStoryPipeline.from_crawler(crawler).process_item(story)
    file = io.BytesIO()
    PostExporter(file).export_item(story)
    return file.getvalue().decode("utf-8")
