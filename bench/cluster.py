"""Measure how a cluster's rate grows with its workers, with and without the pace, and the cost of a killed worker."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT = Path(__file__).parents[1]
# The measurement uses Redis, the hub and the workers of the tests.
sys.path.append(str(PROJECT / "tests"))

from support.hub import Hub, Worker, redis_server  # noqa: E402

from bench.measuring import Row, show  # noqa: E402
from bench.site import MOMENT  # noqa: E402
from zbcrawler.common.times import Clock  # noqa: E402
from zbcrawler.replica import Replica  # noqa: E402
from zbcrawler.replica.past import newsroom_with_past  # noqa: E402

_DELAY = 0.05
_MONTHS = 6


def _fetch(stories: int, workers: int, delay: float, kill_after: int | None = None) -> tuple[float, int]:
    """Run a cluster until its archive is whole.

    :param kill_after: number of posts after which a worker is killed for good
    :returns: pages per second between the first page and the last, and the number of pages fetched again
    """
    newsroom = newsroom_with_past(Clock(MOMENT), stories, _MONTHS)
    with TemporaryDirectory() as name, redis_server(Path(name)) as redis_url, Replica(newsroom) as replica:
        hub = Hub(Path(name), replica.url, redis_url, newsroom, DOWNLOAD_DELAY=delay, WORK_STORIES=stories // 4)
        seed = hub.start("seed", hub.clone("seed"))
        working = [Worker(hub, f"worker-{place}") for place in range(workers)]
        while kill_after and sum(1 for _ in working[0].clone.glob("_posts/*/*/*/*")) < kill_after:
            time.sleep(0.01)
        if kill_after:
            working[0].kill()
        told, _ = seed.communicate()
        assert seed.returncode == 0, told
        for worker in working:
            worker.stop()
        pages = [
            (moment, target)
            for moment, (_, target, _) in zip(replica.moments, replica.requests, strict=True)
            if "/story" in target
        ]
    moments, targets = zip(*sorted(pages), strict=True)
    # The later rounds wait for lost workers and fetch their stories again.
    first = [moment for moment in moments if moment - moments[0] < 3600][: len(set(targets))]
    return (len(first) - 1) / (first[-1] - first[0]), len(targets) - len(set(targets))


def main(stories: int = 600, most: int = 4) -> None:
    """Print the tables."""
    rates = {workers: _fetch(stories, workers, _DELAY)[0] for workers in range(1, most + 1)}
    rows = [Row(f"{workers} workers", [rate], [1 / _DELAY], "pages/s", "at most 1") for workers, rate in rates.items()]
    show("Pages a second at a pace", "the pace agreed", rows)
    rates = {workers: _fetch(stories, workers, 0)[0] for workers in range(1, most + 1)}
    rows = [Row(f"{workers} workers", [rate], [rates[1]], "pages/s") for workers, rate in rates.items()]
    show("Pages a second without a pace", "one worker", rows)
    _, again = _fetch(stories, 3, _DELAY, kill_after=stories // 8)
    row = Row(f"{stories} stories, 3 workers, one killed", [stories + again], [stories], "pages")
    show("Pages fetched in all", "needed", [row])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
