"""``scrapy owed``: list the owed stories and the sections with gaps, with the reasons."""

import argparse
from datetime import datetime

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.run_state import RunState
from zbcrawler.commands.run_lifecycle import take_archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.arguments import DID_ITS_JOB, NEEDS_A_PERSON, ProjectCommand, wrong_usage
from zbcrawler.common.errors import ArgumentError, PostError
from zbcrawler.common.text import one_line, printable
from zbcrawler.common.times import Clock, shown
from zbcrawler.discovery.due_times import retry_is_due


class Command(ProjectCommand):
    """Exit code 0: all notes could be read. 1: a note could not be read. 2: wrong usage."""

    usage = "[options] [DIR] [--forget ADDRESS...]"
    description = "List the owed stories, and the sections with gaps, with the reasons"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        what = "stop trying the stories of these addresses or numbers"
        parser.add_argument("--forget", action="store_true", help=what)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        with wrong_usage("owed", OSError):
            args = take_archive(args, self.settings)
            archive = Archive.from_settings(self.settings)
            if not archive.root.is_dir():
                raise ArgumentError(f"ARCHIVE_DIR={archive.root}: does not exist")
            if bool(args) != opts.forget:
                raise ArgumentError("write --forget together with addresses of stories, or neither")
            now = Clock.from_settings(self.settings).now()
        try:
            self.exitcode = _forget(archive, args) if opts.forget else _list(archive, now)
        except (OSError, PostError) as error:
            print(f"failed: {error}")
            self.exitcode = NEEDS_A_PERSON


def _list(archive: Archive, now: datetime) -> int:
    state = RunState.of(Archive(archive.root, dry_run=True), "realtime")  # a broken file is left to the next run
    stories = sorted(archive.notes.owed.all().values(), key=lambda story: story.address.age_order)
    for story in stories:
        tries, due = state.retry(story.address)
        tried = f"tried {'once' if tries == 1 else f'{tries} times'}, again" if tries else "tried again"
        when = "by the next run" if due is None or retry_is_due(due, now) else f"after {shown(due)}"
        what = f"{story.reason or 'failed'}; since {shown(story.since)}, {tried} {when}"
        print(f"{story.address}: {one_line(what)}")
    gaps = archive.notes.gaps.all()
    for section, pages in gaps.items():
        print(f"section {printable(section)}: stories may be missing behind page {pages} of its listing")
    broken = archive.notes.broken()
    for line in broken:
        print(f"failed: {printable(line)}")
    print(f"{len(stories)} owed, {len(gaps)} gaps: archive {archive.root}")
    return NEEDS_A_PERSON if broken else DID_ITS_JOB


def _forget(archive: Archive, words: list[str]) -> int:
    stories, code = list(archive.notes.owed.all().values()), DID_ITS_JOB
    for word in words:
        address = StoryAddress.parse(word)
        forgotten = [
            one for one in stories if (one.address.is_same_story(address) if address else one.address.number == word)
        ]
        for story in forgotten:
            if story.doubtful:
                archive.notes.kept.add(story.address, story.reason)
            archive.notes.owed.remove(story.address)
            print(f"forgotten: {story.address}: {story.reason}")
        if not forgotten and word.isdecimal() and archive.notes.owed.has(word):
            archive.notes.owed.remove(word)
            print(f"forgotten: {word}, whose note was broken")
        elif not forgotten:
            print(f"failed: {word}: is not owed")
            code = NEEDS_A_PERSON
    return code
