"""A command that lacks an optional package says in one line what to install, and does nothing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from support.crawling import PROJECT, tree

BLOCKER = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
"""


@pytest.fixture
def run_without(tmp_path):
    """Return a function that runs ``scrapy`` in a new process, as if packages were not installed."""

    def run(packages, *words, **variables):
        (tmp_path / "sitecustomize.py").write_text(BLOCKER.format(names=packages), "utf-8")
        environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "utf-8", **variables}
        command = [sys.executable, "-m", "scrapy", *map(str, words)]
        return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, encoding="utf-8", check=False)

    return run


@pytest.mark.parametrize("words", [["crawl", "work"], ["import", "."], ["probe", "README.md"]])
def test_a_cluster_names_the_requirements_of_clusters(archive, run_without, words):
    run = run_without(("redis",), *words, "-s", f"ARCHIVE_DIR={archive}", SCRAPY_PROJECT="cluster")
    assert run.returncode == 2, run.stderr
    assert run.stderr == (
        f"scrapy {words[0]}: redis is not installed:"
        " install it with python -m pip install -r requirements-cluster.txt\n"
    )
    assert (run.stdout, tree(archive)) == ("", {})


def test_one_machine_needs_no_optional_package(archive, run_without):
    run = run_without(("redis",), "crawl", "nothing", "-s", f"ARCHIVE_DIR={archive}")
    assert (run.returncode, run.stderr) == (2, "scrapy crawl: nothing: name one of backfill, realtime, story\n")
    assert run_without(("redis",), "owed", "-s", f"ARCHIVE_DIR={archive}").returncode == 0
