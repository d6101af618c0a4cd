"""Run real crawls of the replica, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from support import warm
from zbcrawler.common.times import SINGAPORE
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica

PROJECT = warm.PROJECT
# Seconds that a run may take before its test fails. No test depends on the machine's speed.
PATIENCE = 300
MOMENT = datetime(2026, 1, 31, 12, 0, tzinfo=SINGAPORE)
AT_FULL_SPEED = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": 0,
    "CONCURRENT_REQUESTS": 8,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
}


def scrapy(*words: object, cwd: Path = PROJECT) -> subprocess.CompletedProcess[str]:
    """Run ``scrapy`` in the project, without a terminal. Return its output and exit code.

    :param cwd: another copy of the project
    """
    texts = list(map(str, words))
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    if warm.POSSIBLE and cwd == PROJECT and (run := warm.run(texts, environment, PATIENCE)):
        return run
    command = [sys.executable, "-m", "scrapy", *texts]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False
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
    :param settings: in addition to those that make the run fast
    :param arguments: the spider's
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
    """Start ``scrapy crawl`` as :func:`crawl` does, and do not wait for its end."""
    clock = newsroom.clock.now().isoformat()
    given = {"SITE_URL": site, "ARCHIVE_DIR": archive, "CLOCK": clock, **AT_FULL_SPEED, **settings}
    command = [sys.executable, "-m", "scrapy", "crawl", spider, *map(str, words), *_options("-s", given)]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")


def hosts_of(*replicas: Replica) -> dict[str, str]:
    """Return the setting by which replicas at other addresses belong to the site."""
    return {"SITE_HOSTS": ",".join(urlsplit(replica.url).netloc for replica in replicas)}


def _options(flag: str, given: dict[str, object]) -> list[str]:
    return [word for name, value in given.items() for word in (flag, f"{name}={value}")]


def wait_for(condition: Callable[[], object], process: subprocess.Popen[str] | None = None) -> None:
    """Wait until another process has done something.

    :param process: fail at once if this process ends before
    """
    end = time.monotonic() + PATIENCE
    while not condition():
        assert process is None or process.poll() is None, f"the process ended: {process.communicate()}"
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def tree(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder by their relative path, without git's files and the state of runs."""
    others = {".git", ".gitattributes", ".zbcrawler"}
    files = (path for path in folder.rglob("*") if path.is_file() and not others & set(path.parts))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return the same as :func:`tree`, with the time at which each file was written."""
    return {name: (data, (folder / name).stat().st_mtime_ns) for name, data in tree(folder).items()}
