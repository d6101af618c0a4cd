"""``scrapy site``: make an archive the source of a static website."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from zbcrawler.commands.usage import named_archive
from zbcrawler.common.errors import ArgumentError

if TYPE_CHECKING:
    import argparse

    from scrapy.settings import Settings


class Command(ScrapyCommand):
    """Exit code 0: all is written. 1: a post could not be listed, or a file not be written. 2: wrong usage."""

    requires_project = True
    requires_crawler_process = False
    settings: Settings

    def syntax(self) -> str:
        return "[DIR]"

    def short_desc(self) -> str:
        return "Write beside the posts what Jekyll needs to build a website of the archive"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group("Site")
        group.add_argument(
            "--search", metavar="SITE", help="after the build: write the search index into the built website"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            root = named_archive(args, self.settings)
            left_out = _index(root, Path(opts.search).expanduser()) if opts.search else _write(root)
        except ArgumentError as error:
            print(f"scrapy site: {error}", file=sys.stderr)
            self.exitcode = 2
            return
        except OSError as error:
            print(f"failed: {error}")
            self.exitcode = 1
            return
        for name in left_out:
            print(f"left out: {name}: no post, or not in its place; scrapy verify says more")
        self.exitcode = 1 if left_out else 0


def _write(root: Path) -> list[str]:
    from zbcrawler.tools.website.writing import write_website

    written = write_website(root)
    for name in written.added:
        print(f"added: {name}")
    print(f"{written.stories} stories are listed; jekyll build --source {root} makes the site")
    return written.left_out


def _index(root: Path, website: Path) -> list[str]:
    from zbcrawler.tools.website.search_index import write_index
    from zbcrawler.tools.website.stories import read_stories

    left_out: list[str] = []
    stories = read_stories(root, left_out.append)
    size = write_index(root, website, stories)
    print(f"{len(stories)} stories can be found; the index has {size / 1e6:.1f} MB")
    return left_out
