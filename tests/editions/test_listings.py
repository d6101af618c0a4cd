"""Each saved listing gives exactly its expected entries; ``scrapy probe ADDRESS --save NAME`` makes such a pair."""

from __future__ import annotations

import pytest
from support.pages import LISTINGS, entries_in, listings

from zbcrawler.editions import EDITIONS


@pytest.mark.parametrize("case", listings(), ids=lambda case: str(case.relative_to(LISTINGS).with_suffix("")))
def test_saved_listing_gives_its_entries(case):
    assert entries_in(case) == case.with_suffix(".json").read_bytes().decode("utf-8")


def test_there_is_one_of_every_edition():
    assert {case.parent.name for case in listings()} == {edition.name for edition in EDITIONS}
