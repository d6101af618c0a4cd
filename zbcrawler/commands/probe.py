"""``scrapy probe``: show the edition that a page is read as, where each value was found, and the post."""

import argparse
import re
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings
from scrapy.spiderloader import get_spider_loader

from zbcrawler.archive.disk import EDITIONS
from zbcrawler.common.arguments import (
    DID_ITS_JOB,
    NEEDS_A_PERSON,
    ProjectCommand,
    archive_dir,
    raw_folder,
    site_hosts,
    wrong_usage,
)
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.times import Clock
from zbcrawler.editions import read_declared

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Command(ProjectCommand):
    """Exit code 0: the page was read. 1: it could not be read. 2: wrong usage."""

    usage = "[options] URL_OR_FILE"
    description = "Show how one page, live or saved, is read, and where each value is found"
    requires_crawler_process = True

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group("Probe")
        group.add_argument("--address", metavar="URL", default="", help="where a saved page was on the site")
        what = "save the page as a fixture: NAME.html, and the post or listing"
        group.add_argument("--save", metavar="NAME", help=what)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        only_read(self.settings, opts)
        with wrong_usage("probe", OSError):
            get_spider_loader(self.settings)  # as Scrapy does, to report a missing package of a spider
            self._check(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.tools.probing import ProbeSpider, report
        from zbcrawler.tools.saved_pages import save

        crawler = self.crawler_process.create_crawler(ProbeSpider)
        link = args[0] if _is_address(args[0]) else Path(args[0]).resolve().as_uri()
        self.crawler_process.crawl(crawler, link=link, address=opts.address)
        self.crawler_process.start()
        spider: Any = crawler.spider
        probe = spider.findings
        print(*report(probe), sep="\n")
        self.exitcode = NEEDS_A_PERSON if probe.problem or probe.page is None else DID_ITS_JOB
        if opts.save and not self.exitcode and (result := probe.listing or probe.story):
            with wrong_usage("probe"):
                try:
                    files = save(probe.page, probe.edition, probe.collected, result, opts.save)
                except FileExistsError as error:
                    raise ArgumentError(f"{error.filename}: exists already; give another --save") from error
            print(f"\nSaved {' and '.join(map(str, files))}. Replace the news with invented words before you commit.")

    def _check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the arguments, and set the clock to the time at which a saved page was fetched."""
        from zbcrawler.tools.saved_pages import read_saved

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
                    self.settings.set("CLOCK", collected, priority="cmdline")
        read_declared(Path(archive_dir(self.settings)) / EDITIONS)
        Clock.from_settings(self.settings)
        site_hosts(self.settings)
        raw_folder(self.settings)


def only_read(settings: BaseSettings, opts: argparse.Namespace) -> None:
    """Leave out the parts of a run that write posts and count."""
    given: dict[str, Any] = {name: dict.fromkeys(settings.getdict(name)) for name in ("ITEM_PIPELINES", "EXTENSIONS")}
    settings.setdict({**given, "LOG_LEVEL": opts.loglevel or "ERROR"}, priority="cmdline")


def _is_address(text: str) -> bool:
    with suppress(ValueError):  # such as http://[
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    return False
