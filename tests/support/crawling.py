"""Runs real crawls of the replica, in processes of their own, as a user would."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from zbcrawler.common.times import SINGAPORE

if TYPE_CHECKING:
    from zbcrawler.replica.newsroom import Newsroom

PROJECT = Path(__file__).parents[2]
MOMENT = datetime(2026, 1, 31, 12, 0, tzinfo=SINGAPORE)
AT_FULL_SPEED = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": 0,
    "CONCURRENT_REQUESTS": 8,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
}


def _users() -> dict[str, str]:
    """Return the environment, with Python keeping what it has compiled: else each of a thousand runs does it again."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def scrapy(*words: object, cwd: Path = PROJECT, **options: object) -> subprocess.CompletedProcess[str]:
    """Run ``scrapy`` in the project, without a terminal; gives its output and exit code.

    :param cwd: another copy of the project
    """
    command = [sys.executable, "-m", "scrapy", *map(str, words)]
    # Whatever the machine's locale, the output is read as UTF-8.
    environment = {**_users(), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        **options,
    )


def crawl(
    spider: str,
    site: str,
    archive: Path,
    newsroom: Newsroom,
    *words: object,
    settings: dict | None = None,
    **arguments: object,
) -> subprocess.CompletedProcess[str]:
    """Run ``scrapy crawl`` on a replica, at the newsroom's time.

    :param words: further words of the command line
    :param settings: beside those that make it fast
    :param arguments: of the spider
    """
    given = {
        "SITE_URL": site,
        "ARCHIVE_DIR": archive,
        "CLOCK": newsroom.clock.now().isoformat(),
        **AT_FULL_SPEED,
        **(settings or {}),
    }
    return scrapy("crawl", spider, *words, *_options("-s", given), *_options("-a", arguments))


def start_crawl(
    site: str, archive: Path, newsroom: Newsroom, *words: object, spider: str = "realtime", **settings: object
) -> subprocess.Popen[str]:
    """Start ``scrapy crawl`` as :func:`crawl` does, and does not wait for it."""
    clock = newsroom.clock.now().isoformat()
    given = {"SITE_URL": site, "ARCHIVE_DIR": archive, "CLOCK": clock, **AT_FULL_SPEED, **settings}
    command = [sys.executable, "-m", "scrapy", "crawl", spider, *map(str, words), *_options("-s", given)]
    return subprocess.Popen(
        command, cwd=PROJECT, env=_users(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )


def _options(flag: str, given: dict[str, object]) -> list[str]:
    return [word for name, value in given.items() for word in (flag, f"{name}={value}")]


def tree(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their relative path, but git's and what runs keep to themselves."""
    files = (path for path in folder.rglob("*") if path.is_file() and not {".git", ".zbcrawler"} & set(path.parts))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    """As :func:`tree`, with the times at which the files were written."""
    return {name: (data, (folder / name).stat().st_mtime_ns) for name, data in tree(folder).items()}
