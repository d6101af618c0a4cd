"""``scrapy doctor``: check the machine, the archive and the site, and say what to do."""

import argparse
from typing import Any

from scrapy.spiderloader import get_spider_loader

from zbcrawler.commands.probe import only_read
from zbcrawler.common.arguments import DID_ITS_JOB, NEEDS_A_PERSON, ProjectCommand, raw_folder, wrong_usage
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.text import printable


class Command(ProjectCommand):
    """Exit code 0: nothing is wrong. 1: something needs a person. 2: wrong usage."""

    usage = "[options] [ARCHIVE]"
    description = "Check the machine, the archive and the site without writing, and say what to do"
    requires_crawler_process = True

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        group = parser.add_argument_group("Doctor")
        group.add_argument("--sections", metavar="A,B", help="ask for these; default: china,world,singapore")
        what = "print what the site sends, without any news, to be pasted into an issue of zbcrawler"
        group.add_argument("--live", action="store_true", help=what)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.tools.doctor.site import DoctorSpider

        opts.set = [*opts.set, *(f"ARCHIVE_DIR={word}" for word in args[:1])]
        super().process_options(args, opts)
        opts.loglevel = opts.loglevel or "CRITICAL"  # the lines say what the log would
        only_read(self.settings, opts)
        self.settings.setdict({"DRY_RUN": True, "RETRY_ENABLED": False}, priority="cmdline")
        with wrong_usage("doctor", OSError):
            get_spider_loader(self.settings)  # as Scrapy does, to report a missing package of a spider
            if len(args) > 1:
                raise ArgumentError(f"{' '.join(args)}: name one archive, or none for ARCHIVE_DIR")
            opts.spargs = {} if opts.sections is None else {"sections": opts.sections}
            DoctorSpider(**opts.spargs).prepare(self.settings)
            raw_folder(self.settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.tools.doctor.checklist import report
        from zbcrawler.tools.doctor.machine import check_machine
        from zbcrawler.tools.doctor.site import DoctorSpider

        checks = []
        for check in () if opts.live else check_machine(self.settings):
            checks.append(check)
            print(printable(str(check)), flush=True)
        crawler = self.crawler_process.create_crawler(DoctorSpider)
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        spider: Any = crawler.spider
        checks += (found := list(spider.checks()))
        wrong = sum(bool(check.remedy) for check in checks)
        if opts.live:
            print(*report(spider, found), sep="\n")
        else:
            print(*map(printable, map(str, found)), sep="\n")
            well = "nothing is wrong" if any(check.is_note for check in checks) else "all is well"
            print(f"{wrong} of {len(checks)} need a person" if wrong else well)
        self.exitcode = NEEDS_A_PERSON if wrong else DID_ITS_JOB
