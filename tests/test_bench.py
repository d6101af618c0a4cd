"""Each measurement runs and prints its table. The figures are not tested."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest
from support.crawling import PROJECT
from support.programs import needs

from bench import rechecks

# The measurements that need no other extractors, in small sizes.
SMALL = {
    "bodies": [1],
    "catalogue": [20, 30],
    "history": [200, 1],
    "importing": [30, 1],
    "memory": [30, 15],
    "past": [30, 15],
    "quiet": [1, 30],
    "startup": [1],
    "stories": [30, 1],
    "repeated": [90, 1],
    "verifying": [30, 1],
}

NEEDED = {"catalogue": ["git"], "history": ["git"], "verifying": ["git"]}


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


def test_the_table_of_redesigns_has_a_line_for_each_change():
    command = [sys.executable, "-m", "bench.redesigns", "40", "react-amp", "astro-drupal"]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stderr
    _, _, *rows = [line.split(" | ")[:2] for line in run.stdout.splitlines() if line.startswith("|")]
    assert rows == [["| react", "amp"], ["| astro", "drupal"]]


def test_our_rechecks_find_more_edits_than_diffengine_s_with_fewer_requests_than_newsdiffs():
    stories = rechecks.published_stories(2, rechecks.EXPECTED)
    found = {
        name: rechecks.simulate(stories, schedule, timedelta(hours=1)) for name, schedule in rechecks.SCHEDULES.items()
    }
    ours = found["zbcrawler"]
    assert ours.edits > 100
    assert ours.found >= found["diffengine"].found
    assert ours.versions >= found["diffengine"].versions
    assert ours.requests <= found["NewsDiffs"].requests / 2
    assert ours.last >= 0.99 * ours.edited
