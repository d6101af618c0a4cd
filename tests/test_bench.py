"""Each measurement runs and prints its table. The figures are not tested."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support.crawling import PROJECT
from support.programs import needs

# The measurements that need no other extractors, in small sizes.
SMALL = {
    "bodies": [1],
    "building": [20, 30],
    "commits": [50, 1],
    "large": [100, 1, 30],
    "memory": [30, 15],
    "past": [30, 15],
    "quiet": [1, 30],
    "startup": [1],
    "stories": [30, 1],
    "verifying": [30, 1],
}

NEEDED = {"building": ["jekyll", "hugo"], "commits": ["git"], "verifying": ["git"]}


@pytest.mark.parametrize("name", SMALL)
def test_a_measurement_prints_its_table(name):
    for program in NEEDED.get(name, ()):
        needs(program)
    command = [sys.executable, "-m", f"bench.{name}", *map(str, SMALL[name])]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stderr
    head, _, *rows = [line for line in run.stdout.splitlines() if line.startswith("|")]
    assert "ratio" in head
    assert rows
    assert all(row.count("|") == head.count("|") for row in rows)
