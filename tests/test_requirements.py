"""The ranges of the required packages."""

from __future__ import annotations

import re

import pytest
from support.crawling import PROJECT

LINES = [
    line
    for path in sorted(PROJECT.glob("requirements*.txt"))
    for line in path.read_text("utf-8").splitlines()
    if line and not line.startswith(("#", "-r "))
]


@pytest.mark.parametrize("line", LINES)
def test_every_requirement_has_a_lowest_version_and_ends_before_the_next_incompatible_one(line):
    found = re.fullmatch(r'[\w-]+>=([\d.]+),<(\d+)(?:\.(\d+))?(?:; python_version < "[\d.]+")?', line)
    assert found, line
    lowest = [int(part) for part in found[1].split(".")]
    major, minor = int(found[2]), found[3]
    # Packages below 1.0 may change with every minor version.
    assert (major, minor is None) > (lowest[0], True) or (major == lowest[0] == 0 and int(minor) > lowest[1])


def test_ci_runs_with_the_lowest_versions():
    text = (PROJECT / ".ci" / "run").read_text("utf-8")
    assert "--resolution lowest-direct" in text
    assert ".lowest/bin/python -m pytest" in text
