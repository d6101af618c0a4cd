"""Output that nobody reads to its end: ``scrapy status | head -1``."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from support.crawling import PATIENCE, PROJECT, crawl

from zbcrawler.replica.server import Replica


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["at the end", "in the middle"])
def test_no_command_says_anything_when_the_reader_of_its_output_is_gone(newsroom, archive, tmp_path, unbuffered):
    with Replica(newsroom, "react") as replica:
        crawl("realtime", replica.url, archive, newsroom)
    new = tmp_path / "new"
    new.mkdir()
    here = ("-s", f"ARCHIVE_DIR={archive}")
    commands = [
        ("status", archive),
        ("verify", archive),
        ("verify", "--json", archive),
        ("export", tmp_path / "news.jsonl", archive),
        ("owed", *here),
        ("site", archive, tmp_path / "site"),
        ("probe", next(archive.rglob("*.md"))),
        ("import", "--dry-run", "--quiet", archive / "_posts", "-s", f"ARCHIVE_DIR={new}"),
        ("crawl", "realtime", "--quiet", "-s", "SITE_URL=http://127.0.0.1:1", "-s", "RETRY_TIMES=0", *here),
        ("crawl", "--help"),
        ("replica", "--help"),
    ]
    reader, writer = os.pipe()
    os.close(reader)
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "scrapy", *map(str, command)],
            cwd=PROJECT,
            env=environment,
            stdout=writer,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        for command in commands
    ]
    os.close(writer)
    said = [run.communicate(timeout=PATIENCE)[1] for run in runs]
    assert said == [""] * len(commands)
    assert all(run.returncode in (0, 1) for run in runs)
