"""The editions in code, as the tests read pages with them."""

from __future__ import annotations

from zbcrawler.editions import EDITIONS, Editions

_IN_CODE = Editions()
edition_of, read_listing, read_story = _IN_CODE.edition_of, _IN_CODE.read_listing, _IN_CODE.read_story
HALF_OF = {edition.name: edition.half for edition in EDITIONS}
