"""``scrapy mergedriver``: make git merge two versions of a story by rule."""

import argparse

from zbcrawler.archive.archive import Archive
from zbcrawler.common.arguments import ProjectCommand, wrong_usage
from zbcrawler.common.errors import ArgumentError, GitError


class Command(ProjectCommand):
    """Exit code 0: git will merge by rule. 2: the archive is not in a git repository."""

    description = "Make git merge two versions of a story by rule, in this clone of the archive"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.archive.clone_setup import merge_by_rule
        from zbcrawler.archive.committing import Committer

        with wrong_usage("mergedriver", GitError, OSError):
            if args:
                raise ArgumentError(f"{' '.join(args)}: takes no arguments")
            committer = Committer(Archive.from_settings(self.settings))
            committer.check(push=False)
            print(f"git merges by rule the files that {merge_by_rule(committer.git)} lists")
