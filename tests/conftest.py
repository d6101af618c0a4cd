"""What tests of several folders share."""

from __future__ import annotations

import pytest
from crawling import MOMENT

from zbcrawler.clock import Clock
from zbcrawler.replica.newsroom import Newsroom


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at ``MOMENT``."""
    return Clock(MOMENT)


@pytest.fixture
def newsroom(clock: Clock) -> Newsroom:
    """A small newsroom with every oddity that fits into 90 stories."""
    return Newsroom(seed=7, clock=clock, stories=90)


@pytest.fixture
def archive(tmp_path):
    """The folder of an archive that does not exist yet."""
    return tmp_path / "archive"
