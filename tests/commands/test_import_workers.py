"""``scrapy import`` with several processes does and says what it does with one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.crawling import PROJECT, scrapy, tree
from support.old_posts import LINK, old_post, paragraphs, write


def numbered(number: int, **parts: str) -> str:
    return old_post(link=LINK.replace("1154260", str(number)), **parts)


@pytest.fixture
def old(tmp_path):
    """Posts of which some cannot be read, and some are versions of others."""
    folder = tmp_path / "old"
    write(folder, **{f"p{number}": numbered(number + 1) for number in range(40)})
    write(folder / "again", a=numbered(3, body=paragraphs("甲", "乙")), b=numbered(4), c=numbered(5, body=""))
    write(folder / "bad", a=numbered(100).encode("gb18030"), b=numbered(101, body='<div id="imu">广告</div>'))
    return folder


@pytest.fixture
def many(tmp_path):
    """So many posts that an import takes some seconds."""
    folder = tmp_path / "many"
    write(folder, **{f"p{number}": numbered(number + 1) for number in range(2000)})
    return folder


def test_two_processes_do_and_say_what_one_does(old, tmp_path):
    told = []
    for count in (1, 2, 7):
        archive, removed = tmp_path / f"archive{count}", tmp_path / f"removed{count}"
        archive.mkdir()
        settings = ("-s", f"IMPORT_WORKERS={count}", "-s", f"ARCHIVE_DIR={archive}")
        run = scrapy("import", old, *settings, "--removed", removed)
        lines = [line for line in run.stdout.splitlines() if str(archive) not in line]
        told.append((run.returncode, sorted(lines), tree(archive), sorted(removed.read_text("utf-8").splitlines())))
        assert "Traceback" not in run.stderr
    assert told[0] == told[1] == told[2]
    assert told[0][0] == 1
    assert len(told[0][2]) == 40
    assert any(line.startswith("note: ") for line in told[0][1])


def start(many: Path, archive: Path) -> tuple[subprocess.Popen[str], list[int]]:
    """Return an import that is at work; and its workers."""
    command = [sys.executable, "-m", "scrapy", "import", many, "-s", f"ARCHIVE_DIR={archive}", "-s", "IMPORT_WORKERS=2"]
    process = subprocess.Popen(
        [*command, "--quiet"], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
    )
    while process.poll() is None and not list((archive / "_posts").glob("*/*/*/*.md")):
        time.sleep(0.01)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    # Python keeps a process that looks after what the others share.
    workers = [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
    assert len(workers) == 2
    return process, workers


def test_a_killed_process_is_told_of_and_the_next_run_completes(many, archive):
    process, workers = start(many, archive)
    os.kill(workers[0], signal.SIGKILL)
    summary, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "failed: import: one of its processes was killed (exit code -9); run it again\n" in summary
    assert "posts were not dealt with" in summary
    assert 0 < len(tree(archive)) < 2000
    again = scrapy("import", many, "-s", f"ARCHIVE_DIR={archive}")
    assert again.returncode == 0, again.stdout
    assert len(tree(archive)) == 2000


def test_processes_end_when_the_first_one_is_killed(many, archive):
    process, workers = start(many, archive)
    process.kill()
    process.communicate()
    end = time.monotonic() + 30
    while time.monotonic() < end and any(Path(f"/proc/{worker}").exists() for worker in workers):
        time.sleep(0.05)
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    assert list((archive / ".zbcrawler" / "tmp").iterdir()) == []
