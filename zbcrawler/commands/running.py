"""What the commands share whose runs end with a verdict: the lock, the run, the commit, the alarm, the exit code."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zbcrawler.archive.committing import Committer
from zbcrawler.archive.lock import HeldError, RunLock
from zbcrawler.archive.pushing import Pusher
from zbcrawler.archive.state import COMMITTED, RunState
from zbcrawler.archive.store import Archive
from zbcrawler.common.clock import Clock
from zbcrawler.common.errors import ArgumentError, GitError
from zbcrawler.common.options import number, raw_folder, whole_number
from zbcrawler.downloading.protocol import spider_of
from zbcrawler.extensions import alarms
from zbcrawler.extensions.report import report_of
from zbcrawler.extensions.verdict import Verdict

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from scrapy.crawler import AsyncCrawlerProcess, Crawler, CrawlerProcess
    from scrapy.settings import BaseSettings

# The exit codes; README and docs/operating.md explain them. 75 is EX_TEMPFAIL of sysexits.h: try again later.
DID_ITS_JOB, NEEDS_A_PERSON, WRONG_USAGE, LOCKED = 0, 1, 2, 75


def add_options(parser: argparse._ActionsContainer) -> None:
    """Add what all of the commands take."""
    parser.add_argument("--quiet", action="store_true", help="print only what needs a person (for cron)")
    parser.add_argument("--summary-json", metavar="FILE", help="write what the summary says, for programs")


def suit_terminal(settings: BaseSettings, opts: argparse.Namespace, bar: bool = True) -> None:
    """Set what a run shows beside its summary, by where it shows it and by ``--quiet``.

    :param bar: whether a terminal gets a progress bar
    """
    on_terminal = sys.stderr.isatty() and not opts.logfile
    # What fails is in the summary, with its address and reason; above a bar only what is wrong is worth a line.
    level = "CRITICAL" if opts.quiet else "ERROR" if on_terminal else None
    if level:
        settings.set("LOG_LEVEL", opts.loglevel or level, priority="cmdline")
    if on_terminal and bar and not opts.quiet:
        settings.set("PROGRESS_BAR", True, priority="cmdline")


def check_settings(settings: BaseSettings, opts: argparse.Namespace) -> None:
    """Find wrong settings while nothing has begun.

    :raises ArgumentError: naming the first
    """
    Clock.from_settings(settings)
    archive = Archive.from_settings(settings)
    alarms.check(settings)
    whole_number(settings, "FAILED_LIMIT")
    raw_folder(settings)
    whole_number(settings, "RAW_MEGABYTES", 1)
    for name in ("MISSING_LIMIT", "RETRY_AFTER_LIMIT", "LOCK_LIMIT_HOURS"):
        number(settings, name)
    if opts.summary_json and not Path(opts.summary_json).absolute().parent.is_dir():
        raise ArgumentError(f"--summary-json {opts.summary_json}: name a file in a folder that is there")
    if not archive.root.is_dir():
        raise ArgumentError(
            f"ARCHIVE_DIR={archive.root}: is not there. If this is to be a new archive: mkdir -p {archive.root}."
            " If it is not: is its disk mounted?"
        )
    if settings.getbool("ARCHIVE_COMMIT") or settings.getbool("ARCHIVE_PUSH"):
        Committer(archive).check(settings.getbool("ARCHIVE_PUSH"))


@dataclass
class Run:
    """One run, from the lock to the alarm.

    :ivar command: the word behind ``scrapy``
    :ivar kind: runs of one kind exclude each other: the spider's name
    :ivar process: was given the crawler
    """

    command: str
    kind: str
    process: AsyncCrawlerProcess | CrawlerProcess
    crawler: Crawler
    opts: argparse.Namespace

    @property
    def settings(self) -> BaseSettings:
        return self.crawler.settings

    def __call__(self, after: Callable[[Verdict], str] | None = None) -> int:
        """Run to the end, and tells what came of it.

        :param after: what to print behind the summary, if that is printed
        :returns: the exit code
        """
        archive = Archive.from_settings(self.settings)
        if archive.dry_run:
            return self._tell(self._finish(), after)
        with ExitStack() as held:
            try:
                held.enter_context(RunLock(archive.private_folder(), self.kind))
                archive.sweep()
            except HeldError as error:
                return self._held(error)
            except OSError as error:
                return self._fail(f"archive {archive.root}: cannot be written: {error}; nothing was asked for")
            verdict = self._finish()
            if verdict and (self.settings.getbool("ARCHIVE_COMMIT") or self.settings.getbool("ARCHIVE_PUSH")):
                self._commit(archive, verdict)
        return self._tell(verdict, after)

    def _finish(self) -> Verdict | None:
        self.process.start()
        if self.process.bootstrap_failed:
            return None
        return self.crawler.get_extension(Verdict)

    def _commit(self, archive: Archive, verdict: Verdict) -> None:
        committer, state = Committer(archive), RunState.of(archive, self.kind)
        try:
            if not (state.fact(COMMITTED) and spider_of(self.crawler).journals):
                verdict.committed = committer.commit(Clock.from_settings(self.settings).now())
                state.note_fact(COMMITTED, "yes")
                state.save()
            if self.settings.getbool("ARCHIVE_PUSH"):
                Pusher(archive).push()
        except (GitError, OSError) as error:
            verdict.add_problem(f"archive {archive.root}", f"{error}; it stays for the next run")

    # -- what is told ----------------------------------------------------------------------------

    def _tell(self, verdict: Verdict | None, after: Callable[[Verdict], str] | None) -> int:
        if verdict is None:
            return self._fail("the run could not begin, see the log")
        code = DID_ITS_JOB if verdict.passed else NEEDS_A_PERSON
        text = verdict.summary()
        report = report_of(verdict, self.kind, code)
        if code or not self.opts.quiet:
            print(text + (after(verdict) if after else ""))
        self._report(report)
        return code

    def _fail(self, what: str) -> int:
        line = f"failed: {what}"
        print(f"{line}\n1 failed: scrapy {self.command} {self.kind}".rstrip())
        self._report(_short_report(self.kind, NEEDS_A_PERSON, line))
        return NEEDS_A_PERSON

    def _held(self, error: HeldError) -> int:
        # A long run is no news; one that hangs is.
        hangs = datetime.now(timezone.utc) - error.since > timedelta(hours=self.settings.getfloat("LOCK_LIMIT_HOURS"))
        what = f"scrapy {self.command}: {error}" + ("; does it hang?" if hangs else "; nothing was asked for")
        if hangs or not self.opts.quiet:
            print(what)
        self._report(_short_report(self.kind, LOCKED, what), alarm=hangs)
        return LOCKED

    def _report(self, report: dict[str, Any], alarm: bool | None = None) -> None:
        if alarm if alarm is not None else report["exit_code"] == NEEDS_A_PERSON:
            for line in alarms.ring(self.settings, report):
                print(line)
        if self.opts.summary_json:
            text = json.dumps(report, ensure_ascii=False, indent=2) + "\n"
            try:
                Path(self.opts.summary_json).write_text(text, "utf-8")
            except OSError as error:
                print(f"--summary-json not written: {error}")


def _short_report(kind: str, code: int, text: str) -> dict[str, Any]:
    """Return the report of a run that did not come to a verdict."""
    verdict = "locked" if code == LOCKED else "failed"
    return {"spider": kind, "verdict": verdict, "exit_code": code, "text": text}
