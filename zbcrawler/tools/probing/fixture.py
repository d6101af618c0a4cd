"""Makes a fixture of a probed page: the saved page, and beside it what must come of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from zbcrawler.archive import posts
from zbcrawler.common.addresses import PUBLIC_SITE, STORY_HOSTS
from zbcrawler.tools.probing.saved import saved

if TYPE_CHECKING:
    from zbcrawler.editions import Listing
    from zbcrawler.tools.probing.spider import Probe

TESTS = Path(__file__).parents[3] / "tests"


def save(probe: Probe, name: str) -> tuple[Path, Path]:
    """Write the pair, and gives its paths.

    That is ``fixtures/EDITION/NAME.html`` and ``.md``, or for a listing ``listings/EDITION/NAME.html`` and ``.json``.

    :param probe: of a page that was read
    :raises FileExistsError: if there is such a pair already
    """
    if probe.listing is not None:
        folder, suffix, expected = "listings", ".json", entries_of(probe.listing)
    else:
        folder, suffix, expected = "fixtures", ".md", posts.render(probe.story)
    page = TESTS / folder / probe.edition.name / f"{name}.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    with page.open("x", encoding="utf-8", newline="") as file:
        file.write(saved(_public(probe.page.address), probe.collected, probe.page.text))
    page.with_suffix(suffix).write_text(expected, "utf-8", newline="\n")
    return page, page.with_suffix(suffix)


def _public(address: str) -> str:
    # A page of the replica is kept under the site's address, as one of the site would be.
    parts = urlsplit(address)
    return address if parts.netloc in STORY_HOSTS else PUBLIC_SITE + urlunsplit(("", "", *parts[2:]))


def entries_of(listing: Listing) -> str:
    """Return what a listing lists, as text that a diff of is easy to read."""
    rows = [[entry.time.isoformat() if entry.time else None, entry.link, entry.title] for entry in listing.entries]
    written = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f'{{"next": {json.dumps(listing.next)}, "entries": [\n  {written}\n]}}\n'
