from __future__ import annotations

import shutil
from pathlib import Path

from support.crawling import scrapy
from support.programs import needs


def test_demo_shows_the_whole_job(tmp_path, monkeypatch):
    needs("git")
    # As inside a git hook: the demo must not write into the caller's repository.
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "callers.git"))
    run = scrapy("demo")
    assert not (tmp_path / "callers.git").exists()
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    folder = Path(run.stdout.strip().splitlines()[-1].rpartition(" ")[2])
    try:
        assert len(list(folder.glob("_posts/2026/01/*/*.md"))) > 80
        crawls = [line for line in run.stdout.splitlines() if line.startswith("china: ")]
        assert ["china: 0 new, 0 changed" in line for line in crawls] == [False, True, False]
        assert "china: 1 new, 4 changed" in crawls[2]
        assert "7 files changed" in run.stdout
        assert "create mode 100644 _posts/2026/01/31/" in run.stdout
        assert "layout: post\n" in run.stdout
        assert "</div>\n" in run.stdout
    finally:
        shutil.rmtree(folder.parent)
