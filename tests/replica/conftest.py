"""Fixtures of the replica's tests: a clock that stands, and plain HTTP requests."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest
from support.crawling import PATIENCE

from zbcrawler.common.times import Clock
from zbcrawler.replica import Newsroom, Replica

from .reading import EDITIONS

NOW = "2026-01-31T08:00:00+08:00"


@pytest.fixture
def clock():
    return Clock.parse(NOW)


@pytest.fixture
def newsroom(clock):
    return Newsroom(1, clock)


@pytest.fixture(params=EDITIONS)
def replica(request, newsroom):
    with Replica(newsroom, request.param) as running:
        yield running


@pytest.fixture
def get(replica):
    """Return a function that fetches a path of the replica: ``get(path) -> (status, headers, body)``."""

    def fetch(target, method="GET", timeout=PATIENCE):
        connection = http.client.HTTPConnection(urlsplit(replica.url).netloc, timeout=timeout)
        try:
            connection.request(method, target)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    return fetch
