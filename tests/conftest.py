"""What the tests of several folders share; also the order of the tests, and which of them are quick."""

from __future__ import annotations

import os
import signal
from itertools import groupby

import pytest
from hypothesis import settings
from support.crawling import MOMENT

from zbcrawler.common.times import Clock
from zbcrawler.replica.newsroom import Newsroom

# No test has a deadline, because the machine may be loaded. In CI the same examples come up every time.
settings.register_profile("zbcrawler", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("zbcrawler")

# A shell that starts the tests in the background lets them ignore Ctrl-C, which some tests send to their processes.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The files with the longest tests, the longest first, then the folders whose tests run crawls. All others come last.
LONGEST = (
    "/test_cluster.py /test_kills.py /test_long_backfill.py /test_history.py /test_reading.py /test_every_edition.py "
    "/test_faults.py /test_import_workers.py /test_probe.py /test_bench.py /test_demo.py "
    "/unattended/ /spiders/ /downloading/ /commands/ /tools/ /test_costs.py /hostile/"
).split()

# The tests of these files share fixtures that take seconds: one worker runs them all.
TOGETHER = ("/test_reading.py", "/test_report.py", "/test_builds.py")

# The smoke set: folders whose tests run no crawl. Elsewhere some tests that run one are marked themselves.
QUICK = (
    "/archive/ /cleaning/ /common/ /discovery/ /editions/ /extensions/ /judge/ /pipelines/ /replica/ /test_structure.py "
    "/test_attacks.py /test_fields.py /test_files.py /test_reader.py /test_terms.py /test_days.py"
).split()


def pytest_xdist_auto_num_workers() -> int:
    """Return more workers than processors: a test that crawls waits most of the time."""
    return 2 * (os.cpu_count() or 1)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]):
    """Mark the quick tests before pytest chooses by marks; afterwards put the longest tests first."""
    for item in items:
        quick = any(part in item.nodeid for part in QUICK)
        if quick and "/test_command.py" not in item.nodeid and not item.get_closest_marker("full"):
            item.add_marker("quick")
    yield
    items.sort(key=_place)
    # With --dist=worksteal each worker starts with an equal part of the list: deal the tests like cards.
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    blocks = [list(block) for _, block in groupby(items, _block)]
    items[:] = [item for worker in range(workers) for block in blocks[worker::workers] for item in block]


def _block(item: pytest.Item) -> str:
    return next((part for part in TOGETHER if part in item.nodeid), item.nodeid)


def _place(item: pytest.Item) -> int:
    return next((place for place, part in enumerate(LONGEST) if part in item.nodeid), len(LONGEST))


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands at ``MOMENT``."""
    return Clock(MOMENT)


@pytest.fixture
def newsroom(clock: Clock) -> Newsroom:
    """Return a small newsroom with every oddity that fits into 90 stories."""
    return Newsroom(seed=7, clock=clock, stories=90)


@pytest.fixture
def archive(tmp_path):
    """Return the empty folder of an archive."""
    folder = tmp_path / "archive"
    folder.mkdir()
    return folder
