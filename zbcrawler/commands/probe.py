"""``scrapy probe``: says of one page which edition it is taken for, what was found where, and what post it gives."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.commands import ScrapyCommand

from zbcrawler.commands.running import DID_ITS_JOB, NEEDS_A_PERSON, WRONG_USAGE
from zbcrawler.common.clock import Clock
from zbcrawler.common.errors import ArgumentError

if TYPE_CHECKING:
    import argparse

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# What writes, and what keeps the books of a run, has nothing to do here.
_PIPELINES = ("CleanBodyPipeline", "DateStoryPipeline", "CheckStoryPipeline")


class Command(ScrapyCommand):
    """Exit code 0: the page was read. 1: it could not be. 2: wrong usage."""

    requires_project = True

    def syntax(self) -> str:
        return "[options] URL_OR_FILE"

    def short_desc(self) -> str:
        return "Say what one page, live or saved, is taken for, and what is found where"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group("Probe")
        group.add_argument("--address", metavar="URL", default="", help="where a saved page was on the site")
        group.add_argument("--save", metavar="NAME", help="make a fixture of it: NAME.html, and what comes of it")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        pipelines = self.settings.getdict("ITEM_PIPELINES")
        wanted = {path: order for path, order in pipelines.items() if path.rpartition(".")[2] in _PIPELINES}
        self._set("ITEM_PIPELINES", wanted)
        self._set("EXTENSIONS", dict.fromkeys(self.settings.getdict("EXTENSIONS")))
        self._set("LOG_LEVEL", opts.loglevel or "ERROR")
        try:
            self._check(args, opts)
        except (ArgumentError, OSError) as error:
            print(f"scrapy probe: {error}", file=sys.stderr)
            raise SystemExit(WRONG_USAGE) from None

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.tools.probing.fixture import save
        from zbcrawler.tools.probing.report import report
        from zbcrawler.tools.probing.spider import Probe, ProbeSpider

        probe = Probe()
        link = args[0] if _is_address(args[0]) else Path(args[0]).resolve().as_uri()
        self.crawler_process.crawl(ProbeSpider, link=link, address=opts.address, probe=probe)
        self.crawler_process.start()
        print(report(probe))
        self.exitcode = NEEDS_A_PERSON if probe.problem or probe.page is None else DID_ITS_JOB
        if opts.save and self.exitcode == DID_ITS_JOB:
            try:
                files = save(probe, opts.save)
            except FileExistsError as error:
                print(f"scrapy probe: {error.filename}: exists already; give another --save", file=sys.stderr)
                self.exitcode = WRONG_USAGE
                return
            print(f"\nSaved {' and '.join(map(str, files))}. Before you commit them, put invented words for the news.")

    def _check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Find wrong arguments; a saved page also tells the time at which it is to be read.

        :raises ArgumentError: if an argument or option is not allowed
        """
        from zbcrawler.tools.probing.saved import read_saved

        if len(args) != 1:
            raise ArgumentError("name one page: an address or a file")
        if opts.save is not None and not _NAME.fullmatch(opts.save):
            raise ArgumentError(f"--save {opts.save}: write a name of a-z, 0-9 and -, such as gallery-of-two")
        if opts.address and not _is_address(opts.address):
            raise ArgumentError(f"--address {opts.address}: write the whole address, https://www.zaobao.com/…")
        if not _is_address(args[0]):
            if not Path(args[0]).is_file():
                raise ArgumentError(f"{args[0]}: neither an address (https://…) nor a file")
            with Path(args[0]).open(encoding="utf-8", errors="replace") as file:
                if collected := read_saved(file.readline(1000)).collected:
                    self._set("CLOCK", collected)
        Clock.from_settings(self.settings)

    def _set(self, name: str, value: object) -> None:
        self.settings.set(name, value, priority="cmdline")


def _is_address(text: str) -> bool:
    return urlsplit(text).scheme in ("http", "https")
