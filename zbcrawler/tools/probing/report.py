"""The report of a probe, for a person at a terminal."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zbcrawler.archive import posts
from zbcrawler.common.text import one_line, shorten
from zbcrawler.common.times import SINGAPORE
from zbcrawler.tools.probing.resemblance import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from zbcrawler.editions import Edition, ListingEntry, Page
    from zbcrawler.tools.probing.spider import Probe


def report(probe: Probe) -> str:
    """Return what was found, line by line."""
    return "\n".join(_lines(probe))


def _lines(probe: Probe) -> Iterator[str]:
    if probe.page is not None:
        yield _row("page", probe.page.address)
        yield from _edition(probe.page, probe.edition)
    if probe.listing is not None:
        yield from _listing(probe)
    if probe.reading is not None:
        yield from _story(probe)
    if probe.problem:
        yield f"failed: {probe.problem}"
    elif probe.story is not None:
        yield from ("", "The post:", "", posts.render(probe.story).rstrip("\n"))


def _edition(page: Page, edition: Edition | None) -> Iterator[str]:
    if edition is None:
        near = nearest(page)
        yield _row("edition", "none that is known")
        if not near.present:
            yield _row("resembles", "none of them either: not one of their marks is there")
            return
        yield _row(
            "resembles",
            f"most {near.edition.name} ({near.edition.letter}), {len(near.present)} of its "
            f"{len(near.present) + len(near.missing)} marks",
        )
        yield from (_row("has", mark) for mark in near.present)
        yield from (_row("lacks", mark) for mark in near.missing)
        return
    by = ", ".join(mark.where for mark in edition.LANDMARKS if mark.read(page))
    yield _row("edition", f"{edition.name} ({edition.letter}), served {edition.served}", by)


def _listing(probe: Probe) -> Iterator[str]:
    listing = probe.listing
    yield _row("listing", f"{len(listing.entries)} entries")
    yield from (_row("entry", _entry(entry)) for entry in listing.entries)
    yield _row("next", listing.next or ("none" if listing.is_all else "not known how"))


def _entry(entry: ListingEntry) -> str:
    when = entry.time.astimezone(SINGAPORE).isoformat(" ", "minutes") if entry.time else "no time"
    return f"{when}  {entry.link}  {entry.title}"


def _story(probe: Probe) -> Iterator[str]:
    reading, details, story = probe.reading, probe.details, probe.story
    yield _row("title", reading.title or "-", reading.places.get("title"))
    yield _row("published", _time(reading.published), reading.places.get("published"))
    if story is not None:
        characters = sum(len(line) for line in story.body)
        cut = ", cut by the paywall" if story.truncated else ""
        yield _row("body", f"{len(story.body)} blocks, {characters} characters{cut}", reading.places.get("body"))
    day = story.address.day if story is not None else None
    if day and probe.edition.served.ended_before(day):
        yield _row("note", f"the address is of {day}, when this edition was no longer served; is it a new one?")
    for name, found in details.items():
        yield _row(name, _detail(found.value), found.where)
    for rule, element in probe.removed:
        yield _row("dropped", f"{rule}: {_shown(element)}")


def _detail(value: object) -> str:
    if isinstance(value, datetime):
        return _time(value)
    return "、".join(value) if isinstance(value, tuple) and value else str(value or "-")


def _time(moment: object) -> str:
    return moment.astimezone(SINGAPORE).isoformat() if moment else "-"


def _row(name: str, value: str, place: str | None = "") -> str:
    return f"{name:<10} {value}" + (f"    <- {place}" if place else "")


def _shown(element: HtmlElement) -> str:
    names = (element.get("class") or "").split()
    mark = f"#{element.get('id')}" if element.get("id") else "".join(f".{name}" for name in names[:2])
    words = one_line("".join(element.itertext()))
    return f"{element.tag}{mark}" + (f" “{shorten(words)}”" if words else "")
