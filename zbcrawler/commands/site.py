"""``scrapy site``: make the archive the source of a website."""

from __future__ import annotations

import argparse
from pathlib import Path

from zbcrawler.commands.run_lifecycle import named_archive
from zbcrawler.common.arguments import DID_ITS_JOB, NEEDS_A_PERSON, ProjectCommand, wrong_usage


class Command(ProjectCommand):
    """Exit code 0: all files are written. 1: a post is not listed, or a file not written. 2: wrong usage."""

    usage = "[DIR]"
    description = "Write beside the posts what Jekyll needs to build a website of the archive"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        what = "after the build: write the search index into the built website"
        parser.add_argument_group("Site").add_argument("--search", metavar="SITE", help=what)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        left_out: list[str] = []
        try:
            with wrong_usage("site"):
                from zbcrawler.tools.website.pages import read_stories, write_website
                from zbcrawler.tools.website.search_index import write_index

                root = named_archive(args, self.settings)
                stories = read_stories(root, left_out.append)
                if opts.search:
                    size = write_index(root, Path(opts.search).expanduser(), stories)
                    print(f"{len(stories)} stories can be found; the index has {size / 1e6:.1f} MB")
                else:
                    for name in write_website(root, stories):
                        print(f"added: {name}")
                    print(f"{len(stories)} stories are listed; jekyll build --source {root} makes the site")
        except OSError as error:
            print(f"failed: {error}")
            self.exitcode = NEEDS_A_PERSON
            return
        for name in left_out:
            print(f"left out: {name}: not a post, or in the wrong folder; scrapy verify gives the reason")
        self.exitcode = NEEDS_A_PERSON if left_out else DID_ITS_JOB
