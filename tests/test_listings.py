"""Every saved listing gives exactly its expected entries; ``scrapy probe ADDRESS --save NAME`` makes such a pair."""

from __future__ import annotations

import pytest
from pages import LISTINGS, listings

from zbcrawler.clock import Clock
from zbcrawler.editions import EDITIONS, Page, read_listing
from zbcrawler.probing.fixture import entries_of
from zbcrawler.probing.saved import read_saved


@pytest.mark.parametrize("case", listings(), ids=lambda case: str(case.relative_to(LISTINGS).with_suffix("")))
def test_saved_listing_gives_its_entries(case):
    kept = read_saved(case.read_bytes().decode("utf-8"))
    listing = read_listing(Page(kept.address, kept.text), Clock.parse(kept.collected).now())
    assert listing.edition == case.parent.name
    assert entries_of(listing) == case.with_suffix(".json").read_bytes().decode("utf-8")


def test_there_is_one_of_every_edition():
    assert {case.parent.name for case in listings()} == {edition.name for edition in EDITIONS}
