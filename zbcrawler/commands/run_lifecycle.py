"""What commands share: the archive named on the command line, and a run from its lock to its exit code."""

import argparse
import asyncio
import json
import logging
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from scrapy.crawler import Crawler, CrawlerProcessBase
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.committing import Committer
from zbcrawler.archive.disk import POSTS, hold_run_lock
from zbcrawler.archive.git import stoppable
from zbcrawler.archive.last_runs import forget_alarms, note_end
from zbcrawler.archive.place import hint_once, is_empty_archive
from zbcrawler.archive.run_state import RunState
from zbcrawler.common import arguments
from zbcrawler.common.arguments import DID_ITS_JOB, LOCKED, NEEDS_A_PERSON, archive_dir, check_file, raw_folder
from zbcrawler.common.errors import ArgumentError, GitError, HeldError, StoppedError
from zbcrawler.common.settings_file import add_settings_file
from zbcrawler.common.terminal import paint_verdicts
from zbcrawler.common.text import excerpt
from zbcrawler.common.times import SINGAPORE
from zbcrawler.downloading.spider_protocol import spider_of
from zbcrawler.extensions import alarms
from zbcrawler.extensions.bookkeeping import Books
from zbcrawler.extensions.verdict import Verdict, make_report


def add_options(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--quiet", action="store_true", help="print only what needs a person (for cron)")
    parser.add_argument("--summary-json", metavar="FILE", help="write the summary as JSON, for programs")


def named_archive(words: Sequence[str], settings: BaseSettings, may_be_new: bool = False) -> Path:
    """Return the archive that a command line names, by default ``ARCHIVE_DIR``, and read its file of settings.

    :param may_be_new: a folder without posts will do if nothing shows that it is for something else
    :raises ArgumentError: if there is no such archive, or its file of settings cannot be used
    """
    if len(words) > 1:
        raise ArgumentError(f"{' '.join(words)}: name one archive, or none for ARCHIVE_DIR")
    root = Path(words[0]).expanduser() if words else Archive.from_settings(settings).root
    if not root.is_dir():
        raise ArgumentError(f"{root}: is not an existing folder")
    if not (root / POSTS).is_dir() and not (may_be_new and is_empty_archive(root)):
        name = root if words else f"ARCHIVE_DIR={root}"
        raise ArgumentError(f"{name}: has no {POSTS}; is it an archive?")
    add_settings_file(settings, str(root))
    return root


def take_archive(words: list[str], settings: BaseSettings) -> list[str]:
    """Make the folder at the front of a command line, if there is one, the archive, and return the other words.

    The archive's file of settings is read, whether the archive is named there or by ``ARCHIVE_DIR``.
    """
    if not words or not Path(words[0]).expanduser().is_dir():
        add_settings_file(settings, archive_dir(settings))
        return words
    settings.set("ARCHIVE_DIR", str(named_archive(words[:1], settings, may_be_new=True)), priority="cmdline")
    return words[1:]


def set_log_and_bar(settings: BaseSettings, opts: argparse.Namespace, bar: bool = True) -> None:
    """Set the log level, unless the user has, and the progress bar of a terminal, unless ``--quiet``."""
    log_file = settings.get("LOG_FILE")
    # Whoever wants a file wants the details. The summary has every failure, so --quiet logs none to the terminal.
    if (level := "INFO" if log_file else "CRITICAL" if opts.quiet else "") and _is_default(settings, "LOG_LEVEL"):
        settings.set("LOG_LEVEL", level, priority="cmdline")
    if sys.stderr.isatty() and bar and not log_file and not opts.quiet:
        settings.set("PROGRESS_BAR", True, priority="cmdline")


def _is_default(settings: BaseSettings, name: str) -> bool:
    return (settings.getpriority(name) or 0) <= SETTINGS_PRIORITIES["project"]


def check_settings(settings: BaseSettings, opts: argparse.Namespace) -> None:
    """Raise an ArgumentError for the first wrong setting of those that no spider reads when it is prepared."""
    archive = Archive.from_settings(settings)
    alarms.check(settings)
    raw_folder(settings)
    arguments.section_durations(settings, "NEWEST_LIMIT")
    for name in ("WAYBACK_INDEX", "WAYBACK_PAGES"):
        arguments.site_url(settings, name, with_path=True)
    if opts.summary_json:
        check_file("--summary-json", Path(opts.summary_json))
    if not archive.root.is_dir():
        what = (
            f"For a new archive: scrapy init {shlex.quote(str(archive.root))}. If it is not new: is its disk mounted?"
        )
        raise ArgumentError(f"ARCHIVE_DIR={archive.root}: is not there. {what}")
    if _commits(settings):
        Committer(archive).check(settings.getbool("ARCHIVE_PUSH"))
        if hint := hint_once(archive):
            print(hint, file=sys.stderr)


_logger = logging.getLogger(__name__)


@dataclass
class Run:
    command: str  # the word behind "scrapy"
    kind: str  # the spider's name; runs of one kind exclude each other
    process: CrawlerProcessBase  # that runs the crawler
    crawler: Crawler
    begun: Any  # what the process returned for the crawler
    opts: argparse.Namespace

    @property
    def _archive(self) -> Archive:
        return Archive.from_settings(self.crawler.settings)

    def execute(self, closing: Callable[[Books], str] | None = None) -> int:
        """Run to the end, print the summary and what ``closing`` returns, and return the exit code.

        :raises ArgumentError: if the site showed that the command line is wrong; nothing was written then
        """
        settings = self.crawler.settings
        archive, commits = self._archive, _commits(settings)
        with ExitStack() as locks:
            if not archive.dry_run:
                try:
                    locks.enter_context(hold_run_lock(archive.private_folder(), self.kind))
                    archive.sweep()
                    if commits:
                        Committer(archive).recover()
                except HeldError as error:
                    return self._end_locked(error)
                except OSError as error:
                    what = f"cannot be written: {error}; nothing was requested"
                    return self._end_failed(f"archive {archive.root}: {what}")
            self.process.start()
            verdict = None if self.process.bootstrap_failed else self.crawler.get_extension(Verdict)
            if verdict and verdict.books.wrong_usage:
                raise ArgumentError(verdict.books.wrong_usage)
            if verdict and verdict.books.may_commit and not archive.dry_run and commits:
                self._commit(archive, verdict.books)
        return self._end(verdict, closing) if verdict else self._end_failed(self._describe_bad_begin())

    def _describe_bad_begin(self) -> str:
        # Asking for the exception also keeps its traceback out of the log.
        error = self.begun.exception() if isinstance(self.begun, asyncio.Task) else None
        _logger.debug("the run could not begin", exc_info=error)
        return f"the run could not begin: {excerpt(error)} (-L DEBUG shows where); is a setting wrong?"

    def _commit(self, archive: Archive, books: Books) -> None:
        committer, state = Committer(archive), RunState.of(archive, self.kind)
        pushes, now = self.crawler.settings.getbool("ARCHIVE_PUSH"), books.clock.now()
        today = f"{now.astimezone(SINGAPORE):%Y-%m-%d}"
        may_wait = not pushes and state.notes_wait_since in ("", today)
        try:
            with stoppable():
                if not (state.is_committed and spider_of(self.crawler).journals and may_wait):
                    books.committed = committer.commit(now, self.kind, may_wait)
                    state.is_committed = True
                    state.notes_wait_since = today if committer.is_waiting else ""
                    state.save()
                if pushes:
                    committer.push()
        except (GitError, StoppedError, OSError) as error:
            books.add_problem(f"archive {archive.root}", f"{error}; the next run tries again")

    def _end(self, verdict: Verdict, closing: Callable[[Books], str] | None) -> int:
        code, failed = (DID_ITS_JOB, "") if verdict.passed else (NEEDS_A_PERSON, str(verdict.failed[0]))
        end = note_end(self._archive, self.kind, failed, verdict.clock.now(), verdict.causes)
        report = make_report(verdict, self.kind, code, end.since)
        text = "" if self.opts.quiet and not code else report["text"] + (closing(verdict.books) if closing else "")
        return self._report(report, text, alarm=end.alarms or bool(code and verdict.is_news))

    def _end_failed(self, what: str) -> int:
        end = note_end(self._archive, self.kind, what, datetime.now(timezone.utc), ["run"])
        report = {"spider": self.kind, "verdict": "failed", "exit_code": NEEDS_A_PERSON, "text": f"failed: {what}"}
        text = f"failed: {what}\n1 failed: scrapy {self.command} {self.kind}"
        return self._report(report, text, alarm=end.alarms)

    def _end_locked(self, error: HeldError) -> int:
        # Only a run that hangs needs a person.
        limit = timedelta(hours=self.crawler.settings.getfloat("LOCK_LIMIT_HOURS"))
        hangs = datetime.now(timezone.utc) - error.since > limit
        what = f"scrapy {self.command}: {error}" + ("; does it hang?" if hangs else "; nothing was requested")
        report = {"spider": self.kind, "verdict": "locked", "exit_code": LOCKED, "text": what}
        return self._report(report, what if hangs or not self.opts.quiet else "", alarm=hangs)

    def _report(self, report: dict[str, Any], text: str, alarm: bool) -> int:
        # First the file, which nothing can delay; last the alarms, which others answer.
        failure = ""
        if self.opts.summary_json:
            document = json.dumps(report, ensure_ascii=False, indent=2).encode(errors="backslashreplace")
            try:
                write_whole(Path(self.opts.summary_json), document + b"\n")
            except OSError as error:
                failure = f"--summary-json not written: {error}"
        for line in filter(None, (text, failure)):
            _show(line)
        unsent = list(alarms.send(self.crawler.settings, report)) if alarm else []
        for line in unsent:
            _show(line)
        if unsent and len(unsent) == alarms.count(self.crawler.settings):
            forget_alarms(self._archive, self.kind)
        return int(report["exit_code"])


def _show(line: str) -> None:
    # If the output's disk is full or nobody reads it, the alarm must go out all the same.
    with suppress(OSError):
        print(paint_verdicts(line), flush=True)


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file at once; write into a link, a device or a pipe as it is. After an OSError the old file stays."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        # Without a reader, opening a pipe would wait for ever.
        with open(path, "wb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK, 0o666)) as file:
            os.set_blocking(file.fileno(), True)
            file.write(data)
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _commits(settings: BaseSettings) -> bool:
    return settings.getbool("ARCHIVE_COMMIT") or settings.getbool("ARCHIVE_PUSH")
