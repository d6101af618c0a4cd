"""``scrapy doctor``: check the machine, the archive and the site, and say what to do."""

import argparse
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from scrapy.spiderloader import get_spider_loader

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.last_runs import last_runs
from zbcrawler.commands.probe import only_read
from zbcrawler.commands.status import BY_HAND, describe_run
from zbcrawler.common.arguments import DID_ITS_JOB, NEEDS_A_PERSON, ProjectCommand, raw_folder, wrong_usage
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.text import printable

if TYPE_CHECKING:
    from zbcrawler.tools.doctor import Check


class Command(ProjectCommand):
    """Exit code 0: all is well. 1: something needs a person. 2: wrong usage."""

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
        opts.set = [*opts.set, *(f"ARCHIVE_DIR={word}" for word in args[:1])]
        super().process_options(args, opts)
        opts.loglevel = opts.loglevel or "CRITICAL"  # the lines say what the log would
        only_read(self.settings, opts)
        self.settings.set("DRY_RUN", True, priority="cmdline")
        self.settings.set("RETRY_ENABLED", False, priority="cmdline")
        with wrong_usage("doctor"):
            from zbcrawler.tools.doctor.site import DoctorSpider

            get_spider_loader(self.settings)  # as Scrapy does, to report a missing package of a spider
            if len(args) > 1:
                raise ArgumentError(f"{' '.join(args)}: name one archive, or none for ARCHIVE_DIR")
            given = {"sections": opts.sections, "live": opts.live or None}
            self.given = {name: value for name, value in given.items() if value is not None}
            DoctorSpider(**self.given).prepare(self.settings)
            raw_folder(self.settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zbcrawler.tools.doctor.site import DoctorSpider

        checks = [] if opts.live else list(map(_shown, self._check_machine()))
        crawler = self.crawler_process.create_crawler(DoctorSpider)
        self.crawler_process.crawl(crawler, **self.given)
        self.crawler_process.start()
        spider: Any = crawler.spider
        checks += spider.checks() if opts.live else map(_shown, spider.checks())
        wrong = sum(bool(check.remedy) for check in checks)
        if opts.live:
            from zbcrawler.tools.doctor.checklist import report

            print(*report(spider, checks), sep="\n")
        else:
            print(f"{wrong} of {len(checks)} need a person" if wrong else "all is well")
        self.exitcode = NEEDS_A_PERSON if wrong else DID_ITS_JOB

    def _check_machine(self) -> Iterator["Check"]:
        from zbcrawler.tools.doctor import Check, machine

        archive, settings = Archive.from_settings(self.settings), self.settings
        yield machine.check_versions()
        yield from machine.check_folder(archive.root)
        if not archive.root.is_dir():
            return
        pushes = settings.getbool("ARCHIVE_PUSH")
        yield from machine.check_git(archive, pushes or settings.getbool("ARCHIVE_COMMIT"), pushes)
        try:
            yield machine.check_notes(archive)
            runs = [run for run in last_runs(archive.root) if run.kind not in BY_HAND]
        except OSError as error:
            yield Check("runs", str(error), "correct the owner and the permissions of the archive")
            return
        limit = timedelta(hours=settings.getfloat("LOCK_LIMIT_HOURS"))
        for run in runs:
            hangs = run.is_at_work and datetime.now(timezone.utc) - run.began > limit
            remedy = "does it hang? Stop it" if hangs else "docs/reference/messages.md explains each message"
            yield Check(run.kind, describe_run(run), remedy if hangs or run.failure else "")
        yield machine.check_schedule(archive.root, runs)


def _shown(check: "Check") -> "Check":
    print(printable(str(check)), flush=True)
    return check
