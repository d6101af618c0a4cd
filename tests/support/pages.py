"""Fixtures: a saved page, and the post that must come of it.

A case is two files: ``tests/fixtures/EDITION/CASE.html`` and ``CASE.md``. The page's first line says
where it was and when it was fetched::

    <!-- https://www.zaobao.com/realtime/china/story20210610-1154260 2021-06-10T09:00:00+08:00 -->

A listing is ``tests/listings/EDITION/CASE.html``, with what it lists in ``CASE.json``. The text is invented.
``python tests/regenerate.py`` writes what is expected anew and shows what changed.
"""

from __future__ import annotations

import io
from pathlib import Path

from scrapy.utils.test import get_crawler

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.clock import Clock
from zbcrawler.editions import Page, read_listing, read_story
from zbcrawler.exporters import PostExporter
from zbcrawler.pipelines.check_story import CheckStoryPipeline
from zbcrawler.pipelines.clean_body import CleanBodyPipeline
from zbcrawler.pipelines.date_story import DateStoryPipeline
from zbcrawler.tools.probing.fixture import entries_of
from zbcrawler.tools.probing.saved import read_saved

FIXTURES = Path(__file__).parents[1] / "fixtures"
LISTINGS = Path(__file__).parents[1] / "listings"


def cases() -> list[Path]:
    """All saved pages."""
    return sorted(FIXTURES.glob("*/*.html"))


def listings() -> list[Path]:
    """All saved listings, each beside what it lists (``.json``)."""
    return sorted(LISTINGS.glob("*/*.html"))


def entries_in(case: Path) -> str:
    """Return what a saved listing lists, as its ``.json`` says it."""
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
    reading = read_story(page)
    if reading.edition != case.parent.name:
        raise ValueError(f"{case}: taken for the {reading.edition} edition")
    story = reading.as_story(StoryAddress.parse(kept.address))
    crawler = get_crawler(settings_dict={"CLOCK": kept.collected})
    for pipeline in (CleanBodyPipeline, DateStoryPipeline, CheckStoryPipeline):
        story = pipeline.from_crawler(crawler).process_item(story)
    file = io.BytesIO()
    PostExporter(file).export_item(story)
    return file.getvalue().decode("utf-8")
