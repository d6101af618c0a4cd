"""A run that is forked from a warm process is like one of a new interpreter."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from support import warm
from support.crawling import PATIENCE, PROJECT, scrapy

pytestmark = [pytest.mark.quick, pytest.mark.skipif(not warm.POSSIBLE, reason="every run starts from nothing here")]


def environment():
    return {**os.environ, "PYTHONIOENCODING": "utf-8"}


@pytest.mark.parametrize("words", [["crawl", "nothing"], ["crawl", "-h"], ["settings", "--get", "BOT_NAME"]])
def test_output_and_exit_code_are_the_same(words):
    run = warm.run(words, environment(), PATIENCE)
    cold = subprocess.run(
        [sys.executable, "-m", "scrapy", *words],
        cwd=PROJECT,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (cold.returncode, cold.stdout, cold.stderr)


def test_a_run_that_takes_too_long_is_killed_and_the_next_one_works():
    for _ in range(2):  # each of the two starters
        with pytest.raises(subprocess.TimeoutExpired):
            warm.run(["replica", "--port", "0"], environment(), 0.5)
    assert scrapy("version").returncode == 0


def test_variables_that_python_reads_at_its_start_need_a_new_interpreter(monkeypatch):
    monkeypatch.setenv("PYTHONWARNINGS", "error::UserWarning")
    assert warm.run(["version"], environment(), PATIENCE) is None
    assert scrapy("version").returncode == 0
