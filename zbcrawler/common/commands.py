"""What all commands share: exit codes, and one line on standard error for wrong usage."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.crawler import CrawlerProcessBase
from scrapy.settings import Settings

from zbcrawler.common.errors import ArgumentError

# README and docs/operating.md explain the exit codes. 75 is EX_TEMPFAIL of sysexits.h: try again later.
DID_ITS_JOB, NEEDS_A_PERSON, WRONG_USAGE, LOCKED = 0, 1, 2, 75

# The requirements file that names an optional package, by the package's top module.
_REQUIREMENTS = {"jinja2": "website", "redis": "cluster"}


class ProjectCommand(ScrapyCommand):
    """The base of all commands; in ``zbcrawler.commands`` Scrapy would list this class as a command."""

    usage: ClassVar[str] = ""
    description: ClassVar[str]
    requires_project = True
    requires_crawler_process = False
    settings: Settings
    crawler_process: CrawlerProcessBase

    def syntax(self) -> str:
        return self.usage

    def short_desc(self) -> str:
        return self.description


@contextmanager
def wrong_usage(command: str, *errors: type[Exception]) -> Iterator[None]:
    """Print an ArgumentError, one of ``errors`` or a missing optional package as one line, and exit with 2."""
    wrong: tuple[type[Exception], ...] = (ArgumentError, *errors)
    try:
        yield
        return
    except wrong as error:
        what = str(error)
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if module not in _REQUIREMENTS:
            raise
        file = f"requirements-{_REQUIREMENTS[module]}.txt"
        what = f"{module} is not installed: install it with python -m pip install -r {file}"
    print(f"scrapy {command}: {what}", file=sys.stderr)
    raise SystemExit(WRONG_USAGE)
