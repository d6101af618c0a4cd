"""``scrapy history``: show what the newspaper edited."""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path

from zbcrawler.archive import disk
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.git import Git
from zbcrawler.archive.past import PostChange, paths_of, read_changes, read_edits
from zbcrawler.commands.run_lifecycle import take_archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.arguments import DID_ITS_JOB, NEEDS_A_PERSON, ProjectCommand, wrong_usage
from zbcrawler.common.errors import ArgumentError, GitError
from zbcrawler.common.terminal import has_colours
from zbcrawler.common.text import printable
from zbcrawler.common.times import Clock

_DAYS = 7
_DISORDER = timedelta(days=2)  # commits that were put on top of others may be older than these


class Command(ProjectCommand):
    """Exit code 0: done, even if there is no edit. 1: git or the disk refused. 2: wrong usage."""

    usage = "[options] [DIR] [ADDRESS|PATH]"
    description = "Show what the newspaper edited, the newest edit first: of one story, or of the last days"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group("History")
        when = group.add_mutually_exclusive_group()
        when.add_argument("--since", metavar="REV", help="only edits that were committed after this commit")
        what = f"only edits of the last N days; default: {_DAYS}, or all if a story is named"
        when.add_argument("--days", metavar="N", type=int, help=what)
        group.add_argument("--json", action="store_true", help="print one JSON object per line for each edit")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.tools.show_edits import COLOURS, MARKS, as_json, lines_of

        with wrong_usage("history", OSError):
            args = take_archive(args, self.settings)
            archive = Archive.from_settings(self.settings)
            git = _git_of(archive)
            revisions = _check_revision(git, opts.since) if opts.since else "HEAD"
            paths = _paths_named(archive, args)
            days = opts.days if opts.days is not None or opts.since or args else _DAYS
            if days is not None and not 0 < days < 100_000:
                raise ArgumentError(f"--days {days}: write a number of days from 1 on")
            now = Clock.from_settings(self.settings).now()
        changes: Iterable[PostChange] = [] if git.is_unborn() else read_changes(git, revisions, paths)
        if days:
            changes = _changes_since(now - timedelta(days=days), changes)
        style = COLOURS if has_colours() else MARKS
        edits, self.exitcode = 0, DID_ITS_JOB
        try:
            for edits, edit in enumerate(read_edits(git, changes), 1):
                lines = [as_json(edit)] if opts.json else ["", *lines_of(edit, style)]
                print("\n".join(lines[edits == 1 and not opts.json :]), flush=True)
            if not edits and not opts.json:
                when = f" in {days} day{'s' * (days > 1)}" if days else ""
                print(f"no edits of {'this' if args else 'any'} story{when}: archive {printable(str(archive.root))}")
        except BrokenPipeError:  # the reader, such as head, has closed the pipe
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except (GitError, OSError) as error:
            print(f"scrapy history: {error}", file=sys.stderr)
            self.exitcode = NEEDS_A_PERSON


def _git_of(archive: Archive) -> Git:
    if not archive.root.is_dir():
        raise ArgumentError(f"ARCHIVE_DIR={archive.root}: is not an existing folder")
    git = Git(archive.root)
    if not git.succeeds("rev-parse", "--show-toplevel"):
        raise ArgumentError(f"{archive.root}: is in no git repository; history reads the commits that runs made there")
    return git


def _check_revision(git: Git, revision: str) -> str:
    if not git.succeeds("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"):
        raise ArgumentError(f"--since {revision}: is no commit here; name one, such as HEAD~10 or a tag")
    return f"{revision}..HEAD"


def _paths_named(archive: Archive, words: list[str]) -> tuple[str, ...]:
    """Return the files of the story that a command line names by its address or its post; empty if it names none."""
    if len(words) > 1:
        raise ArgumentError(f"{' '.join(words)}: name one story, or none")
    if not words:
        return ()
    (word,) = words
    if address := StoryAddress.parse(word):
        if not (post := archive.find(address)):
            raise ArgumentError(f"{word}: is not in the archive {archive.root}")
    else:
        post = Path(word).expanduser()
    # A path counts from here, or from the archive's folder.
    for path in (post.absolute(), archive.root.absolute() / post):
        name = os.path.relpath(path.resolve(), archive.root.resolve())
        if disk.is_post(name) and (path.is_file() or archive.root.absolute() in path.parents):
            return paths_of(name)
    raise ArgumentError(f"{word}: is no address of a story, and no post of the archive {archive.root}")


def _changes_since(first: datetime, changes: Iterable[PostChange]) -> Iterator[PostChange]:
    near = takewhile(lambda change: change.time >= first - _DISORDER, changes)
    return (change for change in near if change.time >= first)
