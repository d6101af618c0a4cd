"""What tests of several folders share."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings
from support.crawling import MOMENT

from zbcrawler.common.clock import Clock
from zbcrawler.replica.newsroom import Newsroom

# No test is timed: the machines are shared. In CI the same examples come up every time.
settings.register_profile("zbcrawler", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("zbcrawler")


def pytest_xdist_auto_num_workers() -> int:
    """More workers than processors: most of a test that crawls is waiting."""
    return 2 * (os.cpu_count() or 1)


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
    """The folder of an archive that is yet to begin."""
    folder = tmp_path / "archive"
    folder.mkdir()
    return folder
