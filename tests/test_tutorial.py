"""The tutorial of a first archive: its commands, as a reader would paste them, against the replica."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

import pytest
from support.programs import needs

PROJECT = Path(__file__).parents[1]
TUTORIAL = PROJECT / "docs/tutorials/first-archive.md"


def blocks_of(tutorial):
    return re.findall(r"^```sh\n(.*?)^```", tutorial.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", ["README", "docs/tutorials/first-archive"])
def test_both_languages_have_the_same_commands(page):
    english, chinese = (
        # Comments, a name and the address of the repository are words.
        [re.sub(r" +# .*|git (clone|config) .*", "", block) for block in blocks_of(PROJECT / f"{page}{suffix}")]
        for suffix in (".md", ".zh.md")
    )
    assert english == chinese
    assert len(english) >= 3


@pytest.fixture
def reader(tmp_path):
    """Return a function that runs a block of the tutorial, and one that has it run while the ``with`` block lasts."""
    needs("git")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:00Z")
    env = {**os.environ, "HOME": str(tmp_path), "NOW": now}

    def words_of(block):
        text = block.replace("8123", str(port)).replace(" --serve", "").replace("NOW=", "UNUSED=")
        return ["bash", "-c", text.replace(".venv/bin/scrapy", f"{sys.executable} -m scrapy")]

    def run(block):
        return subprocess.run(
            words_of(block), cwd=PROJECT, env=env, capture_output=True, encoding="utf-8", check=False, timeout=120
        )

    @contextmanager
    def background(block):
        words = words_of(block.replace(".venv/bin/scrapy", "exec .venv/bin/scrapy"))
        with subprocess.Popen(words, cwd=PROJECT, env=env, stdout=subprocess.PIPE, encoding="utf-8") as program:
            assert "listens on" in program.stdout.readline()
            yield
            program.terminate()

    return run, background


def test_each_step_leads_where_the_tutorial_says(reader):
    run, background = reader
    blocks = [block for block in blocks_of(TUTORIAL) if "git clone" not in block and "~/news" not in block]
    name, site, init, settings, crawl, look, website, quiet, redesigned, failing, healed, status, checks = blocks
    assert run(name).returncode == 0
    with background(site):
        assert "its own git repository" in run(init).stdout
        assert run(settings).returncode == 0
        first = run(crawl)
        assert first.returncode == 0
        assert "committed: 120 new" in first.stdout
        assert ".md" in run(look).stdout
        assert run(website).stdout.startswith("120 stories")
        assert run(quiet).stdout == "0\n"
    with background(redesigned):
        run_that_fails = run(failing)
        assert run_that_fails.returncode == 1
        assert re.search(r"learnt-\S+ reads the new pages", run_that_fails.stdout)
        next_run = run(healed)
        assert next_run.returncode == 0
        assert "committed: 177 new" in next_run.stdout
    assert run(status).returncode == 0
    assert run(checks).returncode == 0
