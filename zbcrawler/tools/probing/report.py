"""The report of a probe, for a person at a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from lxml.html import HtmlElement

from zbcrawler.archive import posts
from zbcrawler.common.text import one_line, shorten
from zbcrawler.common.times import SINGAPORE
from zbcrawler.editions import EDITIONS, Edition, Page
from zbcrawler.editions.edition import Listing, Reading
from zbcrawler.editions.expanded import expand
from zbcrawler.editions.learnt import LearntEdition
from zbcrawler.tools.probing.spider import Probe


def report(probe: Probe) -> Iterator[str]:
    """Yield the findings, line by line."""
    if probe.page is not None:
        yield _row("page", probe.page.address)
        if probe.reading is not None and not probe.page.is_whole:
            yield _row("note", "the page has no </body> or </html> behind its text; a crawl refuses it as broken off")
        yield from _edition(probe.edition, probe.page) if probe.edition else _no_edition(probe.page)
    if probe.listing is not None:
        yield from _listing(probe.listing)
    if probe.reading is not None:
        yield from _story(probe, probe.reading)
    if probe.problem:
        yield f"failed: {probe.problem}"
    elif probe.story is not None:
        yield from ("", "The post:", "", posts.render(probe.story).rstrip("\n"))


def _edition(edition: Edition, page: Page) -> Iterator[str]:
    if isinstance(edition, LearntEdition):
        parts = [part["landmarks"] for part in (edition.of_stories, edition.of_listings) if part]
        by = next(", ".join(marks) for marks in parts if all(map(expand(page).all, marks)))
        yield _row("edition", f"{edition.name}, learnt", by)
        return
    by = ", ".join(mark.where for mark in edition.LANDMARKS if mark.read(page))
    yield _row("edition", f"{edition.name} ({edition.letter}), served {edition.served}", by)


def _no_edition(page: Page) -> Iterator[str]:
    edition, marks = _nearest(page)
    present = [where for where, stands in marks.items() if stands]
    yield _row("edition", "unknown")
    if not present:
        yield _row("resembles", "no known edition: the page has none of their marks")
        return
    yield _row("resembles", f"most {edition.name} ({edition.letter}), {len(present)} of its {len(marks)} marks")
    yield from (_row("has", where) for where in present)
    yield from (_row("lacks", where) for where, stands in marks.items() if not stands)


def _nearest(page: Page) -> tuple[Edition, dict[str, bool]]:
    """Return the edition with the largest share of its marks in the page, of several the newest; and these marks.

    A mark is a landmark, or where an edition finds a listing, a headline, a time or a body. Marks of several
    editions (``h1``, ``meta og:title``) say nothing, and are left out.
    """
    found: dict[Edition, dict[str, bool]] = {}
    for edition in EDITIONS:
        sources = (*edition.LANDMARKS, *edition.TITLE, *edition.PUBLISHED)
        found[edition] = marks = {source.where: bool(source.read(page)) for source in sources}
        for css in (*edition.ENTRIES, *edition.BODY):
            marks[css] = marks.get(css) or page.first(css) is not None
    count = Counter(where for marks in found.values() for where in marks)
    own = {one: {where: marks[where] for where in marks if count[where] == 1} for one, marks in found.items()}
    return max(own.items(), key=lambda item: sum(item[1].values()) / len(item[1]))


def _listing(listing: Listing) -> Iterator[str]:
    yield _row("listing", f"{len(listing.entries)} entries")
    for entry in listing.entries:
        when = entry.time.astimezone(SINGAPORE).isoformat(" ", "minutes") if entry.time else "no time"
        yield _row("entry", f"{when}  {entry.link}  {entry.title}")
    yield _row("next", listing.next or ("none" if listing.is_all else "unknown: how the page loads more is not known"))


def _story(probe: Probe, reading: Reading) -> Iterator[str]:
    yield _row("title", _value(reading.title), reading.places.get("title"))
    yield _row("published", _value(reading.published), reading.places.get("published"))
    if story := probe.story:
        characters = sum(len(line) for line in story.body)
        cut = ", cut by the paywall" if story.truncated else ""
        yield _row("body", f"{len(story.body)} blocks, {characters} characters{cut}", reading.places.get("body"))
        day = story.address.day
        if probe.edition and probe.edition.served.ended_before(day):
            yield _row(
                "note",
                f"the address is of {day}, when this edition was no longer served; a new edition?",
            )
    for name, found in probe.details.items():
        yield _row(name, _value(found.value), found.where)
    for rule, element in probe.removed:
        yield _row("dropped", f"{rule}: {_element(element)}")


def _value(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(SINGAPORE).isoformat()
    return "、".join(value) if isinstance(value, tuple) and value else str(value or "-")


def _row(name: str, value: str, place: str | None = "") -> str:
    return f"{name:<10} {value}" + (f"    <- {place}" if place else "")


def _element(element: HtmlElement) -> str:
    names = (element.get("class") or "").split()
    mark = f"#{element.get('id')}" if element.get("id") else "".join(f".{name}" for name in names[:2])
    words = one_line("".join(element.itertext()))
    return f"{element.tag}{mark}" + (f" “{shorten(words)}”" if words else "")
