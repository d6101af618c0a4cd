"""Gaps between what a section lists and what the archive has."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from zbcrawler.archive.state import RunState
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.times import SINGAPORE, shown, start_of
from zbcrawler.discovery.crawl import Crawl
from zbcrawler.discovery.sections import Section


def report_gap(crawl: Crawl, section: Section, no_more: str) -> None:
    """Report that the last page that can be read still holds news, so older stories may be missing.

    :param no_more: why the run reads no further, empty if the site lists no more
    """
    oldest = section.oldest_news
    if oldest is None:
        return
    try:
        before = _newest_before(crawl, oldest.address.day, section)
    except (OSError, PostError) as error:
        crawl.signals.problem(section.where, str(error))
        return
    last = "its last page still held news"
    if before is None:  # a new archive
        if no_more:
            crawl.signals.note(section.where, f"{last}; {no_more}, so older may be missing")
        return
    days = f"-a since={before.astimezone(SINGAPORE).date()} -a until={oldest.time.astimezone(SINGAPORE).date()}"
    what = (
        f"{last}: stories from {shown(before)} to {shown(oldest.time)} may be missing;"
        f" {no_more or 'the site lists no more'};"
        f" scrapy crawl backfill {days} -a sections={section.path} fetches them"
    )
    crawl.signals.problem(section.where, what)
    # The next run sees no gap. If this run is killed before its summary, the next run reports the gap.
    crawl.state.note_untold_gap(section.name, what)


def _newest_before(crawl: Crawl, last: date, section: Section) -> datetime | None:
    """Return when the newest story was published that the section does not list any more; None if there is none.

    :raises OSError: if the archive or the journal cannot be read
    :raises PostError: if a post cannot be read
    """
    archived = crawl.archive.newest_before(last, section.path, section.numbers)
    planned = [
        StoryAddress.parse(story.path) for story in crawl.state.planned_stories() if story.number not in section.numbers
    ]
    # A story that a killed run was about to fetch counts as archived.
    moments = [
        start_of(address.day)
        for address in planned
        if address and address.section == section.path and address.day <= last
    ]
    return max([*moments, archived] if archived else moments, default=None)


def report_untold(crawl: Crawl, sections: Iterable[str]) -> None:
    """Report the gaps that a killed run found, and has not reported."""
    for name in sections:
        if what := crawl.state.untold_gap(name):
            crawl.signals.problem(f"section {name}", what)


def forget_untold(state: RunState, sections: Iterable[str]) -> None:
    """Forget the gaps that the summary is about to report."""
    for name in sections:
        state.note_untold_gap(name, "")
