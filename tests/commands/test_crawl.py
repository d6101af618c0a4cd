"""The command line: exit codes, output."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest
from support.crawling import AT_FULL_SPEED, PATIENCE, PROJECT, crawl

from zbcrawler.replica.server import Replica


def test_a_setting_of_an_add_on_is_nobody_s_mistake(newsroom, archive):
    with Replica(newsroom) as replica:
        run = crawl(
            "realtime", replica.url, archive, newsroom, settings={"SOME_ADD_ON": "yes", "KEEP_PICTURES": "False"}
        )
    assert run.returncode == 0, run.stdout


def test_a_run_that_cannot_begin_says_why_and_shows_no_traceback(newsroom, archive):
    run = crawl("realtime", "http://127.0.0.1:1", archive, newsroom, settings={"SCHEDULER": "collections.OrderedDict"})
    assert run.returncode == 1
    assert "failed: the run could not begin: The provided scheduler class (collections.OrderedDict)" in run.stdout
    assert "Traceback" not in run.stderr


def test_quiet_is_silent_on_a_good_run_and_not_on_a_bad_one(newsroom, archive):
    with Replica(newsroom, "react") as replica:
        good = crawl("realtime", replica.url, archive, newsroom, "--quiet")
        replica.redesign("story")
        newsroom.publish("china")
        bad = crawl("realtime", replica.url, archive, newsroom, "--quiet")
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    assert bad.returncode == 1
    assert "failed: http://127.0.0.1:" in bad.stdout
    assert "no known edition" in bad.stdout
    assert bad.stderr == ""


@pytest.mark.quick
def test_the_summary_says_what_came_of_each_section(newsroom, archive):
    with Replica(newsroom, "react") as replica:
        run = crawl("realtime", replica.url, archive, newsroom)
    sections = [line.split(":")[0] for line in run.stdout.splitlines()]
    assert sections == ["china", "world", "singapore", "ok"]
    assert "1 owed" in run.stdout
    assert "skipped (1 audio brief, 1 node, 1 other host, 1 podcast, 1 video)" in run.stdout
    assert f"the archive is in {archive};" in run.stdout.splitlines()[-1]


def test_log_lines_name_stories_and_do_not_print_them(newsroom, archive):
    story = newsroom.publish("china")[0]
    with Replica(newsroom, "react") as replica:
        run = crawl("realtime", replica.url, archive, newsroom, "-L", "DEBUG")
    assert f"new: {story.url}" in run.stderr
    assert "<p>" not in run.stderr


def test_a_terminal_gets_a_progress_bar(newsroom, archive):
    with Replica(newsroom, "react") as replica:
        settings = {"SITE_URL": replica.url, "ARCHIVE_DIR": archive, "CLOCK": newsroom.clock.now().isoformat()}
        command = [sys.executable, "-m", "scrapy", "crawl", "realtime"]
        for name, value in {**settings, **AT_FULL_SPEED}.items():
            command += ["-s", f"{name}={value}"]
        terminal, child_end = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
        process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=child_end, encoding="utf-8")
        os.close(child_end)
        shown = b""
        while chunk := _read(terminal):
            shown += chunk
        summary, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert f"ok: {len(newsroom.expected())} new stories; the archive is in {archive}; " in summary
    last = shown.decode("utf-8", "replace").replace("\r", "\n").strip().splitlines()[-1]
    assert "stories" in last
    assert "pages" in last
    assert "new" in last
    assert "0 failed" in last
    assert "INFO" not in shown.decode("utf-8", "replace")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end was closed
        return b""
