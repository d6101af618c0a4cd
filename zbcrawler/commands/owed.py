"""``scrapy owed``: what the archive is owed, and why."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from zbcrawler.archive.notes import OwedStory
from zbcrawler.archive.state import RunState
from zbcrawler.archive.store import Archive
from zbcrawler.commands.running import DID_ITS_JOB, NEEDS_A_PERSON, WRONG_USAGE
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.clock import Clock
from zbcrawler.common.errors import ArgumentError, PostError
from zbcrawler.common.times import shown
from zbcrawler.discovery.spacing import retry_is_due

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    """Exit code 0: the notes could be read. 1: one could not. 2: wrong usage."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] [--forget ADDRESS...]"

    def short_desc(self) -> str:
        return "List the stories that are owed, and the sections with gaps; each says why"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--forget", action="store_true", help="do not try the stories of the addresses (or numbers) given again"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            archive = Archive.from_settings(self.settings)
            if not archive.root.is_dir():
                raise ArgumentError(f"ARCHIVE_DIR={archive.root}: is not there")
            if bool(args) != opts.forget:
                raise ArgumentError("--forget goes with the addresses of stories, and they with it")
            clock = Clock.from_settings(self.settings)
        except ArgumentError as error:
            print(f"scrapy owed: {error}", file=sys.stderr)
            self.exitcode = WRONG_USAGE
            return
        try:
            self.exitcode = _forget(archive, args) if opts.forget else _show(archive, clock)
        except (OSError, PostError) as error:
            print(f"failed: {error}")
            self.exitcode = NEEDS_A_PERSON


def _show(archive: Archive, clock: Clock) -> int:
    state = RunState.of(archive, "realtime")
    debts = sorted(archive.notes.owed.all().values(), key=lambda debt: (debt.address.day, int(debt.address.number)))
    for debt in debts:
        print(f"{debt.address}: {debt.reason or 'failed'}; since {shown(debt.since)}, {_next(debt, state, clock)}")
    gaps = archive.notes.gaps.all()
    for section, pages in gaps.items():
        print(f"section {section}: stories may be missing behind page {pages} of its listing")
    print(f"{len(debts)} owed, {len(gaps)} gaps: archive {archive.root}")
    return DID_ITS_JOB


def _next(debt: OwedStory, state: RunState, clock: Clock) -> str:
    number = debt.address.number
    due, tries = state.due(number), state.tries(number)
    when = "by the next run" if due is None or retry_is_due(due, clock.now()) else f"after {shown(due)}"
    tried = "once" if tries == 1 else f"{tries} times"
    return f"tried {tried}, again {when}" if tries else f"tried again {when}"


def _forget(archive: Archive, words: list[str]) -> int:
    debts = archive.notes.owed.all()
    code = DID_ITS_JOB
    for word in words:
        address = StoryAddress.parse(word)
        debt = debts.get(address.number if address else word)
        if debt is None:
            print(f"failed: {word}: is not owed")
            code = NEEDS_A_PERSON
        else:
            archive.notes.owed.remove(debt.address)
            print(f"forgotten: {debt.address}: {debt.reason}")
    return code
