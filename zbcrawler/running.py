"""What the commands share whose runs end with a verdict: exit codes, what a terminal shows, the start of a run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from zbcrawler.extensions.verdict import Verdict

if TYPE_CHECKING:
    import argparse

    from scrapy.crawler import AsyncCrawlerProcess, Crawler, CrawlerProcess
    from scrapy.settings import BaseSettings

# The exit codes; README and docs/operating.md explain them.
DID_ITS_JOB, NEEDS_A_PERSON, WRONG_USAGE = 0, 1, 2


def suit_terminal(settings: BaseSettings, opts: argparse.Namespace, bar: bool = True) -> None:
    """Sets what a run shows beside its summary, by where it shows it and by ``--quiet``.

    :param bar: whether a terminal gets a progress bar
    """
    on_terminal = sys.stderr.isatty() and not opts.logfile
    # What fails is in the summary, with its address and reason; above a bar only what is wrong is worth a line.
    level = "CRITICAL" if opts.quiet else "ERROR" if on_terminal else None
    if level:
        settings.set("LOG_LEVEL", opts.loglevel or level, priority="cmdline")
    if on_terminal and bar and not opts.quiet:
        settings.set("PROGRESS_BAR", True, priority="cmdline")


def run_to_its_end(name: str, process: AsyncCrawlerProcess | CrawlerProcess, crawler: Crawler) -> Verdict | None:
    """Runs what the process was given, and gives the verdict.

    :param name: of the command
    :returns: None if the run could not begin, which is told on standard error
    """
    process.start()
    if process.bootstrap_failed:
        print(f"scrapy {name}: the run could not begin, see the log", file=sys.stderr)
        return None
    return crawler.get_extension(Verdict)


def exit_code(verdict: Verdict | None) -> int:
    """What a run exits with."""
    return DID_ITS_JOB if verdict is not None and verdict.passed else NEEDS_A_PERSON
