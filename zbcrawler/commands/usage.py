"""What all commands share: exit codes, and one line on standard error for wrong usage."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from zbcrawler.archive.layout import POSTS
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.options import archive_dir

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scrapy.crawler import CrawlerProcessBase
    from scrapy.settings import BaseSettings, Settings

# README and docs/operating.md explain the exit codes. 75 is EX_TEMPFAIL of sysexits.h: try again later.
DID_ITS_JOB, NEEDS_A_PERSON, WRONG_USAGE, LOCKED = 0, 1, 2, 75

_REQUIREMENTS = {
    "vl_convert": "requirements-report.txt",
    "redis": "requirements-cluster.txt",
    "scrapy_redis": "requirements-cluster.txt",
}
"""The file that names an optional package, by the package's top module."""


class InProject:
    """Declare what Scrapy sets before it calls a command. Not a command itself: Scrapy would list it."""

    requires_project = True
    settings: Settings
    crawler_process: CrawlerProcessBase


@contextmanager
def wrong_usage(command: str, *errors: type[Exception]) -> Iterator[None]:
    """Print an error as one line, and exit with 2. A missing optional package is such an error, too.

    :param errors: what else than :class:`ArgumentError` is wrong usage
    """
    try:
        yield
    except (ArgumentError, ModuleNotFoundError, *errors) as error:
        what = str(error)
        if isinstance(error, ModuleNotFoundError):
            module = (error.name or "").partition(".")[0]
            if module not in _REQUIREMENTS:
                raise
            what = f"{module} is not installed: install it with python -m pip install -r {_REQUIREMENTS[module]}"
        print(f"scrapy {command}: {what}", file=sys.stderr)
        raise SystemExit(WRONG_USAGE) from None


def named_archive(words: Sequence[str], settings: BaseSettings) -> Path:
    """Return the archive that a command line names, or else that of ``ARCHIVE_DIR``.

    :raises ArgumentError: if there is no archive
    """
    if len(words) > 1:
        raise ArgumentError(f"{' '.join(words)}: name one archive, or none for ARCHIVE_DIR")
    root = Path(words[0] if words else archive_dir(settings)).expanduser()
    if not root.is_dir():
        raise ArgumentError(f"{root}: is no folder that is there")
    if not (root / POSTS).is_dir():
        raise ArgumentError(f"{root}: has no {POSTS}; is it an archive?")
    return root
