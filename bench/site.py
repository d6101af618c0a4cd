"""The replica, and its two crawlers: zbcrawler and a bare Scrapy project."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from bench.measuring import Cost, cost_of
from zbcrawler.common.times import SINGAPORE, Clock
from zbcrawler.replica import Newsroom, Replica

PROJECT = Path(__file__).parents[1]
BARE = Path(__file__).parent / "bare"
MOMENT = datetime(2026, 1, 31, 12, 0, tzinfo=SINGAPORE)
SECTIONS = 3
# At the site's pace a crawl mostly waits, which hides the cost of a story.
AT_FULL_SPEED = (
    *("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0"),
    *("-s", "CONCURRENT_REQUESTS=8", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=8"),
)


def newsroom(stories: int) -> Newsroom:
    """Return a newsroom of this number of stories, which are always the same."""
    return Newsroom(seed=11, clock=Clock(MOMENT), stories=stories)


def crawl(
    replica: Replica,
    archive: Path,
    *words: object,
    pages: int = 10,
    spider: str = "realtime",
    allowed: tuple[int, ...] = (0,),
) -> Cost:
    """Run ``scrapy crawl``.

    :param pages: argument of ``realtime``
    :param allowed: exit codes
    """
    archive.mkdir(parents=True, exist_ok=True)
    settings = ("-s", f"SITE_URL={replica.url}", "-s", f"ARCHIVE_DIR={archive}", "-s", f"CLOCK={MOMENT.isoformat()}")
    arguments = ("-a", f"pages={pages}") if spider == "realtime" else ()
    command = (sys.executable, "-m", "scrapy", "crawl", spider, *AT_FULL_SPEED, *settings, *arguments)
    return cost_of((*command, *words), PROJECT, allowed)


def pages_asked(replica: Replica, since: int = 0) -> list[str]:
    """Return the requested addresses of the replica, without robots.txt."""
    return [replica.url + target for _, target, _ in replica.requests[since:] if target != "/robots.txt"]


def bare(spider: str, pages: Path, folder: Path, *words: object) -> Cost:
    """Run a spider of the bare project, which fetches the pages of a list.

    :param pages: a file with one address per line
    :param folder: for the spider's files
    """
    folder.mkdir(parents=True, exist_ok=True)
    arguments = ("-a", f"pages={pages}", "-a", f"folder={folder}")
    return cost_of((sys.executable, "-m", "scrapy", "crawl", spider, *AT_FULL_SPEED, *arguments, *words), BARE)
