"""The command line: wrong usage, exit codes, output."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest
from support.crawling import AT_FULL_SPEED, PATIENCE, PROJECT, crawl, scrapy

from zbcrawler.replica.server import Replica


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["realtime", "-a", "section=china"],
            "section: unknown argument; allowed: sections, pages, since, recheck, owed",
        ),
        (["realtime", "-a", "sections=/china"], "write section paths such as china,world,singapore"),
        (["realtime", "-a", "pages=0"], "write a whole number from 1 to 10000"),
        (["realtime", "-a", "since=2026-02-30"], "write a day of the calendar as YYYY-MM-DD"),
        (["realtime", "-a", "recheck=soon"], "write hours or days, such as 36h or 2d"),
        (["story"], "url: missing"),
        (["story", "-a", "url=https://example.org/story20210610-1"], "not the address of a story"),
        (["realtime", "-s", "SITE_URL=zaobao"], "write a site's address"),
        (["realtime", "-a", "owed=later"], "write now, or leave it out"),
        (["realtime", "-s", "NEWEST_LIMIT=2d,china=soon"], "write hours or days such as 2d, off"),
        (["realtime", "-s", "FAILED_LIMIT=-1"], "write a number from 0 up"),
        (["realtime", "-s", "GIVE_UP_AFTER=0"], "write a number from 1 up"),
        (["realtime", "-s", "ALARM_WEBHOOK=ftp://x"], "write an address that begins with https://"),
        (["realtime", "-s", "ALARM_COMMAND=mail '"], "write a command as for a shell"),
        (["realtime", "--summary-json", "/nowhere/summary.json"], "name a file in an existing folder"),
        (["realtime", "-s", "ARCHIVE_DIR=/nowhere/archive"], "is not there. If this is to be a new archive: mkdir -p"),
        (["realtime", "-s", "ARCHIVE_DIR="], "write a folder"),
        (["realtime", "-s", "CLOCK=noon"], "not a time of 1970 to 2199 with a zone"),
        (["realtime", "-s", "ARCHIVE_DIR=README.md"], "write a folder"),
        (["realtime", "-a", "name=x"], "name: unknown argument"),
        (["realtime", "-s", "DOWNLOAD_DELAI=5"], "DOWNLOAD_DELAI: unknown setting; did you mean DOWNLOAD_DELAY?"),
        (["realtime", "--quiet", "-s", "ARCHIVE_COMIT=1"], "did you mean ARCHIVE_COMMIT?"),
        (["realtime", "--quiet", "-s", "ARCHIVE_COMMIT=yes"], "ARCHIVE_COMMIT=yes: write 1 or 0"),
        (["realtime", "-s", "DOWNLOAD_DELAY=fast"], "DOWNLOAD_DELAY=fast: write a number"),
        (["realtime", "-s", "RETRY_TIMES="], "RETRY_TIMES=: write a whole number"),
        (["nothing"], "name one of backfill, realtime, story"),
        ([], "name one of backfill, realtime, story"),
    ],
)
def test_wrong_usage_is_one_line_and_asks_nothing(words, said, newsroom):
    with Replica(newsroom) as replica:
        given = [] if "SITE_URL=zaobao" in words else ["-s", f"SITE_URL={replica.url}"]
        run = scrapy("crawl", *words, *given)
        assert replica.requests == []
    assert run.returncode == 2
    assert said in run.stderr
    assert run.stderr.count("\n") == 1
    assert run.stdout == ""


def test_a_setting_of_an_add_on_is_nobody_s_mistake(newsroom, archive):
    with Replica(newsroom) as replica:
        run = crawl(
            "realtime", replica.url, archive, newsroom, settings={"SOME_ADD_ON": "yes", "KEEP_PICTURES": "False"}
        )
    assert run.returncode == 0, run.stdout


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
    assert f"archive {archive}" in run.stdout.splitlines()[-1]


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
    assert "ok: archive" in summary
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
