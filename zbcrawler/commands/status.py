"""``scrapy status``: say in a second how the archive is, and whether the last runs were good."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.disk import day_folders
from zbcrawler.archive.git import Git
from zbcrawler.archive.last_runs import LastRun, last_runs
from zbcrawler.archive.place import describe_changed_settings
from zbcrawler.commands.run_lifecycle import named_archive
from zbcrawler.common.arguments import DID_ITS_JOB, NEEDS_A_PERSON, ProjectCommand, wrong_usage
from zbcrawler.common.errors import GitError
from zbcrawler.common.terminal import paint_verdicts
from zbcrawler.common.text import printable


class Command(ProjectCommand):
    """Exit code 0: the last runs were good. 1: one failed, or there was none, or the disk refused. 2: wrong usage."""

    usage = "[options] [DIR]"
    description = "Show what the archive holds and lacks, and whether the last runs were good"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="print a JSON object, for programs")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        with wrong_usage("status", OSError):
            root = named_archive(args, self.settings, may_be_new=True)
        try:
            notes = Archive(root, dry_run=True).notes
            facts = {"archive": str(root), **_posts(root), "owed": len(notes.owed.paths()), "gaps": notes.gaps.all()}
            facts |= _repository(root)
            runs = last_runs(root)
        except OSError as error:
            print(f"failed: {printable(str(error))}")
            self.exitcode = NEEDS_A_PERSON
            return
        counted = [run for run in runs if not run.is_by_hand]
        is_good = any(run.good for run in counted) and not any(run.failure for run in counted)
        self.exitcode = DID_ITS_JOB if is_good else NEEDS_A_PERSON
        if opts.json:
            document = {**facts, "runs": [run._asdict() for run in runs], "exit_code": self.exitcode}
            print(json.dumps(document, indent=2, default=lambda time: time.isoformat()))
        else:
            for name, line in _lines(facts, runs):
                print(f"{name:<8} {paint_verdicts(printable(line))}")


def _posts(root: Path) -> dict[str, Any]:
    """Count the posts by their folders. The size is estimated from one post of each day."""
    stories = size = days = 0
    first = last = None
    for day, folder, names in day_folders(root):
        first, last = first or day, day
        days += 1
        stories += len(names)
        size += os.stat(f"{folder}/{names[0]}").st_size
    between = (last - first).days + 1 if first and last else 0
    about = stories * size // max(days, 1)
    return {"stories": stories, "first": first, "last": last, "days": days, "empty": between - days, "bytes": about}


def _repository(root: Path) -> dict[str, Any]:
    """Ask git, without its index: with many posts, reading the index alone takes a second."""
    git, size, unpushed = Git(root), None, None
    try:
        counts = dict(line.split(": ", 1) for line in git("count-objects", "-v").splitlines())
        size = 1024 * (int(counts["size"]) + int(counts["size-pack"]))
        unpushed = int(git("rev-list", "--count", "@{upstream}..HEAD"))
    except GitError:  # no git, no repository, no commit, no upstream
        pass
    return {"git_bytes": size, "unpushed": unpushed, "settings": describe_changed_settings(git)}


def _lines(facts: dict[str, Any], runs: list[LastRun]) -> list[tuple[str, str]]:
    lines = [("archive", facts["archive"]), ("stories", "none yet")]
    if days := facts["days"]:
        what = f"{facts['stories']:,} on {days:,} day{'s' * (days > 1)}, {facts['first']} to {facts['last']}"
        empty = f"; {facts['empty']:,} days between have no story" if facts["empty"] else ""
        lines[1] = ("stories", what + empty)
    size = f"about {_megabytes(facts['bytes'])} of posts, by one post of each day"
    unpushed = "the archive is in no git repository"
    if facts["git_bytes"] is not None:
        size += f"; the git repository has {_megabytes(facts['git_bytes'])}"
        unpushed = "no upstream branch" if facts["unpushed"] is None else f"commits: {facts['unpushed']:,}"
    gaps = "; ".join(f"{name}, behind page {page} of its listing" for name, page in facts["gaps"].items())
    lines += [("pending", f"{facts['owed']:,} stories owed"), ("gaps", gaps or "none")]
    lines += [("size", size), ("unpushed", unpushed)]
    if facts["settings"]:
        lines += [("settings", facts["settings"])]
    return lines + ([(run.kind, run.describe()) for run in runs] or [("runs", "none yet on this machine")])


def _megabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
