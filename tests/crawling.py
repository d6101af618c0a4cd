"""Runs real crawls of the replica, in processes of their own, as a user would."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from zbcrawler.times import SINGAPORE

if TYPE_CHECKING:
    from zbcrawler.replica.newsroom import Newsroom

PROJECT = Path(__file__).parents[1]
MOMENT = datetime(2026, 1, 31, 12, 0, tzinfo=SINGAPORE)
AT_FULL_SPEED = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": 0,
    "CONCURRENT_REQUESTS": 8,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
}


def scrapy(*words: object, cwd: Path = PROJECT, **options: object) -> subprocess.CompletedProcess[str]:
    """Runs ``scrapy`` in the project, without a terminal; gives its output and exit code.

    :param cwd: another copy of the project
    """
    command = [sys.executable, "-m", "scrapy", *map(str, words)]
    # Whatever the machine's locale, the output is read as UTF-8.
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
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
    """Runs ``scrapy crawl`` on a replica, at the newsroom's time.

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
    command: list[object] = ["crawl", spider, *words]
    for name, value in given.items():
        command += ["-s", f"{name}={value}"]
    for name, value in arguments.items():
        command += ["-a", f"{name}={value}"]
    return scrapy(*command)


def tree(folder: Path) -> dict[str, bytes]:
    """The files of a folder by their relative path, ``.git`` left out."""
    files = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
