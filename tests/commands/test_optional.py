"""A command that lacks an optional package says in one line what to install, and does nothing."""

from __future__ import annotations

import pytest
from support.crawling import scrapy, tree

BLOCKER = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
"""


@pytest.fixture
def without(tmp_path, monkeypatch):
    """Make processes behave as if packages were not installed."""

    def block(*names):
        folder = tmp_path / "blocker"
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(BLOCKER.format(names=names), "utf-8")
        monkeypatch.setenv("PYTHONPATH", str(folder))

    return block


def test_a_report_names_the_requirements_of_reports(archive, tmp_path, without):
    (archive / "_posts").mkdir()
    (archive / "_posts" / "x.md").write_bytes(b"\xef\xbb\xbf")
    before = tree(archive)
    without("vl_convert")
    run = scrapy("verify", archive, "--fix", "--report", tmp_path / "report.html")
    assert run.returncode == 2
    assert run.stderr == (
        "scrapy verify: vl_convert is not installed: install it with python -m pip install -r requirements-report.txt\n"
    )
    assert run.stdout == ""
    assert tree(archive) == before
    assert not (tmp_path / "report.html").exists()
    assert scrapy("verify", archive).returncode == 1


@pytest.mark.parametrize("module", ["redis", "scrapy_redis"])
@pytest.mark.parametrize("words", [["crawl", "work"], ["import", "."], ["probe", "README.md"]])
def test_a_cluster_names_the_requirements_of_clusters(archive, without, monkeypatch, words, module):
    without(module)
    monkeypatch.setenv("SCRAPY_PROJECT", "cluster")
    run = scrapy(*words, "-s", f"ARCHIVE_DIR={archive}")
    assert run.returncode == 2, run.stderr
    assert run.stderr == (
        f"scrapy {words[0]}: {module} is not installed:"
        " install it with python -m pip install -r requirements-cluster.txt\n"
    )
    assert (run.stdout, tree(archive)) == ("", {})


def test_one_machine_needs_no_optional_package(archive, without):
    without("vl_convert", "redis", "scrapy_redis")
    run = scrapy("crawl", "nothing", "-s", f"ARCHIVE_DIR={archive}")
    assert (run.returncode, run.stderr) == (2, "scrapy crawl: nothing: name one of backfill, realtime, story\n")
    assert scrapy("owed", "-s", f"ARCHIVE_DIR={archive}").returncode == 0
